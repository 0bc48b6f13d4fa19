package io.holt.internal.tree;

import io.holt.api.HoltClosedException;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.sync.HybridLatch;

/** Copies frames as a snapshot sees them, for a checkpoint or an image. One thread at a time. */
public final class FrameCopy {

    private final TreeCore core;
    private final SnapshotHandle handle;
    private final ReadView view;
    private long address;
    private long version;

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
        for (int attempt = 0; ; attempt++) {
            core.buffers().checkOpen();
            if (handle.isClosed()) {
                throw new HoltClosedException("snapshot");
            }
            address = 0;
            if (core.buffers().readAbsent(blobId, target) && FrameHeader.epoch(target) <= handle.epoch()) {
                return true;
            }
            long frame = view.locate(blobId);
            if (frame != 0 && copyFrom(frame, blobId, target)) {
                return true;
            }
            if (frame == 0 && !handle.counts(blobId)) {
                return false;
            }
            Retry.pause(attempt);
        }
    }

    private boolean copyFrom(long frame, int blobId, long target) {
        long seen = view.version(blobId, frame);
        if (HybridLatch.isHeld(seen) || !view.sees(frame)) {
            return false;
        }
        FrameHeader.copyUsed(frame, target);
        if (!HybridLatch.validate(frame, seen) || !view.stillAt(blobId, frame)) {
            return false;
        }
        address = frame;
        version = seen;
        return true;
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
