package io.holt.internal.tree;

import io.holt.internal.buffer.BufferManager;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.snapshot.SnapshotRegistry;
import io.holt.internal.sync.HybridLatch;

/**
 * Which frames a reader sees: those of the present, or those of a snapshot. Immutable; threads: any.
 */
final class ReadView {

    private final BufferManager buffers;
    private final SnapshotRegistry snapshots;
    private final SnapshotHandle handle;
    private final long epoch;
    private final boolean scan;

    /**
     * The view of a snapshot, or of the present if {@code handle} is null.
     *
     * @param scan whether many frames are seen once, so that they should not push out others
     */
    ReadView(BufferManager buffers, SnapshotRegistry snapshots, SnapshotHandle handle, boolean scan) {
        this.scan = scan;
        this.buffers = buffers;
        this.snapshots = snapshots;
        this.handle = handle;
        this.epoch = handle == null ? Long.MAX_VALUE : handle.epoch();
    }

    BufferManager buffers() {
        return buffers;
    }

    boolean isLive() {
        return handle == null;
    }

    /** Whether the snapshot was closed; never so for the present. */
    boolean isClosed() {
        return handle != null && handle.isClosed();
    }

    /**
     * Address of a blob's frame as this view sees it, or 0 if there is none just now: then, or if
     * {@link #sees} says no after the version was taken, begin again.
     */
    long locate(int blobId) {
        long address = scan ? buffers.addressForScan(blobId) : buffers.address(blobId);
        if (handle == null) {
            return address;
        }
        if (address != 0 && FrameHeader.epoch(address) <= epoch) {
            return address;
        }
        return snapshots.preImage(blobId, epoch);
    }

    /** Whether the content of a frame, read under a version that is to be validated, is not too new for this view. */
    boolean sees(long frame) {
        return FrameHeader.epoch(frame) <= epoch;
    }

    /**
     * Waits for a frame's latch to be free and takes its version; {@link HybridLatch#isHeld held} if the blob went away
     * from the address meanwhile: a slot that was given back stays latched.
     */
    long version(int blobId, long address) {
        long word = HybridLatch.tryReadVersion(address);
        int spins = 0;
        while (HybridLatch.isHeld(word) && stillAt(blobId, address)) {
            HybridLatch.pause(spins++);
            word = HybridLatch.tryReadVersion(address);
        }
        return word;
    }

    /**
     * Whether a frame that this view found is a pre-image. If not, its slot is retired only by who holds its latch.
     */
    boolean isPreImage(int blobId, long address) {
        return handle != null && buffers.residentAddress(blobId) != address;
    }

    /** Whether an address is still where this view finds the blob, so that a version taken there was the blob's. */
    boolean stillAt(int blobId, long address) {
        return buffers.residentAddress(blobId) == address
                || (handle != null && snapshots.residentPreImage(blobId, epoch) == address);
    }
}
