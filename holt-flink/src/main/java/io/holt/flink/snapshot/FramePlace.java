package io.holt.flink.snapshot;

import io.holt.api.FrameDigest;
import java.lang.ref.SoftReference;
import org.apache.flink.runtime.state.KeyGroupRange;

/**
 * Where a frame of a checkpoint is: one piece is the frame as it once was, the others are its changes since, the oldest
 * first.
 *
 * @param blobId the frame's blob in the database
 * @param firstKeyGroup no key in the frame, or below it, is of a key group before this one
 * @param lastKeyGroup nor of one after this
 * @param isValuePart whether it is a part of a large value and has no keys
 * @param pieces at least one
 * @param digest what tells which blocks change next; empty if memory is short; null if it was never known
 */
public record FramePlace(
        int blobId,
        int firstKeyGroup,
        int lastKeyGroup,
        boolean isValuePart,
        FramePieces pieces,
        SoftReference<FrameDigest> digest) {

    /** Whether there may be something in it that belongs to a key of these key groups. */
    public boolean mayBelongTo(KeyGroupRange keyGroups) {
        return isValuePart
                || (firstKeyGroup <= keyGroups.getEndKeyGroup() && lastKeyGroup >= keyGroups.getStartKeyGroup());
    }

    /** The frame as it once was. */
    FramePiece whole() {
        return pieces.get(0);
    }

    /** The piece that was written last. */
    FramePiece last() {
        return pieces.get(pieces.size() - 1);
    }

    /** Bytes of all its changes. */
    long changesBytes() {
        return pieces.changesBytes();
    }

    /** What is known of the blocks of its present form, or null. */
    FrameDigest knownDigest() {
        return digest == null ? null : digest.get();
    }

    /** The same place, of a frame of which this is known. */
    FramePlace with(FrameDigest known) {
        return new FramePlace(blobId, firstKeyGroup, lastKeyGroup, isValuePart, pieces, new SoftReference<>(known));
    }
}
