package io.holt.api;

/**
 * A database's counters and sizes at one moment.
 *
 * @param trees how many trees there are
 * @param frames frames that hold the present state of all trees, value frames included, in memory or not
 * @param residentFrames frames in memory
 * @param preImages frames kept for snapshots only, in memory or not
 * @param evictions frames that left memory, since opening, to make room for others
 * @param loads frames read in from the data file since opening
 * @param memoryUsedBytes off-heap bytes this database uses now
 * @param memoryCapacityBytes off-heap bytes of its budget
 * @param fileBytes bytes allocated by the data file; 0 without files
 * @param checkpoints checkpoints completed since opening
 * @param lastCheckpointBytes bytes that the newest of them wrote to the data file
 * @param lastCheckpointNanos how long it took
 * @param logSyncs times that records of the log were made durable since opening; with
 *     {@link Durability#SYNC} and several writers each makes those of many durable
 * @param openSnapshots snapshots not yet closed
 * @param epoch the present epoch: how many instants were frozen so far
 * @param ioEngine the I/O engine in use: {@code uring}, {@code pread}, {@code channel}, or {@code none}
 * @param ioBuffers whether the kernel knows the buffers that frames are written from: {@code registered},
 *     {@code refused: } and why, or {@code plain} if the engine has no such thing or nothing was written yet
 */
public record DbStats(
        int trees,
        long frames,
        long residentFrames,
        long preImages,
        long evictions,
        long loads,
        long memoryUsedBytes,
        long memoryCapacityBytes,
        long fileBytes,
        long checkpoints,
        long lastCheckpointBytes,
        long lastCheckpointNanos,
        long logSyncs,
        int openSnapshots,
        long epoch,
        String ioEngine,
        String ioBuffers) {}
