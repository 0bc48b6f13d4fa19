package io.holt.internal.wal;

import io.holt.api.HoltIoException;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets threads that wait for the same thing share one write or one sync: who comes first does it for all whose
 * records are appended by then, the others find it done.
 *
 * <p>Invariants:
 * <ul>
 *   <li>I3: {@code syncedLsn} never passes what a sync that said yes has covered;
 *   <li>after a failed write or sync nothing is written and nothing acknowledged that was not before.
 * </ul>
 *
 * <p>Locks, in the order in which they are taken: sync, flush, and the writer's own for appending. No lock is held
 * that appenders need while a sync is under way.
 */
final class GroupCommit {

    /** What is done for all who wait. */
    interface Log {
        /** Hands what is appended to the operating system; the flush lock is held. Returns the last LSN of it. */
        long flush();

        /**
         * Takes note of what has to be synced; sync and flush lock are held.
         *
         * @param whole whether everything that is written, or only segments that nothing is added to any more
         * @return the last LSN of it
         */
        long beforeSync(boolean whole);

        /** Makes durable what was noted; only the sync lock is held. */
        void sync();
    }

    private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

    private final Log log;
    private final String path;

    // Made once: a commit allocates nothing.
    private final Runnable flushing;
    private final Runnable syncing;

    private final ReentrantLock syncLock = new ReentrantLock();
    private final ReentrantLock flushLock = new ReentrantLock();

    /** Whether a thread syncs for all. */
    private final AtomicBoolean leading = new AtomicBoolean();

    private final Queue<Waiter> waiters = new ConcurrentLinkedQueue<>();
    private final AtomicLong syncs = new AtomicLong();
    private final AtomicLong writtenLsn;
    private volatile long syncedLsn;

    /** The first failure, after which nothing is written. */
    private volatile HoltIoException failure;

    GroupCommit(Log log, String path, long durableLsn) {
        this.log = log;
        this.path = path;
        AtomicLong written = new AtomicLong(durableLsn);
        this.flushing = () -> written.accumulateAndGet(log.flush(), Math::max);
        this.syncing = log::sync;
        this.writtenLsn = written;
        this.syncedLsn = durableLsn;
    }

    /** Returns when all records up to this LSN are with the operating system. */
    void awaitWritten(long lsn) {
        if (writtenLsn.get() >= lsn) {
            return;
        }
        flushLock.lock();
        try {
            if (writtenLsn.get() < lsn) {
                flush();
            }
        } finally {
            flushLock.unlock();
        }
    }

    private void flush() {
        guarded(flushing);
    }

    /** A thread that waits for a sync. */
    private static final class Waiter {
        final long lsn;
        final Thread thread = Thread.currentThread();
        volatile boolean awake;

        Waiter(long lsn) {
            this.lsn = lsn;
        }
    }

    /**
     * Returns when all records up to this LSN are durable. Who finds nobody syncing does so; the others sleep until
     * it is done, and are then woken all at once, so that they bring their next records in time for the next sync.
     */
    void awaitSynced(long lsn) {
        while (syncedLsn < lsn) {
            if (leading.compareAndSet(false, true)) {
                try {
                    lead(lsn);
                } finally {
                    leading.set(false);
                    wakeUp();
                }
            } else {
                follow(lsn);
            }
        }
    }

    private void follow(long lsn) {
        boolean interrupted = false;
        Waiter waiter = new Waiter(lsn);
        waiters.add(waiter);
        // Looked at after the line above: a leader that did not see this waiter has stopped leading.
        while (!waiter.awake && leading.get() && syncedLsn < lsn) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void lead(long lsn) {
        syncLock.lock();
        try {
            if (syncedLsn < lsn) {
                sync(true);
            }
        } finally {
            syncLock.unlock();
        }
    }

    /**
     * Makes the segments durable that nothing is added to any more, where nobody waits for it. Not the newest: its
     * pages would have to be asked for again before they are stored to.
     */
    void syncEnded() {
        syncLock.lock();
        try {
            sync(false);
        } catch (HoltIoException e) {
            // Kept as the first failure: the next writer hears of it.
            LOG.debug("the log in {} could not be made durable", path, e);
        } finally {
            syncLock.unlock();
        }
        // Whoever was woken to lead may find his records durable by this, and leave without waking the others.
        wakeUp();
    }

    /** Wakes all whose records are durable, and one of the others to lead next. */
    private void wakeUp() {
        boolean leaderWoken = false;
        for (Iterator<Waiter> all = waiters.iterator(); all.hasNext(); ) {
            Waiter waiter = all.next();
            boolean done = waiter.lsn <= syncedLsn || failure != null;
            if (done || !leaderWoken) {
                leaderWoken |= !done;
                all.remove();
                waiter.awake = true;
                LockSupport.unpark(waiter.thread);
            }
        }
    }

    private void sync(boolean whole) {
        long target;
        flushLock.lock();
        try {
            if (whole) {
                flush();
            }
            target = log.beforeSync(whole);
        } finally {
            flushLock.unlock();
        }
        guarded(syncing);
        syncs.incrementAndGet();
        syncedLsn = Math.max(syncedLsn, target);
    }

    /**
     * Syncs something while writing goes on; a failure ends all writing.
     *
     * @param needed asked while nothing is written
     */
    void syncing(BooleanSupplier needed, Runnable sync) {
        syncLock.lock();
        try {
            boolean wanted;
            flushLock.lock();
            try {
                wanted = needed.getAsBoolean();
            } finally {
                flushLock.unlock();
            }
            if (wanted) {
                guarded(sync);
            }
        } finally {
            syncLock.unlock();
        }
    }

    /** Does something to the files that no write and no sync may run into. */
    void exclusively(Runnable change) {
        syncLock.lock();
        try {
            flushLock.lock();
            try {
                change.run();
            } finally {
                flushLock.unlock();
            }
        } finally {
            syncLock.unlock();
        }
    }

    /** Does something that no other write may run into, a failure of which ends all writing. */
    void writing(Runnable write) {
        flushLock.lock();
        try {
            guarded(write);
        } finally {
            flushLock.unlock();
        }
    }

    private void guarded(Runnable write) {
        checkUsable();
        boolean done = false;
        try {
            write.run();
            done = true;
        } catch (HoltIoException e) {
            fail(e);
            throw e;
        } finally {
            if (!done) {
                fail(new HoltIoException("a write or sync of " + path + " was cut short"));
            }
        }
    }

    /** Ends all writing. */
    synchronized void fail(HoltIoException first) {
        if (failure == null) {
            failure = first;
        }
    }

    /** Throws if a write or sync has failed. */
    void checkUsable() {
        HoltIoException first = failure;
        if (first != null) {
            throw new HoltIoException(
                    "the log in " + path + " takes no more records since a write or sync of it failed, this change was"
                            + " not made; close the database and open it again",
                    first);
        }
    }

    boolean hasFailed() {
        return failure != null;
    }

    /** For a write under {@link #writing}, or by who appends while no flush has records in hand. */
    void written(long lsn) {
        writtenLsn.setRelease(lsn);
    }

    long writtenLsn() {
        return writtenLsn.get();
    }

    long syncedLsn() {
        return syncedLsn;
    }

    long syncs() {
        return syncs.get();
    }
}
