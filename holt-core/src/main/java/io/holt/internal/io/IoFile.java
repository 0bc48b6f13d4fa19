package io.holt.internal.io;

import java.nio.file.Path;

/**
 * An open file. Memory is given by address: the caller keeps it alive, and reads into it unobserved, until the call
 * is back.
 *
 * <p>Threads: every method from any thread at once; requests on overlapping ranges are not ordered among each other.
 * {@link #close()} waits for calls that are under way; calls after it throw {@link IllegalStateException}.
 * Errors: {@link io.holt.api.HoltIoException}; after a failed write or sync what the file holds in the ranges written
 * is unknown, and a sync is not to be tried again in the hope that it says yes.
 */
public interface IoFile extends AutoCloseable {

    /** What address, length and offset must be multiples of to go past the page cache. */
    int DIRECT_ALIGNMENT_BYTES = 4096;

    Path path();

    /** Reads exactly these bytes; a file that ends before them is an error. */
    void read(long fileOffset, long address, long bytes);

    /** Writes exactly these bytes, and extends the file if they lie beyond its end. */
    void write(long fileOffset, long address, long bytes);

    /**
     * Carries out the requests of a batch, several at once where the engine can, and returns when none is under way
     * any more. Each is tried, whatever happens to the others.
     *
     * @throws io.holt.api.HoltIoException the error of the failed request that was added first; which others failed
     *     is said by {@link IoBatch#failed(int)}
     */
    void submit(IoBatch batch);

    /** Makes all that was written before durable, with what is needed to find it again ({@code fdatasync}). */
    void sync();

    /**
     * Takes disk space for a range and extends the file to its end; where that is not supported, extends it only. Not
     * to be called while others write beyond the present end.
     */
    void preallocate(long fileOffset, long bytes);

    /**
     * Lets later writes within the first bytes of the file be stores into memory that is shared with the kernel, where
     * the engine and the file system can: as safe as other writes, without a system call. Takes the disk space first,
     * so that no store lacks it. Later writes go from the start to the end, without a gap. To be called once at most;
     * {@link #truncate} ends it for what is cut off.
     *
     * @param keptBytes so many bytes at the start of the file are needed; what is behind may become zeros at any time,
     *     until it is written
     * @return whether writes there are stores now
     */
    default boolean mapForWriting(long bytes, long keptBytes) {
        return false;
    }

    /**
     * Writes these bytes if that takes no call: where {@link #mapForWriting} holds. The caller sees to it that the file
     * is neither unmapped nor closed meanwhile, and that nothing else is stored: nothing here watches over that.
     *
     * @return whether they are written; if not, nothing was changed
     */
    default boolean store(long fileOffset, long address, long bytes) {
        return false;
    }

    /**
     * Ends {@link #mapForWriting}: later writes are calls. Done before a sync of a file that is written no more, since
     * the kernel takes write access from each page that is mapped, one after the other, and interrupts every processor
     * of the process for it. Not to be called while others write.
     */
    default void unmap() {}

    /**
     * Gives the disk space of a range back. What is read there afterwards is not defined.
     *
     * @return whether the file system can do that
     */
    boolean punchHole(long fileOffset, long bytes);

    /** Sets the size of the file, in bytes. */
    void truncate(long bytes);

    /** The size of the file, in bytes. */
    long size();

    /** Bytes that the file takes on its device; its size where that can't be known. */
    long allocatedBytes();

    /** Closes without syncing. Idempotent. */
    @Override
    void close();
}
