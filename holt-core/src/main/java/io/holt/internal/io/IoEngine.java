package io.holt.internal.io;

import io.holt.api.IoEngineKind;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * A way to the kernel: opens files, and does with directories what a store needs. Everything that the engine of the
 * database keeps on disk goes through here, so that tests can put a disk of their own underneath.
 *
 * <p>Threads: every method from any thread at once. An interrupted thread's calls complete; it stays interrupted.
 * Errors: {@link io.holt.api.HoltIoException} naming call, path, offset and error number, unless said otherwise.
 */
public interface IoEngine extends AutoCloseable {

    /** Never {@link IoEngineKind#AUTO}. */
    IoEngineKind kind();

    /** {@code uring}, {@code pread} or {@code channel}. */
    default String name() {
        return kind().name().toLowerCase(Locale.ROOT);
    }

    IoFile open(Path file, OpenMode mode, Caching caching);

    /**
     * Tells the kernel of buffers that many batches will name, so that it need not look their pages up each time. Their
     * pages are taken and stay in memory until the engine is closed. To be done once; if it is refused, batches work all
     * the same.
     *
     * @param addresses of the buffers, multiples of 4 KiB, whose pages nobody gives back as long as batches name them
     * @param bytes of each of them, at most 1 GiB
     */
    default void registerBuffers(long[] addresses, long bytes) {
        // Most engines gain nothing by it.
    }

    /** {@code plain} if no buffers are registered, {@code registered}, or {@code refused: } and why. */
    default String buffers() {
        return "plain";
    }

    DirectoryState directoryState(Path directory);

    /** Makes a directory and those above it, if there is none. */
    void createDirectories(Path directory);

    boolean exists(Path file);

    /** The names of a directory's entries, sorted. */
    List<String> list(Path directory);

    /** Renames in a directory, atomically, replacing a file of the new name. Durable after {@link #syncDirectory}. */
    void rename(Path from, Path to);

    /**
     * Deletes a file. Durable after {@link #syncDirectory}.
     *
     * @return whether there was one
     */
    boolean delete(Path file);

    /** Makes what was created, renamed and deleted in a directory durable. */
    void syncDirectory(Path directory);

    /**
     * Locks a file, which is made if it does not exist and the lock is exclusive.
     *
     * @param shared whether others may hold shared locks on it at the same time
     * @return the lock, or null if another holder, in this process or elsewhere, is in the way
     */
    IoLock tryLock(Path file, boolean shared);

    /** Gives back what the kernel holds for this engine. Files must be closed before. Idempotent. */
    @Override
    void close();
}
