package io.holt.internal.snapshot;

import io.holt.internal.buffer.BufferManager;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.PageEpochs;
import io.holt.internal.sync.EpochClock;
import java.util.BitSet;

/**
 * Who still sees old frames, and what must be kept for them.
 *
 * <p>Invariants: I5, a frame that a live snapshot sees is changed only after its pre-image is in place; nothing is
 * copied when nobody needs it. A frame's content holds from the epoch in its header to the present one.
 */
public final class SnapshotRegistry {

    private static final SnapshotHandle[] NONE = {};

    private final BufferManager buffers;
    private final EpochClock clock;
    private final PreImages preImages;
    private volatile SnapshotHandle[] live = NONE;

    public SnapshotRegistry(BufferManager buffers, EpochClock clock) {
        this.buffers = buffers;
        this.clock = clock;
        this.preImages = new PreImages(buffers);
    }

    public EpochClock clock() {
        return clock;
    }

    /**
     * Ends the present epoch and registers a reader of it. The writer gate is held exclusively.
     *
     * @param pending the frames it needs, which it takes over; null for all
     */
    public synchronized SnapshotHandle take(BitSet pending) {
        BitSet visible = pending == null ? buffers.blobIds() : null;
        SnapshotHandle handle = new SnapshotHandle(clock.advance(), pending, visible);
        SnapshotHandle[] more = java.util.Arrays.copyOf(live, live.length + 1);
        more[live.length] = handle;
        live = more;
        return handle;
    }

    /**
     * Frees the id of a blob to which nothing leads from an epoch on; its frame is already removed and retired.
     * Snapshots of that epoch and of later ones, which were taken before this, do not count it any more: under the
     * monitor, so that none is taken in between.
     */
    public synchronized void freeBlobId(int blobId, long epoch) {
        buffers.freeBlobId(blobId);
        for (SnapshotHandle handle : live) {
            if (handle.epoch() >= epoch) {
                handle.forget(blobId);
            }
        }
    }

    /** Lets a reader go and frees what only it needed; again: nothing. */
    public synchronized void close(SnapshotHandle handle) {
        if (handle.isClosed()) {
            return;
        }
        handle.markClosed();
        SnapshotHandle[] fewer = new SnapshotHandle[live.length - 1];
        int kept = 0;
        for (SnapshotHandle other : live) {
            if (other != handle) {
                fewer[kept++] = other;
            }
        }
        live = fewer;
        preImages.free(this::needed);
    }

    /**
     * Says that a checkpoint has a frame, or need not have it: from now on it may change freely, and what was kept of
     * it for the checkpoint alone is free.
     */
    public void done(SnapshotHandle checkpoint, int blobId) {
        checkpoint.done(blobId);
        if (preImages.has(blobId)) {
            freeUnneeded(blobId);
        }
    }

    private synchronized void freeUnneeded(int blobId) {
        preImages.free(blobId, this::needed);
    }

    /** Lets all readers go. */
    public void closeAll() {
        for (SnapshotHandle handle : live) {
            close(handle);
        }
    }

    public int liveCount() {
        return live.length;
    }

    public int preImageCount() {
        return preImages.count();
    }

    /**
     * Address of the pre-image of a frame that a snapshot sees, or 0; read in if need be.
     *
     * @throws io.holt.api.MemoryBudgetException if there is no slot for it
     */
    public long preImage(int blobId, long epoch) {
        return preImages.find(blobId, epoch);
    }

    /** As {@link #preImage}, but 0 if it is not in memory. */
    public long residentPreImage(int blobId, long epoch) {
        return preImages.findResident(blobId, epoch);
    }

    /**
     * Before a change of a frame: if it is the first one in an epoch, saves its pre-image if a live snapshot sees it,
     * marks it dirty and stamps it. The frame's latch is held. Any page of it may be changed then.
     *
     * @throws io.holt.api.MemoryBudgetException if there is no slot for the pre-image; nothing was changed
     */
    public void touch(long frame, int blobId, long epoch) {
        touchForRecord(frame, blobId, epoch);
        PageEpochs.markAll(frame);
    }

    /** Whether a live snapshot sees a frame as it is, if it changes in an epoch. Its latch is held. */
    public boolean isSeen(long frame, int blobId, long epoch) {
        return needed(blobId, FrameHeader.epoch(frame), epoch - 1);
    }

    /** As {@link #touch}, for whoever marks each page that is changed, as {@code ArtInsert} and {@code ArtErase} do. */
    public void touchForRecord(long frame, int blobId, long epoch) {
        long since = FrameHeader.epoch(frame);
        if (since == epoch) {
            return;
        }
        if (needed(blobId, since, epoch - 1)) {
            long copy = buffers.lease("keeping a frame for a snapshot");
            FrameHeader.copyUsed(frame, copy);
            keep(copy, blobId, since, epoch);
        }
        FrameHeader.advanceEpoch(frame, epoch);
        buffers.dirty().markChanged(blobId, epoch);
    }

    /**
     * Instead of giving back the slot of a frame that was replaced or freed in an epoch: keeps it for the snapshots
     * that see it. Its latch is held, its id leads elsewhere already.
     */
    public void retire(long frame, int blobId, long epoch) {
        keep(frame, blobId, FrameHeader.epoch(frame), epoch);
    }

    /** Under the monitor, so that no snapshot that closes meanwhile leaves an image behind. */
    private synchronized void keep(long frame, int blobId, long since, long epoch) {
        if (since < epoch && needed(blobId, since, epoch - 1)) {
            preImages.add(blobId, since, epoch - 1, frame);
            BufferManager.unlock(frame);
            for (SnapshotHandle handle : live) {
                if (sees(handle, blobId, since, epoch - 1)) {
                    handle.keeps(blobId);
                }
            }
        } else {
            buffers.release(frame);
        }
    }

    /** Whether a live snapshot sees the frame that a blob had before an epoch. */
    public boolean isSeenBefore(int blobId, long epoch) {
        return needed(blobId, 0, epoch - 1);
    }

    private boolean needed(int blobId, long firstEpoch, long lastEpoch) {
        for (SnapshotHandle handle : live) {
            if (sees(handle, blobId, firstEpoch, lastEpoch)) {
                return true;
            }
        }
        return false;
    }

    private static boolean sees(SnapshotHandle handle, int blobId, long firstEpoch, long lastEpoch) {
        return firstEpoch <= handle.epoch() && handle.epoch() <= lastEpoch && handle.needs(blobId);
    }
}
