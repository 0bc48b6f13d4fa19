package io.holt.internal.snapshot;

import java.util.BitSet;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * One live reader of an epoch. A checkpoint's handle needs only the frames that it has yet to write; any other needs
 * every frame that it can see.
 */
public final class SnapshotHandle {

    private final long epoch;
    private final BitSet pending;
    private final BitSet visible;

    /** For a checkpoint: blobs that are kept as they were, until it has written them; null for others. */
    private final Queue<Integer> kept;

    private volatile boolean closed;

    SnapshotHandle(long epoch, BitSet pending, BitSet visible) {
        this.epoch = epoch;
        this.pending = pending;
        this.visible = visible;
        this.kept = pending == null ? null : new ConcurrentLinkedQueue<>();
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

    /** See {@link SnapshotRegistry#done}. */
    void done(int blobId) {
        synchronized (pending) {
            pending.clear(blobId);
        }
    }

    /** Says that a slot is taken until this blob is written, if this is a checkpoint that waits for it. */
    void keeps(int blobId) {
        if (kept != null) {
            kept.add(blobId);
        }
    }

    /** For a checkpoint: a blob that takes a slot until it is written, each once; or -1. */
    public int pollKept() {
        Integer blobId = kept.poll();
        return blobId == null ? -1 : blobId;
    }

    /** Whether the frame of a blob, as it sees it, has to be kept; for a checkpoint until it has written it. */
    public boolean needs(int blobId) {
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
