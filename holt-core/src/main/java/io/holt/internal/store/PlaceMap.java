package io.holt.internal.store;

import java.util.BitSet;

/**
 * Which places of the data file are free, taken, and named by the durable manifest. Threads: one at a time.
 *
 * <p>Invariant: a live place is a used one.
 */
final class PlaceMap {

    private final BitSet used = new BitSet();
    private final BitSet live = new BitSet();

    /** Free places whose disk space may still be taken. */
    private final BitSet stale = new BitSet();

    /** No place below this one is free. */
    private int lowestFree;

    private int usedCount;

    int allocate() {
        int place = used.nextClearBit(lowestFree);
        used.set(place);
        stale.clear(place);
        lowestFree = place + 1;
        usedCount++;
        return place;
    }

    /**
     * Takes a place that the manifest names.
     *
     * @return false if another blob has it
     */
    boolean restore(int place) {
        if (used.get(place)) {
            return false;
        }
        used.set(place);
        live.set(place);
        usedCount++;
        return true;
    }

    /** Ends the restoring: what is free in a file of so many places may still take disk space. */
    void restored(int places) {
        stale.set(0, places);
        stale.andNot(used);
    }

    void markLive(int place) {
        checkUsed(place);
        live.set(place);
    }

    void free(int place) {
        checkUsed(place);
        used.clear(place);
        live.clear(place);
        stale.set(place);
        lowestFree = Math.min(lowestFree, place);
        usedCount--;
    }

    void checkWritable(int place) {
        checkUsed(place);
        if (live.get(place)) {
            throw new IllegalStateException("place " + place + " is named by the durable manifest");
        }
    }

    private void checkUsed(int place) {
        if (!used.get(place)) {
            throw new IllegalStateException("place " + place + " is free");
        }
    }

    /** Where the free places that may take disk space end if the first {@code kept} of them are left out. */
    int staleEnd(int kept) {
        int end = 0;
        for (int i = 0; i < kept; i++) {
            int next = stale.nextSetBit(end);
            if (next < 0) {
                break;
            }
            end = next + 1;
        }
        return end;
    }

    /** The first free place from this one on whose disk space may be taken, or -1. */
    int nextStale(int from) {
        return stale.nextSetBit(from);
    }

    /** Where the run of stale places that begins here ends. */
    int staleRunEnd(int first) {
        return stale.nextClearBit(first);
    }

    void reclaimed(int from, int to) {
        stale.clear(from, to);
    }

    /** Says that no place from this one on takes disk space; returns how many might have. */
    int reclaimFrom(int end) {
        int before = stale.cardinality();
        stale.clear(end, Math.max(end, stale.length()));
        return before - stale.cardinality();
    }

    /** One more than the highest place in use. */
    int highEnd() {
        return used.length();
    }

    int usedCount() {
        return usedCount;
    }
}
