package io.holt.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.HoltIoException;
import java.util.ArrayList;
import java.util.List;
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
}
