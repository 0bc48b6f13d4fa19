package io.holt.internal.tree;

import io.holt.internal.art.ArtCompact;
import io.holt.internal.art.ArtLift;
import io.holt.internal.art.ArtShift;
import io.holt.internal.art.ArtSplit;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.sync.HybridLatch;

/**
 * Changes of shape that involve more than one frame: compaction into a fresh slot, splitting,
 * moving edges to a neighbour.
 * Runs on the shared side of the gate, holding no latch at the start; each method tries once and may achieve nothing:
 * its caller begins again with the operation that needed it, and after a number of times waits for the latches.
 *
 * <p>Invariants: slots are leased before anything is changed, so that a full budget changes nothing; a frame's old slot
 * is retired only after its id leads elsewhere.
 */
final class FrameSurgery {

    /** A frame with at least this share of dead bytes is compacted instead of split. */
    private static final int DEAD_BYTES_MIN = FrameHeader.BODY_BYTES / 16;

    /** Instead of being divided a frame shares with its neighbour if the two have at most this. */
    private static final int SHIFTED_MAX = FrameHeader.BODY_BYTES / 10 * 17;

    /** In place of a frame's address: it was changed where it is, and its latch was given back. */
    private static final long LET_GO = 0;

    private final TreeCore core;
    private final TreeState tree;
    private final MergePass merges;

    FrameSurgery(TreeCore core, TreeState tree, MergePass merges) {
        this.core = core;
        this.tree = tree;
        this.merges = merges;
    }

    /**
     * Makes room in a frame that a key's path leads through.
     *
     * @param patient whether to wait for the latches, so that nobody who changes the parent's frame keeps it from that
     * @throws io.holt.api.MemoryBudgetException if there is no slot for the outcome; nothing was changed
     */
    void makeRoom(byte[] key, int offset, int bytes, int blobId, long epoch, boolean patient) {
        Descent at = new Descent();
        ArtSplit split = new ArtSplit();
        if (!at.findFrame(core.present(), tree.rootBlobId(), key, offset, bytes, blobId, patient)
                || !at.tryUpgrade(core.buffers())) {
            return;
        }
        boolean parentFull = false;
        long before = at.frame;
        try {
            if (worthCompacting(at.frame)) {
                compact(at, epoch);
            } else {
                parentFull = !split(at, split, key, offset, bytes, epoch);
            }
        } finally {
            if (at.frame == before) {
                HybridLatch.unlockUnchanged(at.frame, at.version);
            }
            at.letGo();
        }
        if (split.isAppended() && split.way() == ArtSplit.Way.MOVE_OUT) {
            byte[] moved = split.firstMoved();
            merges.takeInBefore(moved, 0, moved.length, blobId, epoch);
        }
        if (parentFull) {
            makeRoom(key, offset, bytes, at.parentBlobId, epoch, patient);
        }
    }

    /** No record changes, but nearly every byte does: a change of all pages (P1), which no snapshot is to see (I5). */
    private void compact(Descent at, long epoch) {
        long old = at.frame;
        long copy = core.buffers().lease("compacting a frame");
        try {
            core.snapshots().touch(old, at.blobId, epoch);
        } catch (RuntimeException e) {
            core.buffers().release(copy);
            throw e;
        }
        ArtCompact.copyFrame(old, copy);
        core.buffers().publish(at.blobId, copy);
        core.buffers().release(old);
        at.frame = copy;
        tree.compactions().increment();
    }

    /** Answers false if nothing was done because the parent's frame has no room for what it gains. */
    private boolean split(Descent at, ArtSplit split, byte[] key, int offset, int bytes, long epoch) {
        split.plan(at.frame, key, offset, bytes, at.hasParent());
        if (split.way() == ArtSplit.Way.MOVE_OUT) {
            divide(at, split, epoch);
            return true;
        }
        if (!at.tryUpgradeParent()) {
            return true;
        }
        LatchedFrame parent = new LatchedFrame(core, at.parentBlobId, at.parentFrame, at.parentVersion);
        try {
            boolean lift = split.way() == ArtSplit.Way.LIFT;
            if (split.way() == ArtSplit.Way.SIBLING && !split.isAppended() && shift(at, parent, key, offset, epoch)) {
                return true;
            }
            if (!(lift ? ArtLift.fits(at.frame, at.parentFrame) : ArtSplit.siblingFits(at.parentFrame))) {
                return false;
            }
            parent.touch(epoch);
            if (lift) {
                lift(at, key, offset, epoch);
            } else {
                int sibling = split.isAppended() ? divideInPlace(at, split, epoch) : divide(at, split, epoch);
                split.linkSibling(at.parentFrame, at.blobId, sibling);
            }
            return true;
        } finally {
            parent.letGo();
        }
    }

    /** Moves edges to a neighbour that has room, with the parent's latch held; answers whether it was done. */
    private boolean shift(Descent at, LatchedFrame parent, byte[] key, int offset, long epoch) {
        byte[] path = java.util.Arrays.copyOfRange(key, offset, offset + FrameHeader.rootDepth(at.frame));
        return shift(at, parent, path, false, epoch) || shift(at, parent, path, true, epoch);
    }

    private boolean shift(Descent at, LatchedFrame parent, byte[] path, boolean right, long epoch) {
        int blobId = ArtShift.neighbour(parent.frame, path, at.blobId, right);
        long address = blobId == 0 ? 0 : core.buffers().residentAddress(blobId);
        if (address <= 0 || FrameHeader.liveBytes(address) + FrameHeader.liveBytes(at.frame) > SHIFTED_MAX) {
            return false;
        }
        LatchedFrame neighbour = LatchedFrame.tryLatch(core, blobId, address);
        if (neighbour == null) {
            return false;
        }
        try {
            ArtShift shift = new ArtShift();
            boolean roomy = FrameHeader.liveBytes(address) + FrameHeader.liveBytes(at.frame) <= SHIFTED_MAX;
            if (!roomy || !shift.plan(at.frame, address, right)) {
                return false;
            }
            long old = at.frame;
            long stays = core.buffers().lease("moving records to a neighbouring frame");
            long grown = 0;
            try {
                grown = core.buffers().lease("moving records to a neighbouring frame");
                parent.touch(epoch);
            } catch (RuntimeException e) {
                core.buffers().release(stays);
                if (grown != 0) {
                    core.buffers().release(grown);
                }
                throw e;
            }
            shift.shift(parent.frame, path, old, address, stays, grown);
            neighbour.replaceBy(grown, epoch);
            replace(at, old, stays, epoch);
            tree.splits().increment();
            return true;
        } finally {
            neighbour.letGo();
        }
    }

    /** Roots the frame one node deeper; that node moves to the parent's frame. */
    private void lift(Descent at, byte[] key, int offset, long epoch) {
        long old = at.frame;
        long copy = core.buffers().lease("lifting a node to the parent frame");
        byte[] path = java.util.Arrays.copyOfRange(key, offset, offset + FrameHeader.rootDepth(old));
        ArtLift.lift(old, copy, at.parentFrame, path);
        replace(at, old, copy, epoch);
    }

    /** Replaces the frame by its two parts; answers the new one's blob id. */
    private int divide(Descent at, ArtSplit split, long epoch) {
        BufferManager buffers = core.buffers();
        long old = at.frame;
        long stays = buffers.lease("splitting a frame");
        long moves;
        try {
            moves = buffers.lease("splitting a frame");
        } catch (RuntimeException e) {
            buffers.release(stays);
            throw e;
        }
        int newBlobId = buffers.allocateBlobId();
        split.divide(old, stays, moves, newBlobId);
        FrameHeader.epoch(moves, epoch);
        buffers.dirty().markChanged(newBlobId, epoch);
        buffers.publish(newBlobId, moves);
        replace(at, old, stays, epoch);
        tree.splits().increment();
        return newBlobId;
    }

    /** Moves what lies at the frame's right end to a new one, and leaves the rest as it is; answers the new blob id. */
    private int divideInPlace(Descent at, ArtSplit split, long epoch) {
        BufferManager buffers = core.buffers();
        long moves = buffers.lease("splitting a frame");
        try {
            core.snapshots().touch(at.frame, at.blobId, epoch);
        } catch (RuntimeException e) {
            buffers.release(moves);
            throw e;
        }
        int newBlobId = buffers.allocateBlobId();
        split.divideInPlace(at.frame, moves, newBlobId);
        FrameHeader.epoch(moves, epoch);
        buffers.dirty().markChanged(newBlobId, epoch);
        buffers.publish(newBlobId, moves);
        HybridLatch.unlock(at.frame, at.version);
        at.frame = LET_GO;
        tree.splits().increment();
        return newBlobId;
    }

    /** Puts other content, in another slot, in the place of the frame. */
    private void replace(Descent at, long old, long successor, long epoch) {
        FrameHeader.epoch(successor, epoch);
        core.buffers().dirty().markChanged(at.blobId, epoch);
        core.buffers().install(at.blobId, successor);
        core.snapshots().retire(old, at.blobId, epoch);
        BufferManager.unlock(successor);
        at.frame = successor;
    }

    /** Whether a full frame gains more from being compacted than from being divided. */
    static boolean worthCompacting(long frame) {
        return FrameHeader.deadBytes(frame) >= DEAD_BYTES_MIN;
    }
}
