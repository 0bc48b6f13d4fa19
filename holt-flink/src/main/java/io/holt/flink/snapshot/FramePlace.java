package io.holt.flink.snapshot;

import org.apache.flink.runtime.state.KeyGroupRange;

/**
 * Where a frame of a checkpoint is.
 *
 * @param blobId the frame's blob in the database
 * @param firstKeyGroup no key in the frame, or below it, is of a key group before this one
 * @param lastKeyGroup nor of one after this
 * @param isValuePart whether it is a part of a large value and has no keys
 * @param offset where it begins in its pack
 * @param bytes its length there, compressed if checkpoints are
 */
public record FramePlace(
        int blobId, int firstKeyGroup, int lastKeyGroup, boolean isValuePart, Pack pack, long offset, int bytes) {

    /** Whether there may be something in it that belongs to a key of these key groups. */
    public boolean mayBelongTo(KeyGroupRange keyGroups) {
        return isValuePart
                || (firstKeyGroup <= keyGroups.getEndKeyGroup() && lastKeyGroup >= keyGroups.getStartKeyGroup());
    }
}
