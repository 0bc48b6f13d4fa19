package io.holt.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.HoltIoException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The protocol alone, over a log that costs nothing, so that threads meet as often as they can. */
class GroupCommitTest {

    private static final int HELD_ROUNDS = 300;
    private static final int HELD_WAITERS = 6;

    /** Counts what is appended, flushed and synced, and notices two syncs at once. */
    private static final class Counting implements GroupCommit.Log {
        final AtomicLong appended = new AtomicLong();
        final long failingSync;
        private long noted;
        private long flushed;
        private long syncs;
        private final AtomicLong syncing = new AtomicLong();
        volatile long durable;

        Counting(long failingSync) {
            this.failingSync = failingSync;
        }

        @Override
        public long flush() {
            flushed = appended.get();
            return flushed;
        }

        @Override
        public long beforeSync(boolean whole) {
            noted = flushed;
            return noted;
        }

        @Override
        public void sync() {
            assertThat(syncing.incrementAndGet()).isEqualTo(1);
            if (++syncs == failingSync) {
                throw new HoltIoException("no luck");
            }
            LockSupport.parkNanos(1);
            durable = noted;
            syncing.decrementAndGet();
        }
    }

    private static List<Future<Long>> run(Counting log, GroupCommit commits, int threads, int records) {
        List<Future<Long>> all = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            for (int t = 0; t < threads; t++) {
                boolean interrupted = t % 4 == 3;
                all.add(pool.submit(() -> {
                    long acknowledged = 0;
                    for (int i = 0; i < records; i++) {
                        if (interrupted) {
                            Thread.currentThread().interrupt();
                        }
                        long lsn = log.appended.incrementAndGet();
                        commits.awaitSynced(lsn);
                        assertThat(log.durable).isGreaterThanOrEqualTo(lsn);
                        assertThat(Thread.interrupted()).isEqualTo(interrupted);
                        acknowledged = lsn;
                    }
                    return acknowledged;
                }));
            }
        }
        return all;
    }

    /** The limit guards against a thread that nobody wakes. */
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void everyThreadIsWokenAndOnlyWhenItsRecordIsDurable() throws Exception {
        for (int threads : new int[] {2, 3, 8, 16}) {
            Counting log = new Counting(0);
            GroupCommit commits = new GroupCommit(log, "test", 0);
            for (Future<Long> each : run(log, commits, threads, 5_000)) {
                each.get();
            }
            assertThat(commits.syncedLsn()).isEqualTo(log.appended.get());
        }
    }

    /** Nobody comes later to wake whom the first leader forgot. */
    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void oneLeaderWakesAllWhoWait() throws Exception {
        for (int round = 0; round < 300; round++) {
            Counting log = new Counting(0);
            GroupCommit commits = new GroupCommit(log, "test", 0);
            for (Future<Long> each : run(log, commits, 8, 1)) {
                each.get();
            }
        }
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void aFailureWakesEverybodyAndIsSaidToEverybody() {
        for (int failing = 1; failing < 60; failing++) {
            Counting log = new Counting(failing);
            GroupCommit commits = new GroupCommit(log, "test", 0);
            for (Future<Long> each : run(log, commits, 8, 1_000)) {
                assertThatThrownBy(each::get).hasStackTraceContaining("no luck");
            }
            assertThat(commits.syncedLsn()).isEqualTo(log.durable);
            assertThat(commits.hasFailed()).isTrue();
        }
    }

    /** A log all of whose records are there; the first sync of a round waits until it may go on. */
    private static final class HeldLog implements GroupCommit.Log {
        final AtomicLong appended = new AtomicLong();
        volatile CountDownLatch held = new CountDownLatch(0);
        volatile CountDownLatch under = new CountDownLatch(0);

        @Override
        public long flush() {
            return appended.get();
        }

        @Override
        public long beforeSync(boolean whole) {
            return appended.get();
        }

        @Override
        public void sync() {
            under.countDown();
            try {
                held.await();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /**
     * A leader ends, and before the one whom he wakes to lead next is there, a sync for which nobody waits makes the
     * records of all others durable: they must not be left asleep.
     */
    @Test
    void nobodySleepsOnWhenHisRecordIsDurable() throws Exception {
        HeldLog log = new HeldLog();
        GroupCommit commits = new GroupCommit(log, "test", 0);
        for (int round = 0; round < HELD_ROUNDS; round++) {
            log.held = new CountDownLatch(1);
            log.under = new CountDownLatch(1);
            long first = log.appended.incrementAndGet();
            Thread leader = Thread.ofPlatform().start(() -> {
                commits.awaitSynced(first);
                commits.syncEnded();
            });
            assertThat(log.under.await(10, TimeUnit.SECONDS)).isTrue();
            List<Thread> waiters = new ArrayList<>();
            for (int i = 0; i < HELD_WAITERS; i++) {
                long lsn = log.appended.incrementAndGet();
                waiters.add(Thread.ofPlatform().daemon().start(() -> commits.awaitSynced(lsn)));
            }
            for (Thread waiter : waiters) {
                while (waiter.getState() != Thread.State.WAITING) {
                    Thread.onSpinWait();
                }
            }
            log.held.countDown();
            leader.join(10_000);
            for (Thread waiter : waiters) {
                waiter.join(10_000);
                assertThat(waiter.isAlive()).as("asleep in round %d", round).isFalse();
            }
        }
    }
}
