package io.holt.internal.buffer;

import java.util.Arrays;
import java.util.BitSet;

/** Gives out blob ids, dense and from 1 on; freed ones first. Threads: any. */
final class BlobIds {

    private int[] free = new int[64];
    private int freeCount;
    private int next = 1;
    private final BitSet used = new BitSet();

    synchronized int allocate() {
        if (freeCount == 0 && next == Integer.MAX_VALUE) {
            throw new IllegalStateException("all blob ids are in use");
        }
        int blobId = freeCount > 0 ? free[--freeCount] : next++;
        used.set(blobId);
        return blobId;
    }

    synchronized void free(int blobId) {
        if (freeCount == free.length) {
            free = Arrays.copyOf(free, 2 * freeCount);
        }
        free[freeCount++] = blobId;
        used.clear(blobId);
    }

    /** Takes over the ids of a database on disk; all below {@code firstUnused} were given out at some time. */
    synchronized void adopt(BitSet known, int firstUnused) {
        next = firstUnused;
        freeCount = 0;
        for (int id = next - 1; id >= 1; id--) {
            if (!known.get(id)) {
                free(id);
            }
        }
        used.clear();
        used.or(known);
    }

    /** The ids in use, a copy: a bit for each. */
    synchronized BitSet used() {
        return (BitSet) used.clone();
    }

    /** Ids in use. */
    synchronized long inUse() {
        return next - 1L - freeCount;
    }

    /** The id above all that were ever given out. */
    synchronized int next() {
        return next;
    }
}
