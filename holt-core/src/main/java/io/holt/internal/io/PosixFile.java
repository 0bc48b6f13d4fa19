package io.holt.internal.io;

import io.holt.api.HoltIoException;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file by pread and pwrite, and by stores where it is mapped. It has two descriptors if it is to be read and written
 * past the page cache: requests that are aligned go to the direct one, others to the cached one, and the kernel keeps
 * both in step.
 */
class PosixFile implements IoFile {

    private static final Logger LOG = LoggerFactory.getLogger(PosixFile.class);

    /** The most that Linux transfers in one call. */
    static final long MAX_CALL_BYTES = 0x7fff_f000L;

    private static final int OWNER_AND_GROUP = 0640;
    private static final int NONE = -1;
    private static final int BLOCK_BYTES = 512;

    final UseGate gate;
    private final Path path;
    private final int cachedFd;
    private final int directFd;
    private volatile boolean direct;

    /** Null if writes are calls. */
    private volatile FileMapping mapping;

    private PosixFile(Path path, int cachedFd, int directFd) {
        this.path = path;
        this.cachedFd = cachedFd;
        this.directFd = directFd;
        this.direct = directFd != NONE;
        this.gate = new UseGate(path);
    }

    /** For engines that carry out batches in their own way. */
    PosixFile(PosixFile opened) {
        this(opened.path, opened.cachedFd, opened.directFd);
    }

    static PosixFile open(Path path, OpenMode mode, Caching caching) {
        int flags = NativeCalls.O_CLOEXEC | flags(mode);
        int cached = NativeCalls.open(path.toString(), flags, OWNER_AND_GROUP);
        if (cached < 0) {
            throw IoFailures.ofCall("open", path, -cached);
        }
        int direct = NONE;
        if (caching == Caching.DIRECT) {
            int existing = flags & ~(NativeCalls.O_CREAT | NativeCalls.O_EXCL);
            direct = NativeCalls.open(path.toString(), existing | NativeCalls.O_DIRECT, 0);
            if (direct == -Errno.EINVAL) {
                LOG.info("{}: the file system refuses O_DIRECT, going through the page cache", path);
                direct = NONE;
            } else if (direct < 0) {
                NativeCalls.close(cached);
                throw IoFailures.ofCall("open past the page cache", path, -direct);
            }
        }
        return new PosixFile(path, cached, direct);
    }

    private static int flags(OpenMode mode) {
        return switch (mode) {
            case READ -> NativeCalls.O_RDONLY;
            case WRITE -> NativeCalls.O_RDWR;
            case CREATE -> NativeCalls.O_RDWR | NativeCalls.O_CREAT;
            case CREATE_NEW -> NativeCalls.O_RDWR | NativeCalls.O_CREAT | NativeCalls.O_EXCL;
        };
    }

    @Override
    public final Path path() {
        return path;
    }

    /** Whether aligned requests go past the page cache. */
    final boolean isDirect() {
        return direct;
    }

    @Override
    public final void read(long fileOffset, long address, long bytes) {
        gate.enter();
        try {
            transfer(false, fileOffset, address, bytes);
        } finally {
            gate.leave();
        }
    }

    @Override
    public final void write(long fileOffset, long address, long bytes) {
        gate.enter();
        try {
            if (!stored(fileOffset, address, bytes)) {
                transfer(true, fileOffset, address, bytes);
            }
        } finally {
            gate.leave();
        }
    }

    @Override
    public final boolean store(long fileOffset, long address, long bytes) {
        return stored(fileOffset, address, bytes);
    }

    private boolean stored(long fileOffset, long address, long bytes) {
        FileMapping mapped = mapping;
        return mapped != null && mapped.write(fileOffset, address, bytes);
    }

    /** One after the other; the kernel gives no thread of its own to a plain read or write. */
    @Override
    public void submit(IoBatch batch) {
        gate.enter();
        try {
            batch.forgetOutcome();
            for (int i = 0; i < batch.count(); i++) {
                try {
                    transfer(batch.isWrite(i), batch.fileOffset(i), batch.address(i), batch.bytes(i));
                } catch (HoltIoException e) {
                    batch.fail(i, e);
                }
            }
        } finally {
            gate.leave();
        }
        batch.throwIfFailed();
    }

    private void transfer(boolean write, long fileOffset, long address, long bytes) {
        long done = 0;
        while (done < bytes) {
            long at = fileOffset + done;
            long chunk = Math.min(bytes - done, MAX_CALL_BYTES);
            int fd = descriptorFor(at, address + done, chunk);
            long moved = write
                    ? NativeCalls.pwrite(fd, address + done, chunk, at)
                    : NativeCalls.pread(fd, address + done, chunk, at);
            if (moved > 0) {
                done += moved;
            } else if (moved == 0) {
                throw IoFailures.noProgress(write, path, at, chunk);
            } else if (!goesOn(fd, (int) -moved)) {
                throw IoFailures.ofRange(write ? "pwrite" : "pread", path, at, chunk, (int) -moved);
            }
        }
    }

    /** The descriptor that a request may use now; it may change after {@link #goesOn}. */
    final int descriptorFor(long fileOffset, long address, long bytes) {
        boolean aligned = ((fileOffset | address | bytes) & (DIRECT_ALIGNMENT_BYTES - 1)) == 0;
        return direct && aligned ? directFd : cachedFd;
    }

    /** Whether a request that failed like this should be made again, perhaps by the other descriptor. */
    final boolean goesOn(int fd, int errno) {
        if (errno == Errno.EINVAL && fd == directFd) {
            if (direct) {
                direct = false;
                LOG.info("{}: requests past the page cache are refused, going through it", path);
            }
            return true;
        }
        return errno == Errno.EINTR;
    }

    @Override
    public void sync() {
        gate.enter();
        try {
            check("fdatasync", untilNotInterrupted(() -> NativeCalls.fdatasync(cachedFd)));
        } finally {
            gate.leave();
        }
    }

    final int cachedDescriptor() {
        return cachedFd;
    }

    @Override
    public final void preallocate(long fileOffset, long bytes) {
        gate.enter();
        try {
            int rc = untilNotInterrupted(() -> NativeCalls.fallocate(cachedFd, 0, fileOffset, bytes));
            if (rc == -Errno.EOPNOTSUPP || rc == -Errno.ENOSYS) {
                if (currentSize() < fileOffset + bytes) {
                    check("ftruncate", NativeCalls.ftruncate(cachedFd, fileOffset + bytes));
                }
                return;
            }
            if (rc < 0) {
                throw IoFailures.ofRange("fallocate", path, fileOffset, bytes, -rc);
            }
        } finally {
            gate.leave();
        }
    }

    @Override
    public final boolean mapForWriting(long bytes, long keptBytes) {
        gate.enter();
        try {
            // Not a file without the space: a store for which there is none is worse than a call that says so.
            int rc = untilNotInterrupted(() -> NativeCalls.fallocate(cachedFd, 0, 0, bytes));
            if (rc == -Errno.EOPNOTSUPP || rc == -Errno.ENOSYS) {
                return false;
            }
            if (rc < 0) {
                throw IoFailures.ofRange("fallocate", path, 0, bytes, -rc);
            }
            mapping = FileMapping.of(path, cachedFd, bytes, keptBytes);
            return mapping != null;
        } finally {
            gate.leave();
        }
    }

    @Override
    public final void unmap() {
        gate.enter();
        try {
            FileMapping mapped = mapping;
            if (mapped != null) {
                mapping = null;
                mapped.close();
            }
        } finally {
            gate.leave();
        }
    }

    @Override
    public final boolean punchHole(long fileOffset, long bytes) {
        gate.enter();
        try {
            int mode = NativeCalls.FALLOC_FL_KEEP_SIZE | NativeCalls.FALLOC_FL_PUNCH_HOLE;
            int rc = untilNotInterrupted(() -> NativeCalls.fallocate(cachedFd, mode, fileOffset, bytes));
            if (rc == -Errno.EOPNOTSUPP || rc == -Errno.ENOSYS) {
                return false;
            }
            if (rc < 0) {
                throw IoFailures.ofRange("hole punch", path, fileOffset, bytes, -rc);
            }
            return true;
        } finally {
            gate.leave();
        }
    }

    @Override
    public final void truncate(long bytes) {
        gate.enter();
        try {
            if (mapping != null) {
                mapping.cut(bytes);
            }
            check("ftruncate", untilNotInterrupted(() -> NativeCalls.ftruncate(cachedFd, bytes)));
        } finally {
            gate.leave();
        }
    }

    @Override
    public final long size() {
        gate.enter();
        try {
            return currentSize();
        } finally {
            gate.leave();
        }
    }

    private long currentSize() {
        // The position that this moves is used by nobody.
        return check("lseek", NativeCalls.lseek(cachedFd, 0, NativeCalls.SEEK_END));
    }

    @Override
    public final long allocatedBytes() {
        gate.enter();
        try {
            long blocks = NativeCalls.allocatedBlocks(cachedFd);
            // A container's filter may refuse the call, with one of these two.
            boolean refused = blocks == -Errno.ENOSYS || blocks == -Errno.EPERM;
            return refused ? currentSize() : check("statx", blocks) * BLOCK_BYTES;
        } finally {
            gate.leave();
        }
    }

    private long check(String call, long returned) {
        if (returned < 0) {
            throw IoFailures.ofCall(call, path, (int) -returned);
        }
        return returned;
    }

    /** A call on a descriptor that answers 0 or {@code -errno}. */
    private interface Call {
        int make();
    }

    private static int untilNotInterrupted(Call call) {
        int rc;
        do {
            rc = call.make();
        } while (rc == -Errno.EINTR);
        return rc;
    }

    /** Called once, before the descriptors are closed and when no call uses them any more. */
    void beforeClose() {}

    /** Whether aligned requests may go to a descriptor of their own. */
    final int directDescriptor() {
        return directFd;
    }

    @Override
    public final void close() {
        if (gate.close()) {
            beforeClose();
            if (mapping != null) {
                mapping.close();
            }
            if (directFd != NONE) {
                NativeCalls.close(directFd);
            }
            int rc = NativeCalls.close(cachedFd);
            // An interrupted close has closed on Linux.
            if (rc < 0 && rc != -Errno.EINTR) {
                throw IoFailures.ofCall("close", path, -rc);
            }
        }
    }
}
