package io.holt.internal.buffer;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Blob ids of frames changed, and of frames freed, since the last checkpoint began; and when each frame was last
 * changed, as far as this process knows. Threads: any.
 */
public final class DirtySet {

    private BitSet changed = new BitSet();
    private BitSet freed = new BitSet();

    /** By blob id; 0 if it was not changed since the database was opened. */
    private long[] changeEpochs = new long[64];

    private long openedAt;

    /** What a checkpoint has to do: frames to write and ids to forget; an id is in at most one of them. */
    public record Drained(BitSet changed, BitSet freed) {}

    public synchronized void markChanged(int blobId, long epoch) {
        changed.set(blobId);
        freed.clear(blobId);
        setChangeEpoch(blobId, epoch);
    }

    /** Says when frames that were on disk already, or were installed, were changed at the latest. */
    public synchronized void openedAt(long epoch) {
        openedAt = epoch;
    }

    /** Says when a frame that was installed was last changed. */
    public synchronized void setChangeEpoch(int blobId, long epoch) {
        if (blobId >= changeEpochs.length) {
            changeEpochs = Arrays.copyOf(changeEpochs, Math.max(blobId + 1, 2 * changeEpochs.length));
        }
        changeEpochs[blobId] = epoch;
    }

    /** The epoch after which a frame certainly was not changed: that of its last change, or a later one. */
    public synchronized long changeEpoch(int blobId) {
        long epoch = blobId < changeEpochs.length ? changeEpochs[blobId] : 0;
        return epoch == 0 ? openedAt : epoch;
    }

    /** How many of these frames may have changed after an epoch. */
    public synchronized int changedAfter(long epoch, BitSet blobIds) {
        int count = 0;
        for (int id = blobIds.nextSetBit(0); id >= 0; id = blobIds.nextSetBit(id + 1)) {
            count += changeEpoch(id) > epoch ? 1 : 0;
        }
        return count;
    }

    public synchronized void markFreed(int blobId) {
        changed.clear(blobId);
        freed.set(blobId);
    }

    /** Hands over what there is and starts again empty. */
    public synchronized Drained drain() {
        Drained drained = new Drained(changed, freed);
        changed = new BitSet();
        freed = new BitSet();
        return drained;
    }

    /** Takes back what a failed checkpoint did not do; what happened since then prevails. */
    public synchronized void restore(Drained drained) {
        BitSet changedBefore = (BitSet) drained.changed().clone();
        changedBefore.andNot(freed);
        BitSet freedBefore = (BitSet) drained.freed().clone();
        freedBefore.andNot(changed);
        changed.or(changedBefore);
        freed.or(freedBefore);
    }

    public synchronized int changedCount() {
        return changed.cardinality();
    }
}
