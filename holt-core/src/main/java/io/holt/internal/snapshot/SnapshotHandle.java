package io.holt.internal.snapshot;

import java.util.BitSet;

/**
 * One live reader of an epoch. A checkpoint's handle needs only the frames that it has yet to write; any other needs
 * every frame that it can see.
 */
public final class SnapshotHandle {

    private final long epoch;
    private final BitSet pending;
    private final BitSet visible;
    private volatile boolean closed;

    SnapshotHandle(long epoch, BitSet pending, BitSet visible) {
        this.epoch = epoch;
        this.pending = pending;
        this.visible = visible;
    }

    /** It sees exactly the changes of this epoch and of all before it. */
    public long epoch() {
        return epoch;
    }

    public boolean isClosed() {
        return closed;
    }

    void markClosed() {
        closed = true;
    }

    /** For a checkpoint: this frame is written, or need not be; from now on it may change freely. */
    public void done(int blobId) {
        synchronized (pending) {
            pending.clear(blobId);
        }
    }

    boolean needs(int blobId) {
        if (pending == null) {
            return true;
        }
        synchronized (pending) {
            return pending.get(blobId);
        }
    }

    /** Ids of the blobs there were, but for those freed since to which nothing led; a copy. Not for a checkpoint. */
    public BitSet visible() {
        synchronized (visible) {
            return (BitSet) visible.clone();
        }
    }

    /** Whether a blob is one of {@link #visible()}; always so for a checkpoint. */
    public boolean counts(int blobId) {
        if (visible == null) {
            return true;
        }
        synchronized (visible) {
            return visible.get(blobId);
        }
    }

    void forget(int blobId) {
        if (visible != null) {
            synchronized (visible) {
                visible.clear(blobId);
            }
        }
    }
}
