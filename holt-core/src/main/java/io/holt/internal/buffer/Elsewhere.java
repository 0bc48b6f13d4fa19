package io.holt.internal.buffer;

/**
 * Where frames are that are not in memory: at the places to which they were evicted, else with the loader. Threads:
 * any, but for one blob only one at a time.
 */
final class Elsewhere {

    private final FrameLoader loader;
    private Spills spills;

    Elsewhere(FrameLoader loader) {
        this.loader = loader;
    }

    /** From now on frames are evicted to these places. */
    void spillTo(Spills places) {
        spills = places;
    }

    boolean has(int blobId) {
        return loader.has(blobId) || (spills != null && spills.has(blobId));
    }

    /** Reads a frame; answers whether it was evicted before. */
    boolean read(int blobId, long address) {
        if (spills != null && spills.read(blobId, address)) {
            return true;
        }
        loader.load(blobId, address);
        return false;
    }

    /** See {@link FrameLoader#handOver}. */
    boolean handOver(int blobId) {
        return loader.handOver(blobId);
    }

    /** See {@link FrameLoader#leadsNowhere}. */
    boolean leadsNowhere(int blobId) {
        return loader.leadsNowhere(blobId);
    }

    /** The blob is freed. */
    void forget(int blobId) {
        if (spills != null) {
            spills.forget(blobId);
        }
        loader.forget(blobId);
    }

    /** A checkpoint has the blob as it was at the end of this epoch. */
    void settled(int blobId, long epoch) {
        if (spills != null) {
            spills.settled(blobId, epoch);
        }
    }
}
