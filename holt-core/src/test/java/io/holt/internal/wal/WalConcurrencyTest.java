package io.holt.internal.wal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import com.sun.management.ThreadMXBean;
import io.holt.api.Durability;
import io.holt.api.HoltIoException;
import io.holt.api.IoEngineKind;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoEngines;
import io.holt.internal.memory.Memory;
import io.holt.testkit.OffHeap;
import io.holt.testkit.SimulatedDisk;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One log, several threads. */
class WalConcurrencyTest {

    private static final int STAGING_BYTES = 16 * 1024;

    @TempDir
    Path directory;

    private static byte[] keyOf(int thread, int number) {
        return ByteBuffer.allocate(8).putInt(thread).putInt(number).array();
    }

    /** The numbers of each thread, in the order of the log. */
    private static Map<Integer, List<Integer>> replay(IoEngine engine, Path directory, long fromLsn) {
        Map<Integer, List<Integer>> found = new HashMap<>();
        WalReader.replay(
                engine, directory, WalModel.STORE_ID, fromLsn, (lsn, type, tree, key, at, n, value, from, bytes) -> {
                    ByteBuffer parts = ByteBuffer.wrap(key, at, n);
                    found.computeIfAbsent(parts.getInt(), t -> new ArrayList<>())
                            .add(parts.getInt());
                });
        return found;
    }

    private static void inThreads(int threads, ThreadBody body) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Void>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                Callable<Void> call = () -> {
                    body.run(thread);
                    return null;
                };
                all.add(pool.submit(call));
            }
            for (Future<Void> each : all) {
                each.get();
            }
        }
    }

    private interface ThreadBody {
        void run(int thread) throws Exception;
    }

    @Test
    void threadsShareSyncsAndEachFindsItsRecordsInOrder() throws Exception {
        int threads = 16;
        int records = 100;
        try (IoEngine engine = IoEngines.open(IoEngineKind.AUTO);
                OffHeap staging = new OffHeap(STAGING_BYTES)) {
            WalConfig config = WalModel.config(Durability.SYNC, 64 * 1024, staging, STAGING_BYTES);
            try (WalWriter writer = WalWriter.open(engine, directory, config, WalEnd.none(1))) {
                inThreads(threads, thread -> {
                    Random random = new Random(thread);
                    for (int i = 0; i < records; i++) {
                        byte[] key = keyOf(thread, i);
                        byte[] value = new byte[random.nextInt(random.nextInt(20) == 0 ? 20_000 : 500)];
                        long lsn = writer.append(WalRecord.PUT, 1, key, 0, key.length, value, 0, value.length);
                        writer.commit(lsn);
                        assertThat(writer.syncedLsn()).isGreaterThanOrEqualTo(lsn);
                    }
                });
                assertThat(writer.syncs())
                        .isLessThan((long) threads * records / 2)
                        .isPositive();
                assertThat(writer.nextLsn()).isEqualTo(1 + (long) threads * records);
                assertInOrder(replay(engine, directory, 1), threads, records);
            }
            assertInOrder(replay(engine, directory, 1), threads, records);
        }
    }

    private static void assertInOrder(Map<Integer, List<Integer>> found, int threads, int records) {
        assertThat(found).hasSize(threads);
        for (List<Integer> numbers : found.values()) {
            assertThat(numbers).hasSize(records).isSorted();
        }
    }

    @Test
    void appendingSyncingAndCuttingGoOnTogether() throws Exception {
        int threads = 4;
        int records = 1500;
        try (IoEngine engine = IoEngines.open(IoEngineKind.AUTO);
                OffHeap staging = new OffHeap(STAGING_BYTES)) {
            WalConfig config = WalModel.config(Durability.ASYNC, 16 * 1024, staging, STAGING_BYTES);
            AtomicBoolean done = new AtomicBoolean();
            long[] cut = {1};
            try (WalWriter writer = WalWriter.open(engine, directory, config, WalEnd.none(1))) {
                inThreads(threads + 1, thread -> {
                    if (thread == threads) {
                        while (!done.get()) {
                            writer.sync();
                            cut[0] = Math.max(1, writer.syncedLsn() - 500);
                            writer.truncateBefore(cut[0]);
                        }
                        return;
                    }
                    try {
                        for (int i = 0; i < records; i++) {
                            byte[] key = keyOf(thread, i);
                            byte[] value = new byte[i % 300];
                            writer.commit(writer.append(WalRecord.PUT, 1, key, 0, key.length, value, 0, value.length));
                        }
                    } finally {
                        done.compareAndSet(false, thread == 0);
                    }
                });
                Map<Integer, List<Integer>> found = replay(engine, directory, cut[0]);
                long total = 0;
                for (List<Integer> numbers : found.values()) {
                    // What is left of a thread's records is their end, without a gap.
                    for (int i = 0; i < numbers.size(); i++) {
                        assertThat(numbers.get(i)).isEqualTo(records - numbers.size() + i);
                    }
                    total += numbers.size();
                }
                assertThat(total).isEqualTo(writer.nextLsn() - cut[0]);
            }
        }
    }

    /** A sync fails while several threads wait: what any of them was told is durable is found after a power loss. */
    @Test
    void aFailingSyncAcknowledgesNothing() throws Exception {
        for (int seed = 0; seed < 40; seed++) {
            SimulatedDisk disk = new SimulatedDisk();
            Set<Long> acknowledged = ConcurrentHashMap.newKeySet();
            try (OffHeap staging = new OffHeap(STAGING_BYTES)) {
                WalConfig config = WalModel.config(Durability.SYNC, 4096, staging, STAGING_BYTES);
                WalWriter writer = WalWriter.open(disk.engine(), WalModel.DIRECTORY, config, WalEnd.none(1));
                SimulatedDisk.Call kind = seed % 2 == 0 ? SimulatedDisk.Call.SYNC : SimulatedDisk.Call.WRITE;
                disk.failOnce(kind, 3 + seed / 2, "no luck");
                inThreads(4, thread -> {
                    try {
                        for (int i = 0; i < 100; i++) {
                            byte[] key = keyOf(thread, i);
                            long lsn = writer.append(WalRecord.PUT, 1, key, 0, key.length, key, 0, 8);
                            writer.commit(lsn);
                            acknowledged.add(lsn);
                        }
                        throw new AssertionError("the failure went unnoticed");
                    } catch (HoltIoException e) {
                        assertThat(e).hasStackTraceContaining("no luck");
                    }
                });
                writer.close();
            }
            SimulatedDisk found = disk.afterPowerLoss(new Random(seed));
            long next =
                    WalModel.replay(found.engine(), WalModel.DIRECTORY, 1).end().nextLsn();
            assertThat(acknowledged).allMatch(lsn -> lsn < next);
        }
    }

    @Test
    void appendingAllocatesNothing() {
        // The checks do.
        assumeFalse(Memory.CHECKED);
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        byte[] key = new byte[24];
        byte[] value = new byte[100];
        try (IoEngine engine = IoEngines.open(IoEngineKind.AUTO);
                OffHeap staging = new OffHeap(1 << 20)) {
            WalConfig config = WalModel.config(Durability.ASYNC, 256 << 20, staging, 1 << 20);
            try (WalWriter writer = WalWriter.open(engine, directory, config, WalEnd.none(1))) {
                long bytes = Long.MAX_VALUE;
                int records = 20_000;
                // Until the compiler is done with it.
                for (int round = 0; round < 100 && bytes > records; round++) {
                    long before = threads.getCurrentThreadAllocatedBytes();
                    for (int i = 0; i < records; i++) {
                        writer.commit(writer.append(WalRecord.PUT, 1, key, 0, 24, value, 0, 100));
                    }
                    bytes = threads.getCurrentThreadAllocatedBytes() - before;
                }
                assertThat(bytes).isLessThanOrEqualTo(records);
            }
        }
    }
}
