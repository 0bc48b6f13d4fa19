package io.holt.internal.buffer;

import java.util.BitSet;

/** Blob ids of frames changed, and of frames freed, since the last checkpoint began. Threads: any. */
public final class DirtySet {

    private BitSet changed = new BitSet();
    private BitSet freed = new BitSet();

    /** What a checkpoint has to do: frames to write and ids to forget; an id is in at most one of them. */
    public record Drained(BitSet changed, BitSet freed) {}

    public synchronized void markChanged(int blobId) {
        changed.set(blobId);
        freed.clear(blobId);
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
