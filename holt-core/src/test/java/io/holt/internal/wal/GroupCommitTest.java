package io.holt.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** Who waits for a sync is woken, whoever makes his record durable. */
class GroupCommitTest {

    private static final int ROUNDS = 300;
    private static final int WAITERS = 6;

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
        for (int round = 0; round < ROUNDS; round++) {
            log.held = new CountDownLatch(1);
            log.under = new CountDownLatch(1);
            long first = log.appended.incrementAndGet();
            Thread leader = Thread.ofPlatform().start(() -> {
                commits.awaitSynced(first);
                commits.syncEnded();
            });
            assertThat(log.under.await(10, TimeUnit.SECONDS)).isTrue();
            List<Thread> waiters = new ArrayList<>();
            for (int i = 0; i < WAITERS; i++) {
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
