package io.holt.internal.tree;

import io.holt.internal.buffer.BufferManager;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.sync.HybridLatch;

/**
 * A frame whose latch is held by a change of shape, until it is {@link #letGo} or the frame is gone. Used by one
 * thread.
 */
final class LatchedFrame {

    final int blobId;
    final long frame;
    private final TreeCore core;
    private final long version;
    private boolean changed;
    private boolean gone;

    /** A frame whose latch was taken at a version. */
    LatchedFrame(TreeCore core, int blobId, long frame, long version) {
        this.core = core;
        this.blobId = blobId;
        this.frame = frame;
        this.version = version;
    }

    /** Latches a child frame of one whose latch is held, which therefore names it; null if another has its latch. */
    static LatchedFrame tryLatch(TreeCore core, int blobId, long address) {
        long version = HybridLatch.tryReadVersion(address);
        return core.buffers().tryLatch(blobId, address, version)
                ? new LatchedFrame(core, blobId, address, version)
                : null;
    }

    /**
     * Before it is changed in place.
     *
     * @throws io.holt.api.MemoryBudgetException if there is no slot for the pre-image; nothing was changed
     */
    void touch(long epoch) {
        core.snapshots().touch(frame, blobId, epoch);
        changed = true;
    }

    /** Other content, in another slot whose latch is held, takes the frame's place. */
    void replaceBy(long successor, long epoch) {
        FrameHeader.epoch(successor, epoch);
        core.buffers().dirty().markChanged(blobId, epoch);
        core.buffers().install(blobId, successor);
        core.snapshots().retire(frame, blobId, epoch);
        gone = true;
        BufferManager.unlock(successor);
    }

    /** Nothing names the blob any more: frees it. */
    void forget(long epoch) {
        core.buffers().remove(blobId);
        core.snapshots().retire(frame, blobId, epoch);
        gone = true;
        core.buffers().freeBlobId(blobId);
    }

    /** The caller gave the slot back. */
    void markGone() {
        gone = true;
    }

    boolean isGone() {
        return gone;
    }

    /** Gives the latch back, if the frame is still there. */
    void letGo() {
        if (gone) {
            return;
        }
        if (changed) {
            HybridLatch.unlock(frame, version);
        } else {
            HybridLatch.unlockUnchanged(frame, version);
        }
    }
}
