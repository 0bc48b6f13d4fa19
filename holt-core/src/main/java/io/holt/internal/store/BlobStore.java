package io.holt.internal.store;

import io.holt.api.MemoryBudget;

/**
 * Frames on disk, each at a place: an index of slots of {@link #FRAME_BYTES}.
 *
 * <p>Invariant I4: a place named by the durable manifest is never written. So a place is written only between
 * {@link #allocate} and {@link #markLive}, which the caller says when the manifest that names it is durable.
 *
 * <p>Threads: every method from any thread at once; a place is the business of one thread at a time.
 * Errors: {@link io.holt.api.HoltIoException}, unless said otherwise.
 */
public interface BlobStore extends AutoCloseable {

    int FRAME_BYTES = MemoryBudget.FRAME_BYTES;
    int PAGE_BYTES = 4096;
    int FRAME_PAGES = FRAME_BYTES / PAGE_BYTES;

    /** Takes the lowest free place. */
    int allocate();

    /** The durable manifest names this place from now on. */
    void markLive(int place);

    /**
     * Gives a place back. If the durable manifest named it, one that does not name it any more must be durable.
     *
     * @throws IllegalStateException if the place is free
     */
    void free(int place);

    /**
     * Reads a frame from a place: its used pages are those that were written, the others are whatever lies there.
     *
     * @param address where {@link #FRAME_BYTES} go
     */
    void read(int place, long address);

    /** Reads some pages of a frame. */
    void readPages(int place, int firstPage, int pages, long address);

    /**
     * Carries out a batch of reads and writes of frames and returns when none is under way any more.
     *
     * @throws io.holt.api.HoltIoException if one failed; what became of the others is not said
     * @throws IllegalStateException if it would write to a place that is live or free; nothing was written
     */
    void submit(BlobBatch batch);

    /** Makes all that was written before durable. */
    void sync();

    /**
     * Says which buffers batches will be written from, so that the kernel can be told of them once.
     *
     * @param addresses of {@link #FRAME_BYTES} each; as {@link io.holt.internal.io.IoEngine#registerBuffers}
     */
    void registerBuffers(long[] addresses);

    /**
     * Gives the disk space of free places back to the file system, as far as it can do that, and cuts the file
     * behind the last place in use. Takes about a millisecond for each run of free places.
     *
     * @param kept how many free places keep their space: writing to it again costs less than to new
     * @param mostRuns how many runs of free places at most
     * @return bytes given back
     */
    long reclaimFree(int kept, int mostRuns);

    /**
     * Gives the disk space of the unused pages of a place back.
     *
     * @return whether the file system can do that
     */
    boolean punchGap(int place, int innerEndPage, int leafStartPage);

    /** Places in use. */
    int placesInUse();

    /** Bytes that the data file takes on its device. */
    long fileBytes();

    /** Idempotent; does not sync. */
    @Override
    void close();
}
