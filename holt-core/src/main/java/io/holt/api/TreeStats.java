package io.holt.api;

/**
 * A tree's counters and sizes at one moment.
 *
 * @param records keys in the tree
 * @param frames frames of nodes and leaves
 * @param valueFrames frames that hold parts of values over 64 KiB
 * @param liveBytes bytes of nodes and leaves in use
 * @param deadBytes bytes of nodes and leaves freed and not yet reused
 * @param frameBytes bytes of all frames
 * @param depthMax most frames on a path from the root to a record
 * @param depthMean frames on a path from the root to a record, mean over the records
 * @param splits frames divided, or relieved by a neighbour, since the database was opened
 * @param merges frames merged since the database was opened
 * @param compactions frames rewritten without their dead bytes since the database was opened
 * @param restarts operations begun again because of a concurrent change, since the database was opened
 * @param cachedFrames frames that were in memory when they were counted: as a share of all frames, how many of the
 *     frames that a lookup crosses it finds there if all are asked for equally. Hits themselves are not counted, which
 *     would cost each read a write; {@link DbStats#loads} counts the misses
 */
public record TreeStats(
        long records,
        long frames,
        long valueFrames,
        long liveBytes,
        long deadBytes,
        long frameBytes,
        int depthMax,
        double depthMean,
        long splits,
        long merges,
        long compactions,
        long restarts,
        long cachedFrames) {

    /** Crossings from one frame to the next on a path from the root to a record, mean over the records. */
    public double hopsMean() {
        return Math.max(0, depthMean - 1);
    }

    /** Live bytes as a share of all frame bytes, 0 to 1. */
    public double fill() {
        return frameBytes == 0 ? 0 : (double) liveBytes / frameBytes;
    }
}
