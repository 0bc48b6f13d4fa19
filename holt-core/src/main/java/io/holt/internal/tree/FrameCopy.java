package io.holt.internal.tree;

import io.holt.api.HoltClosedException;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.PageEpochs;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.sync.HybridLatch;

/** Copies frames as a snapshot sees them, for a checkpoint or an image. One thread at a time. */
public final class FrameCopy {

    private static final long ALL_PAGES = -1;

    private final TreeCore core;
    private final SnapshotHandle handle;
    private final ReadView view;
    private long address;
    private long version;
    private boolean whole;

    public FrameCopy(TreeCore core, SnapshotHandle handle) {
        this.core = core;
        this.handle = handle;
        this.view = TreeAccess.scanView(core, handle);
    }

    /**
     * Copies the used bytes of a frame as the snapshot sees it. One that is not in memory is read straight into the
     * target: it needs no slot.
     *
     * @param target address of 512 KiB
     * @return false if nothing led to the blob at that instant and it was freed since; never so for a checkpoint
     * @throws HoltClosedException if the database or the snapshot was closed
     */
    public boolean copy(int blobId, long target) {
        return copy(blobId, target, ALL_PAGES);
    }

    /**
     * As the other, but copies only the first page, and those that changed after an epoch; or more than that. Of a
     * frame that was copied before, the same: what a snapshot sees does not change (I5).
     *
     * @param sinceEpoch {@link Long#MAX_VALUE} for the first page alone
     */
    public boolean copy(int blobId, long target, long sinceEpoch) {
        for (int attempt = 0; ; attempt++) {
            core.buffers().checkOpen();
            if (handle.isClosed()) {
                throw new HoltClosedException("snapshot");
            }
            address = 0;
            if (core.buffers().readAbsent(blobId, target) && FrameHeader.epoch(target) <= handle.epoch()) {
                whole = true;
                return true;
            }
            long frame = view.locate(blobId);
            if (frame != 0 && copyFrom(frame, blobId, target, sinceEpoch)) {
                return true;
            }
            if (frame == 0 && !handle.counts(blobId)) {
                return false;
            }
            Retry.pause(attempt);
        }
    }

    private boolean copyFrom(long frame, int blobId, long target, long sinceEpoch) {
        long seen = view.version(blobId, frame);
        if (HybridLatch.isHeld(seen) || !view.sees(frame)) {
            return false;
        }
        if (sinceEpoch == ALL_PAGES) {
            FrameHeader.copyUsed(frame, target);
        } else {
            PageEpochs.copyChanged(frame, target, sinceEpoch);
        }
        if (!HybridLatch.validate(frame, seen) || !view.stillAt(blobId, frame)) {
            return false;
        }
        address = frame;
        version = seen;
        whole = sinceEpoch == ALL_PAGES;
        return true;
    }

    /** For a checkpoint: as {@link io.holt.internal.snapshot.SnapshotRegistry#done}. */
    public void done(int blobId) {
        core.snapshots().done(handle, blobId);
    }

    /** Whether all used bytes of the frame that was copied last were. */
    public boolean isWhole() {
        return whole;
    }

    /** Where the frame that was copied last was in memory, or 0. */
    public long address() {
        return address;
    }

    /** Version of its latch at which it was copied. */
    public long version() {
        return version;
    }
}
