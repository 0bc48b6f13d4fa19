package io.holt.kstreams.internal;

import io.holt.api.HoltDb;
import io.holt.api.Snapshot;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The iterators of one open store that were not closed yet.
 *
 * <p>An iterator shows the store as it was when the iterator began. Most are closed before the next write, so they
 * begin on the live tree, which costs nothing; a writer that finds such live iterators first moves them all onto one
 * snapshot.
 *
 * <p>Invariants: iterators begin, and writes are done, under the store's write lock; an iterator is live
 * from then until it is frozen, exhausted or closed, whichever comes first, and is counted exactly once.
 */
final class OpenIterators {

    private final Set<HoltIterator<?>> all = ConcurrentHashMap.newKeySet();
    private final AtomicInteger live = new AtomicInteger();
    private final int readAhead;

    /**
     * @param readAhead how many records an iterator reads ahead at most
     */
    OpenIterators(int readAhead) {
        this.readAhead = readAhead;
    }

    int readAhead() {
        return readAhead;
    }

    void add(HoltIterator<?> iterator) {
        all.add(iterator);
    }

    void remove(HoltIterator<?> iterator) {
        all.remove(iterator);
    }

    /** Called by an iterator, once, when it begins. */
    void enteredLiveTree() {
        live.incrementAndGet();
    }

    /** Called by an iterator, once, when it leaves the live tree. */
    void leftLiveTree() {
        live.decrementAndGet();
    }

    /** Moves all live iterators onto a snapshot of this moment. The caller holds the store's write lock. */
    void freezeLive(HoltDb db) {
        if (live.get() == 0) {
            return;
        }
        SharedSnapshot shared = new SharedSnapshot(db.snapshot());
        try {
            for (HoltIterator<?> iterator : all) {
                iterator.freeze(shared);
            }
        } finally {
            shared.release();
        }
    }

    /** How many are open. */
    int count() {
        return all.size();
    }

    void closeAll() {
        for (HoltIterator<?> iterator : List.copyOf(all)) {
            iterator.close();
        }
    }

    /** A snapshot that is closed by the last of those who use it. Made with one use, its maker's. */
    static final class SharedSnapshot {
        private final Snapshot snapshot;
        private final AtomicInteger uses = new AtomicInteger(1);

        SharedSnapshot(Snapshot snapshot) {
            this.snapshot = snapshot;
        }

        Snapshot snapshot() {
            return snapshot;
        }

        Snapshot retain() {
            uses.incrementAndGet();
            return snapshot;
        }

        void release() {
            if (uses.decrementAndGet() == 0) {
                snapshot.close();
            }
        }
    }
}
