package io.holt.api;

import java.util.List;

/**
 * What a look at every byte of a database found.
 *
 * @param frames all frames that the trees lead to
 * @param logRecords records of the log that follow the newest checkpoint
 * @param problems what breaks a rule of the format, each naming the blob; empty if all is well
 */
public record VerifyReport(List<FrameInfo> frames, long logRecords, List<String> problems) {

    /**
     * One frame.
     *
     * @param tree name of its tree
     * @param blobId its id
     * @param depth frames on the way from the root, 1 for the root itself
     * @param records records in it
     * @param liveBytes bytes of nodes and leaves in use
     * @param valuePart whether it is a part of a large value, which has no nodes
     */
    public record FrameInfo(String tree, int blobId, int depth, int records, int liveBytes, boolean valuePart) {}

    /** Hears how far the work is. */
    @FunctionalInterface
    public interface Progress {
        /** So many of all frames were checked. */
        void frames(int done, int all);
    }

    /** Records of all trees in the checkpoint. */
    public long records() {
        return frames.stream().mapToLong(FrameInfo::records).sum();
    }
}
