package io.holt.flink.backend;

import io.holt.api.Cursor;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import io.holt.flink.state.AbstractHoltState;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.util.FlinkRuntimeException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The background clean-up of expired state: a thread walks over the records and finds those that have expired; the
 * task's thread looks at each of them again and removes it, a few at a time, so no record that was renewed meanwhile
 * is lost and no access to state needs a lock.
 *
 * <p>Invariant T1: only the task's thread changes a tree.
 */
final class TtlSweeper implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(TtlSweeper.class);

    /** Expired records that are handed over at once. */
    static final int BATCH_RECORDS = 512;

    /** Records after which the walk lets go of its cursor. */
    private static final int PAGE_RECORDS = 8192;

    /** Removed in one go by the task's thread, which has records to process. */
    private static final int REMOVED_AT_ONCE = 8;

    private final Duration interval;
    private final TtlTimeProvider time;
    private final String operator;
    private final Map<String, Watched> watched = new ConcurrentHashMap<>();
    private final AtomicBoolean closed = new AtomicBoolean();

    /** What the thread has found and the task's thread has not yet removed. */
    private volatile Batch found;

    private volatile Thread thread;
    private final AtomicLong removed = new AtomicLong();

    /** @param interval from the end of one walk to the begin of the next; zero turns the clean-up off */
    TtlSweeper(Duration interval, TtlTimeProvider time, String operator) {
        this.interval = interval;
        this.time = time;
        this.operator = operator;
    }

    private record Watched(HoltTree tree, AbstractHoltState<?, ?, ?> state, long ttlMillis) {}

    private static final class Batch {
        final Watched of;
        final List<byte[]> keys;
        int next;

        Batch(Watched of, List<byte[]> keys) {
            this.of = of;
            this.keys = keys;
        }
    }

    /** Cleans a state up from now on, with this time to live. For the task's thread, as all but {@link #close()}. */
    void watch(String stateName, HoltTree tree, AbstractHoltState<?, ?, ?> state, long ttlMillis) {
        if (interval.isZero()) {
            return;
        }
        watched.put(stateName, new Watched(tree, state, ttlMillis));
        if (thread == null) {
            Thread started = new Thread(this::walkUntilClosed, "holt-ttl-" + operator);
            started.setDaemon(true);
            thread = started;
            started.start();
        }
    }

    /** Removes a few of the records that were found. Reads one field if there are none. */
    void removeSome() {
        Batch batch = found;
        if (batch != null) {
            remove(batch, REMOVED_AT_ONCE);
        }
    }

    /** Removes all records that were found. */
    void removeFound() {
        Batch batch = found;
        if (batch != null) {
            remove(batch, Integer.MAX_VALUE);
        }
    }

    private void remove(Batch batch, int most) {
        long now = time.currentTimestamp();
        int end = (int) Math.min(batch.keys.size(), (long) batch.next + most);
        try {
            while (batch.next < end) {
                batch.of.state.dropExpired(batch.keys.get(batch.next++), batch.of.ttlMillis, now);
            }
        } catch (IOException e) {
            throw new FlinkRuntimeException("state " + batch.of.tree.name() + " can't be cleaned up", e);
        }
        if (end == batch.keys.size()) {
            removed.addAndGet(batch.keys.size());
            found = null;
            LockSupport.unpark(thread);
        }
    }

    /** Records the clean-up has removed, or seen renewed, so far. */
    long removedRecords() {
        return removed.get();
    }

    private void walkUntilClosed() {
        while (!closed.get()) {
            long wakeUp = System.nanoTime() + interval.toNanos();
            while (!closed.get() && wakeUp - System.nanoTime() > 0) {
                LockSupport.parkNanos(this, wakeUp - System.nanoTime());
            }
            for (Watched state : watched.values()) {
                try {
                    walk(state);
                } catch (RuntimeException e) {
                    LOG.warn(
                            "Operator {}: expired records of {} were not all found; the next walk tries again.",
                            operator,
                            state.tree.name(),
                            e);
                }
            }
        }
    }

    private void walk(Watched state) {
        Scan rest = Scan.all();
        while (rest != null && !closed.get()) {
            List<byte[]> keys = new ArrayList<>();
            rest = page(state, rest, keys);
            if (!keys.isEmpty()) {
                found = new Batch(state, keys);
                while (found != null && !closed.get()) {
                    LockSupport.park(this);
                }
            }
        }
    }

    /** Adds the keys of expired records and answers where to go on; null at the end. */
    private Scan page(Watched state, Scan scan, List<byte[]> keys) {
        long now = time.currentTimestamp();
        try (Cursor cursor = state.tree.scan(scan)) {
            for (int records = 1; cursor.next() && !closed.get(); records++) {
                boolean isExpired = state.state.isExpired(
                        cursor.valueArray(), cursor.valueOffset(), cursor.valueLength(), state.ttlMillis, now);
                if (isExpired) {
                    keys.add(cursor.key());
                }
                if (records == PAGE_RECORDS || keys.size() == BATCH_RECORDS) {
                    return Scan.all().startAfter(cursor.key());
                }
            }
        }
        return null;
    }

    /** Ends the thread and waits for it; afterwards it uses no tree. */
    @Override
    public void close() {
        closed.set(true);
        Thread walking = thread;
        if (walking == null) {
            return;
        }
        boolean interrupted = false;
        while (walking.isAlive()) {
            LockSupport.unpark(walking);
            try {
                walking.join(10);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
