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
 * @param splits frames split since the database was opened
 * @param merges frames merged since the database was opened
 * @param restarts operations begun again because of a concurrent change, since the database was opened
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
        long restarts) {

    /** Live bytes as a share of all frame bytes, 0 to 1. */
    public double fill() {
        return frameBytes == 0 ? 0 : (double) liveBytes / frameBytes;
    }
}
