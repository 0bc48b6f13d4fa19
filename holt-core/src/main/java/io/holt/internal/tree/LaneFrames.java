package io.holt.internal.tree;

import io.holt.internal.art.Lanes;
import io.holt.internal.sync.HybridLatch;

/**
 * The frames that walks in turns are in, as a {@link Descent} has that of one walk (I2): a child's version is taken
 * before the parent's is validated. One thread.
 */
final class LaneFrames {

    private final Lanes lanes;
    private final long[] versions = new long[Lanes.LANES];
    private final int[] blobIds = new int[Lanes.LANES];

    LaneFrames(Lanes lanes) {
        this.lanes = lanes;
    }

    /**
     * Puts the first lanes at the start of the root frame.
     *
     * @param walking gets their numbers
     * @return false if that can't be done just now
     */
    boolean enterRoot(ReadView view, TreeState tree, int count, int[] walking) {
        int root = tree.rootBlobId();
        long frame = view.locate(root);
        long version = frame == 0 ? 1 : view.version(root, frame);
        if (frame == 0 || HybridLatch.isHeld(version) || !view.sees(frame) || !view.stillAt(root, frame)) {
            return false;
        }
        for (int lane = 0; lane < count; lane++) {
            lanes.enter(lane, frame);
            versions[lane] = version;
            blobIds[lane] = root;
            walking[lane] = lane;
        }
        return true;
    }

    /** Goes on in the child frame that a lane has come to; false if it was disturbed. */
    boolean cross(ReadView view, int lane) {
        long parent = lanes.frame(lane);
        int child = lanes.blobId(lane);
        // A child that is not in memory is read in only if the parent really names it.
        if (!HybridLatch.validate(parent, versions[lane])) {
            return false;
        }
        long frame = view.locate(child);
        if (frame == 0) {
            return false;
        }
        long version = view.version(child, frame);
        if (HybridLatch.isHeld(version)
                || !view.sees(frame)
                || !view.stillAt(child, frame)
                || !HybridLatch.validate(parent, versions[lane])) {
            return false;
        }
        lanes.enter(lane, frame);
        versions[lane] = version;
        blobIds[lane] = child;
        return true;
    }

    /** Whether what a lane read in its last frame was all of one version, and of a tree that is still there. */
    boolean validate(ReadView view, TreeState tree, int lane) {
        long frame = lanes.frame(lane);
        return HybridLatch.validate(frame, versions[lane])
                && view.stillAt(blobIds[lane], frame)
                && !view.isClosed()
                && !(view.isLive() && tree.isDropped());
    }
}
