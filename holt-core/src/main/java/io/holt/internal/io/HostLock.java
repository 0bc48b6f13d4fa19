package io.holt.internal.io;

import io.holt.api.HoltIoException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Locks on files: of the open file description where Linux has them, whichever engine is used, so that all engines
 * see each other's; the process-wide ones of {@link FileChannel} elsewhere.
 *
 * <p>Invariant: while this process holds a process-wide lock on a file it opens the file no second time, because
 * closing any descriptor of the file would release the lock.
 */
final class HostLock implements IoLock {

    private static final int OWNER_ONLY = 0600;

    /** Files with a process-wide lock of this process. */
    private static final Set<Path> CHANNEL_LOCKED = ConcurrentHashMap.newKeySet();

    private final Release release;
    private final AtomicBoolean closed = new AtomicBoolean();

    private HostLock(Release release) {
        this.release = release;
    }

    /** What gives a lock back. */
    private interface Release {
        void run();
    }

    static IoLock tryLock(Path file, boolean shared) {
        return NativeCalls.refusalReason() == null ? tryNative(file, shared) : tryChannel(file, shared);
    }

    private static IoLock tryNative(Path file, boolean shared) {
        int flags = NativeCalls.O_CLOEXEC | (shared ? NativeCalls.O_RDONLY : NativeCalls.O_RDWR | NativeCalls.O_CREAT);
        int fd = NativeCalls.open(file.toString(), flags, OWNER_ONLY);
        if (fd < 0) {
            throw IoFailures.ofCall("open", file, -fd);
        }
        int rc = NativeCalls.lock(fd, shared);
        if (rc == 0) {
            return new HostLock(() -> NativeCalls.close(fd));
        }
        NativeCalls.close(fd);
        if (rc == -Errno.EAGAIN || rc == -Errno.EACCES) {
            return null;
        }
        throw IoFailures.ofCall("lock", file, -rc);
    }

    /** As seen on systems other than Linux; a process there can't hold several shared locks on one file. */
    static IoLock tryChannel(Path file, boolean shared) {
        Path key = file.toAbsolutePath().normalize();
        if (!CHANNEL_LOCKED.add(key)) {
            return null;
        }
        FileChannel channel = null;
        FileLock lock = null;
        try {
            channel = shared
                    ? FileChannel.open(file, StandardOpenOption.READ)
                    : FileChannel.open(file, StandardOpenOption.WRITE, StandardOpenOption.CREATE);
            lock = channel.tryLock(0, Long.MAX_VALUE, shared);
        } catch (OverlappingFileLockException e) {
            // Held by a copy of this class in another class loader: the same answer as by another process.
            lock = null;
        } catch (IOException e) {
            throw IoFailures.ofCall("lock", file, e);
        } finally {
            if (lock == null) {
                closeAndForget(channel, key);
            }
        }
        FileChannel held = channel;
        return lock == null ? null : new HostLock(() -> closeAndForget(held, key));
    }

    private static void closeAndForget(FileChannel channel, Path key) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            throw new HoltIoException("close of " + key + " failed: " + e, e);
        } finally {
            CHANNEL_LOCKED.remove(key);
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release.run();
        }
    }
}
