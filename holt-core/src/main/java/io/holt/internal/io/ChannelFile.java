package io.holt.internal.io;

import io.holt.api.HoltIoException;
import io.holt.internal.memory.Memory;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * A file by {@link FileChannel}.
 *
 * <p>An interrupt closes a channel under all its users. Since an interrupted thread is no reason to lose a database,
 * the channel is opened again and the call made again; the thread stays interrupted.
 */
final class ChannelFile implements IoFile {

    private static final int MAX_VIEW_BYTES = 1 << 30;

    private final Path path;
    private final Set<OpenOption> reopenOptions;
    private final UseGate gate;
    private volatile FileChannel channel;

    private ChannelFile(Path path, FileChannel channel, Set<OpenOption> reopenOptions) {
        this.path = path;
        this.channel = channel;
        this.reopenOptions = reopenOptions;
        this.gate = new UseGate(path);
    }

    static ChannelFile open(Path path, OpenMode mode) {
        Set<OpenOption> reopen = mode == OpenMode.READ
                ? Set.of(StandardOpenOption.READ)
                : Set.of(StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            FileChannel channel = switch (mode) {
                case READ, WRITE -> FileChannel.open(path, reopen);
                case CREATE -> open(path, StandardOpenOption.CREATE);
                case CREATE_NEW -> open(path, StandardOpenOption.CREATE_NEW);
            };
            return new ChannelFile(path, channel, reopen);
        } catch (IOException e) {
            throw IoFailures.ofCall("open", path, e);
        }
    }

    private static FileChannel open(Path path, OpenOption creation) throws IOException {
        return FileChannel.open(path, StandardOpenOption.READ, StandardOpenOption.WRITE, creation);
    }

    /** A use of the channel that may be made again from the start. */
    private interface Use {
        long with(FileChannel channel) throws IOException;
    }

    private long use(Use use) throws IOException {
        gate.enter();
        boolean interrupted = false;
        try {
            while (true) {
                interrupted |= Thread.interrupted();
                FileChannel current = channel;
                try {
                    return use.with(current);
                } catch (ClosedChannelException e) {
                    // By an interrupt: close() waits until nobody is behind the gate.
                    interrupted |= Thread.interrupted();
                    reopen(current);
                }
            }
        } finally {
            gate.leave();
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private synchronized void reopen(FileChannel closed) throws IOException {
        if (channel == closed) {
            channel = FileChannel.open(path, reopenOptions);
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public void read(long fileOffset, long address, long bytes) {
        try {
            use(current -> transfer(current, false, fileOffset, address, bytes));
        } catch (IOException e) {
            throw IoFailures.ofRange("read", path, fileOffset, bytes, e);
        }
    }

    @Override
    public void write(long fileOffset, long address, long bytes) {
        try {
            use(current -> transfer(current, true, fileOffset, address, bytes));
        } catch (IOException e) {
            throw IoFailures.ofRange("write", path, fileOffset, bytes, e);
        }
    }

    private long transfer(FileChannel current, boolean write, long fileOffset, long address, long bytes)
            throws IOException {
        long done = 0;
        while (done < bytes) {
            long chunk = Math.min(bytes - done, MAX_VIEW_BYTES);
            ByteBuffer view = Memory.segment(address + done, chunk).asByteBuffer();
            int moved = write ? current.write(view, fileOffset + done) : current.read(view, fileOffset + done);
            if (moved <= 0) {
                throw IoFailures.noProgress(write, path, fileOffset + done, chunk);
            }
            done += moved;
        }
        return done;
    }

    @Override
    public void submit(IoBatch batch) {
        batch.forgetOutcome();
        for (int i = 0; i < batch.count(); i++) {
            try {
                if (batch.isWrite(i)) {
                    write(batch.fileOffset(i), batch.address(i), batch.bytes(i));
                } else {
                    read(batch.fileOffset(i), batch.address(i), batch.bytes(i));
                }
            } catch (HoltIoException e) {
                batch.fail(i, e);
            }
        }
        batch.throwIfFailed();
    }

    @Override
    public void sync() {
        try {
            use(current -> {
                current.force(false);
                return 0;
            });
        } catch (IOException e) {
            throw IoFailures.ofCall("fdatasync", path, e);
        }
    }

    /** Extends the file: to take the space as well there is no call. */
    @Override
    public void preallocate(long fileOffset, long bytes) {
        try {
            use(current -> {
                long end = fileOffset + bytes;
                return current.size() < end ? current.write(ByteBuffer.allocate(1), end - 1) : 0;
            });
        } catch (IOException e) {
            throw IoFailures.ofRange("preallocation", path, fileOffset, bytes, e);
        }
    }

    @Override
    public boolean punchHole(long fileOffset, long bytes) {
        return false;
    }

    @Override
    public void truncate(long bytes) {
        try {
            use(current -> {
                if (bytes > current.size()) {
                    return current.write(ByteBuffer.allocate(1), bytes - 1);
                }
                current.truncate(bytes);
                return 0;
            });
        } catch (IOException e) {
            throw IoFailures.ofCall("truncate", path, e);
        }
    }

    @Override
    public long size() {
        try {
            return use(FileChannel::size);
        } catch (IOException e) {
            throw IoFailures.ofCall("size", path, e);
        }
    }

    @Override
    public long allocatedBytes() {
        return size();
    }

    @Override
    public void close() {
        if (gate.close()) {
            try {
                channel.close();
            } catch (IOException e) {
                throw IoFailures.ofCall("close", path, e);
            }
        }
    }
}
