package io.holt.internal.tree;

import io.holt.api.HoltException;
import io.holt.api.MemoryBudgetException;
import io.holt.internal.art.ArtCompact;
import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtJoin;
import io.holt.internal.art.ArtMerge;
import io.holt.internal.art.ArtOrphans;
import io.holt.internal.art.Signal;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps frames full after they lost records (I8): a sparse frame is joined with a neighbour's under the same parent
 * node, or its content moves up to its parent's frame; an empty one goes. Runs on either side
 * of the gate, holding no latch at the start, after the operation that made the frame sparse is done and logged: a
 * merge changes no record, so it is not logged, and where it can't be done now it is left for later.
 *
 * <p>Invariants: all frames that a merge changes are latched together, by attempts that never wait, and are changed in
 * one epoch, so a snapshot or a checkpoint has all of the merge or nothing (I4, I5); slots are taken before anything
 * is changed; a blob that goes is {@link BufferManager#remove removed} before its parent's latch is given back, so it
 * is never read in again from what an old checkpoint has of it.
 *
 * <p>Hysteresis: what a merge leaves has room for a seventh of a frame at least, and the halves of a divided frame are
 * joined again only after a tenth of a frame was deleted from each; a frame asks once for every {@link #STEP} it loses.
 */
final class MergePass {

    private static final Logger LOG = LoggerFactory.getLogger(MergePass.class);

    /**
     * A frame with fewer live bytes is sparse. With a quarter, frames that lose records evenly are a third full on
     * average before they find a partner (measured); so it is two fifths.
     */
    static final int SPARSE = FrameHeader.BODY_BYTES / 5 * 2;

    /** Two frames are joined if their live bytes are at most this. */
    private static final int JOINED_MAX = FrameHeader.BODY_BYTES / 5 * 4;

    /**
     * What is left at the right end of a finished node moves up until the parent has this much, if that is the root of
     * a tree: beyond that it would soon be divided, which makes all paths longer by a frame.
     */
    private static final int LEFT_OVERS_MAX = FrameHeader.BODY_BYTES / 2;

    /** A frame takes in a child's content if it has at most this afterwards. */
    private static final int UPPER_MAX = FrameHeader.BODY_BYTES / 20 * 17;

    /** A sparse frame asks to be merged each time its live bytes fall below another multiple of this. */
    private static final int STEP = FrameHeader.BODY_BYTES / 32;

    private static final int ATTEMPTS = 8;

    private enum Outcome {
        DONE,
        NOTHING,
        DISTURBED
    }

    private final TreeCore core;
    private final TreeState tree;

    MergePass(TreeCore core, TreeState tree) {
        this.core = core;
        this.tree = tree;
    }

    /**
     * Whether a frame that an operation changed may have become mergeable by it; its latch is held.
     *
     * @param liveBytesBefore its live bytes before the operation
     */
    static boolean isDue(long frame, int liveBytesBefore) {
        int live = FrameHeader.liveBytes(frame);
        if (live >= liveBytesBefore || live >= SPARSE) {
            return false;
        }
        return isEmpty(frame) || liveBytesBefore >= SPARSE || liveBytesBefore / STEP != live / STEP;
    }

    private static boolean isEmpty(long frame) {
        return FrameHeader.records(frame) + FrameHeader.crossings(frame) == 0;
    }

    /**
     * Merges the frame of a blob, which a key's path leads through, if it is sparse and there is a place for what it
     * holds; after that its parent, which lost a child. If there is no place, it takes in its own sparse children.
     */
    void run(byte[] key, int offset, int bytes, int blobId, long epoch) {
        try {
            int parent = settle(key, offset, bytes, blobId, true, epoch);
            while (parent != 0) {
                parent = settle(key, offset, bytes, parent, false, epoch);
            }
        } catch (MemoryBudgetException e) {
            // The operation is done, so this is no failure: the frames stay as they are, for later records.
            LOG.debug("frames of tree \"{}\" stay unmerged", tree.name(), e);
        } catch (HoltException e) {
            // Nor is it one of the operation's that a frame beside its own can't be read.
            LOG.warn("frames of tree \"{}\" stay unmerged", tree.name(), e);
        }
    }

    /** Answers the blob id of the parent if it lost a child, or 0. */
    private int settle(byte[] key, int offset, int bytes, int blobId, boolean withChildren, long epoch) {
        Descent at = new Descent();
        Outcome outcome = Outcome.DISTURBED;
        for (int attempt = 0; attempt < ATTEMPTS && outcome == Outcome.DISTURBED; attempt++) {
            Retry.pause(attempt);
            outcome = attempt(at, key, offset, bytes, blobId, epoch);
        }
        if (outcome == Outcome.DONE) {
            return at.parentBlobId;
        }
        if (outcome == Outcome.NOTHING && withChildren) {
            takeInChildren(key, offset, bytes, blobId, epoch);
        }
        return 0;
    }

    private Outcome attempt(Descent at, byte[] key, int offset, int bytes, int blobId, long epoch) {
        if (!at.findFrame(core.present(), tree.rootBlobId(), key, offset, bytes, blobId, false)) {
            return Outcome.DISTURBED;
        }
        if (!at.hasParent()) {
            return Outcome.NOTHING;
        }
        if (!at.tryUpgradeParent()) {
            return Outcome.DISTURBED;
        }
        LatchedFrame parent = new LatchedFrame(core, at.parentBlobId, at.parentFrame, at.parentVersion);
        try {
            if (!at.tryUpgrade(core.buffers())) {
                return Outcome.DISTURBED;
            }
            LatchedFrame child = new LatchedFrame(core, blobId, at.frame, at.version);
            try {
                byte[] path = Arrays.copyOfRange(key, offset, offset + FrameHeader.rootDepth(at.frame));
                boolean expires = ArtMerge.isBeforeAll(child.frame, key, offset, bytes);
                return mergeLatched(parent, child, path, expires, epoch);
            } finally {
                child.letGo();
            }
        } finally {
            parent.letGo();
        }
    }

    /**
     * Merges a frame whose latch is held, as that of its parent.
     *
     * @param expires whether the record that went was before all others: the rest is likely to follow, then the frame
     *     goes without being copied
     */
    private Outcome mergeLatched(LatchedFrame parent, LatchedFrame child, byte[] path, boolean expires, long epoch) {
        if (isEmpty(child.frame)) {
            removeEmpty(parent, child, path, epoch);
            return Outcome.DONE;
        }
        if (FrameHeader.liveBytes(child.frame) >= SPARSE) {
            return Outcome.NOTHING;
        }
        if (expires) {
            return Outcome.NOTHING;
        }
        Outcome left = joinWithNeighbour(parent, child, path, false, epoch);
        if (left == Outcome.DONE) {
            return left;
        }
        Outcome right = joinWithNeighbour(parent, child, path, true, epoch);
        if (right == Outcome.DONE) {
            return right;
        }
        Outcome up = moveUp(parent, child, path, UPPER_MAX, epoch);
        boolean disturbed = left == Outcome.DISTURBED || right == Outcome.DISTURBED;
        return up == Outcome.NOTHING && disturbed ? Outcome.DISTURBED : up;
    }

    private Outcome joinWithNeighbour(LatchedFrame parent, LatchedFrame child, byte[] path, boolean right, long epoch) {
        ArtJoin join = new ArtJoin();
        int otherBlobId = join.plan(parent.frame, path, child.blobId, right);
        long address = otherBlobId == 0 ? 0 : core.buffers().residentAddress(otherBlobId);
        if (address <= 0 || FrameHeader.liveBytes(address) > JOINED_MAX) {
            // None, or not in memory: to read it in is not worth it.
            return Outcome.NOTHING;
        }
        LatchedFrame other = LatchedFrame.tryLatch(core, otherBlobId, address);
        if (other == null) {
            return Outcome.DISTURBED;
        }
        try {
            if (isEmpty(other.frame) || join.bytes(parent.frame, child.frame, other.frame) > JOINED_MAX) {
                return Outcome.NOTHING;
            }
            join(join, parent, child, other, epoch);
            return Outcome.DONE;
        } finally {
            other.letGo();
        }
    }

    private void join(ArtJoin join, LatchedFrame parent, LatchedFrame gone, LatchedFrame kept, long epoch) {
        BufferManager buffers = core.buffers();
        long joined = buffers.lease("merging two frames");
        try {
            parent.touch(epoch);
        } catch (MemoryBudgetException e) {
            buffers.release(joined);
            throw e;
        }
        join.join(parent.frame, gone.frame, kept.frame, joined, kept.blobId);
        kept.replaceBy(joined, epoch);
        gone.forget(epoch);
        tree.merges().increment();
    }

    private Outcome moveUp(LatchedFrame parent, LatchedFrame child, byte[] path, int upperMax, long epoch) {
        int needed = ArtMerge.bytesAbove(child.frame, parent.frame);
        if (FrameHeader.liveBytes(parent.frame) + needed > upperMax) {
            return Outcome.NOTHING;
        }
        if (!ArtMerge.fits(parent.frame, needed)) {
            compact(parent, epoch);
            return Outcome.DISTURBED;
        }
        parent.touch(epoch);
        ArtMerge.moveUp(child.frame, parent.frame, path, path.length);
        child.forget(epoch);
        tree.merges().increment();
        return Outcome.DONE;
    }

    private void removeEmpty(LatchedFrame parent, LatchedFrame child, byte[] path, long epoch) {
        parent.touch(epoch);
        long signal = ArtErase.eraseCrossing(parent.frame, path, path.length, child.blobId);
        assert Signal.code(signal) == Signal.ERASED;
        child.forget(epoch);
    }

    /** No record changes, but nearly every byte does: a change of all pages (P1), which no snapshot is to see (I5). */
    private void compact(LatchedFrame frame, long epoch) {
        long copy = core.buffers().lease("compacting a frame");
        try {
            frame.touch(epoch);
        } catch (MemoryBudgetException e) {
            core.buffers().release(copy);
            throw e;
        }
        ArtCompact.copyFrame(frame.frame, copy);
        core.buffers().publish(frame.blobId, copy);
        core.buffers().release(frame.frame);
        frame.markGone();
        tree.compactions().increment();
    }

    /**
     * After records were appended beyond them: the child frame before a key, if it is sparse, moves up into this frame.
     * It is what the last division left at the right end of a node whose keys have all come.
     *
     * @param key that of what moved out of this frame, for the appended one may be beyond it
     */
    void takeInBefore(byte[] key, int offset, int bytes, int blobId, long epoch) {
        try {
            Descent at = new Descent();
            if (!at.findFrame(core.present(), tree.rootBlobId(), key, offset, bytes, blobId, false)
                    || !at.tryUpgrade(core.buffers())) {
                return;
            }
            LatchedFrame parent = new LatchedFrame(core, blobId, at.frame, at.version);
            try {
                int most = at.hasParent() ? UPPER_MAX : LEFT_OVERS_MAX;
                takeIn(parent, ArtMerge.crossingBefore(at.frame, key, offset, bytes), most, epoch);
            } finally {
                parent.letGo();
            }
        } catch (MemoryBudgetException e) {
            LOG.debug("frames of tree \"{}\" stay unmerged", tree.name(), e);
        }
    }

    /** A frame that lost most of its records has room for its sparse children. */
    private void takeInChildren(byte[] key, int offset, int bytes, int blobId, long epoch) {
        Descent at = new Descent();
        if (!at.findFrame(core.present(), tree.rootBlobId(), key, offset, bytes, blobId, false)
                || FrameHeader.crossings(at.frame) == 0
                || !at.tryUpgrade(core.buffers())) {
            return;
        }
        LatchedFrame parent = new LatchedFrame(core, blobId, at.frame, at.version);
        try {
            for (int childBlobId : childrenOf(at.frame)) {
                if (parent.isGone() || FrameHeader.liveBytes(parent.frame) > UPPER_MAX) {
                    return;
                }
                takeIn(parent, childBlobId, UPPER_MAX, epoch);
            }
        } finally {
            parent.letGo();
        }
    }

    private static List<Integer> childrenOf(long frame) {
        List<Integer> children = new ArrayList<>();
        ArtOrphans.collect(frame, new ArtErase.Orphans() {
            @Override
            public void frame(int blobId) {
                children.add(blobId);
            }

            @Override
            public void largeLeaf(long leaf, long header) {
                // Its value frames stay where they are.
            }
        });
        return children;
    }

    private void takeIn(LatchedFrame parent, int childBlobId, int upperMax, long epoch) {
        long address = childBlobId == 0 ? 0 : core.buffers().residentAddress(childBlobId);
        if (address <= 0 || FrameHeader.liveBytes(address) >= SPARSE) {
            return;
        }
        LatchedFrame child = LatchedFrame.tryLatch(core, childBlobId, address);
        if (child == null) {
            return;
        }
        try {
            int depth = FrameHeader.rootDepth(child.frame);
            boolean knowsPath = depth == FrameHeader.basePathBytes(child.frame);
            if (knowsPath && !isEmpty(child.frame) && FrameHeader.liveBytes(child.frame) < SPARSE) {
                byte[] path = new byte[depth];
                Memory.copyToArray(FrameHeader.basePath(child.frame), path, 0, depth);
                moveUp(parent, child, path, upperMax, epoch);
            }
        } finally {
            child.letGo();
        }
    }
}
