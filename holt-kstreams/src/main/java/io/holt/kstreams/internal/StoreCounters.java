package io.holt.kstreams.internal;

import java.util.concurrent.atomic.LongAdder;

/** What a store counts for its metrics. Threads: counted and read from any thread. */
final class StoreCounters {

    private final LongAdder hits = new LongAdder();
    private final LongAdder misses = new LongAdder();
    private final LongAdder restored = new LongAdder();

    /** Counts a read of one key, and passes its answer on. */
    byte[] read(byte[] value) {
        count(value != null);
        return value;
    }

    /** Counts a read of one key. */
    void count(boolean found) {
        if (found) {
            hits.increment();
        } else {
            misses.increment();
        }
    }

    void restored(long records) {
        restored.add(records);
    }

    long hits() {
        return hits.sum();
    }

    long misses() {
        return misses.sum();
    }

    long restoredRecords() {
        return restored.sum();
    }
}
