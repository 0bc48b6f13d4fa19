package io.holt.internal.tree;

import io.holt.api.MemoryBudgetException;
import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtFrame;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.layout.FrameHeader;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Unhooks all keys that start with a prefix from one tree. What was below them in other frames is freed in the
 * background, see {@link SubtreeDrop}. Threads: any.
 *
 * <p>Invariants: those of {@link TreeWriter}; a frame with child frames is changed on the exclusive side of the gate
 * only, so that no writer is on its way into a frame that is unhooked.
 */
final class PrefixDeletion {

    private static final Logger LOG = LoggerFactory.getLogger(PrefixDeletion.class);

    private static final long ABSENT = -1;

    /** There are child frames: not to be done on the shared side. */
    private static final long NEEDS_EXCLUSIVE = -2;

    private final TreeCore core;
    private final TreeState tree;
    private final MergePass merges;

    PrefixDeletion(TreeCore core, TreeState tree, MergePass merges) {
        this.core = core;
        this.tree = tree;
        this.merges = merges;
    }

    /** Removes every key that starts with a prefix; answers whether there was one. */
    boolean delete(byte[] prefix) {
        core.checkNotFailed();
        long lsn = deleteShared(prefix);
        if (lsn == NEEDS_EXCLUSIVE) {
            core.gate().close();
            try {
                tree.checkNotDropped();
                lsn = deleteInGate(prefix, core.snapshots().clock().now(), true);
            } finally {
                core.gate().open();
            }
        }
        core.drop().start();
        if (lsn > 0) {
            core.log().await(lsn);
        }
        return lsn >= 0;
    }

    private long deleteShared(byte[] prefix) {
        int stripe = core.gate().enter();
        try {
            tree.checkNotDropped();
            return deleteInGate(prefix, core.snapshots().clock().now(), false);
        } finally {
            core.gate().exit(stripe);
        }
    }

    private long deleteInGate(byte[] prefix, long epoch, boolean exclusive) {
        Descent at = Scratch.ofThread().descent;
        for (int attempt = 0; ; attempt++) {
            boolean patient = Retry.isPatient(attempt);
            long found = at.find(core.present(), tree.rootBlobId(), prefix, 0, prefix.length, patient);
            if (found == Descent.RESTART || !at.tryUpgrade(core.buffers())) {
                at.letGo();
                core.restart(core.present(), tree, attempt);
                continue;
            }
            boolean changed = false;
            boolean replaced = false;
            long lsn = 0;
            boolean mergeable;
            try {
                if (!ArtErase.findsPrefix(at.frame, prefix)) {
                    return ABSENT;
                }
                if (!exclusive && FrameHeader.crossings(at.frame) > 0) {
                    return NEEDS_EXCLUSIVE;
                }
                int before = FrameHeader.records(at.frame) + FrameHeader.crossings(at.frame);
                int live = FrameHeader.liveBytes(at.frame);
                replaced = exclusive && tryReplace(at, prefix, epoch);
                if (!replaced) {
                    core.snapshots().touch(at.frame, at.blobId, epoch);
                    changed = true;
                    erase(at.frame, prefix, epoch);
                }
                if (before == FrameHeader.records(at.frame) + FrameHeader.crossings(at.frame)) {
                    return ABSENT;
                }
                lsn = core.log().deletePrefix(tree.treeId(), prefix);
                FrameHeader.lsn(at.frame, lsn);
                boolean hasRelatives = at.hasParent() || FrameHeader.crossings(at.frame) > 0;
                mergeable = hasRelatives && MergePass.isDue(at.frame, live);
            } finally {
                if (replaced) {
                    BufferManager.unlock(at.frame);
                } else {
                    TreeWriter.letGo(at, changed);
                }
            }
            if (mergeable) {
                merges.run(prefix, 0, prefix.length, at.blobId, epoch);
            }
            return lsn;
        }
    }

    private void erase(long frame, byte[] prefix, long epoch) {
        SubtreeDrop.Orphans orphans = core.drop().orphans(epoch);
        ArtErase.erasePrefix(frame, prefix, orphans);
        orphans.handOver();
    }

    /**
     * Puts an empty frame in the place of one that goes with all it holds, however much that is: what it refers to is
     * looked for in the background. Not if a snapshot sees it, or there is no slot; then nothing was done.
     */
    private boolean tryReplace(Descent at, byte[] prefix, long epoch) {
        if (FrameHeader.crossings(at.frame) == 0
                || !ArtErase.coversAll(at.frame, prefix)
                || core.snapshots().isSeen(at.frame, at.blobId, epoch)) {
            return false;
        }
        long empty;
        try {
            empty = core.buffers().lease("an empty frame");
        } catch (MemoryBudgetException e) {
            LOG.debug("a frame of tree \"{}\" is cleared where it is", tree.name(), e);
            return false;
        }
        ArtFrame.formatLike(at.frame, empty);
        FrameHeader.epoch(empty, epoch);
        core.buffers().dirty().markChanged(at.blobId, epoch);
        core.buffers().install(at.blobId, empty);
        SubtreeDrop.Orphans orphans = core.drop().orphans(epoch);
        orphans.detached(at.frame);
        orphans.handOver();
        at.frame = empty;
        return true;
    }
}
