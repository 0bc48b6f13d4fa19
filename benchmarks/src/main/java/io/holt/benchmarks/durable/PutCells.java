package io.holt.benchmarks.durable;

import io.holt.api.IoEngineKind;
import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.DatasetKind;
import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.harness.Measurement;
import io.holt.internal.io.Caching;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoEngines;
import io.holt.internal.io.IoFile;
import io.holt.internal.io.OpenMode;
import io.holt.internal.memory.AlignedBlobBuf;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Puts of keys that are there, in random order, with a log. */
final class PutCells {

    private static final long MIN_MEMORY_BYTES = 256L << 20;
    private static final int[] SYNC_THREADS = {1, 8, 32};
    private static final int PAGE_BYTES = 4096;
    private static final long PREALLOCATED_BYTES = 64L << 20;

    /** Keeps the compiler from leaving out reads whose outcome nobody wants. */
    private static int unusedSum;

    private final Rows rows;
    private final Path work;
    private final long measuredNanos;

    PutCells(Rows rows, Path work, long measuredNanos) {
        this.rows = rows;
        this.work = work;
        this.measuredNanos = measuredNanos;
    }

    /** One thread, every put timed; nobody waits for the disk unless the engine makes it. */
    void async(String engine, int records) {
        Dataset dataset = Dataset.of(DatasetKind.OBJSTORE, records, Dataset.SCALE_DIGITS);
        long memoryBytes = Math.max(MIN_MEMORY_BYTES, 4 * dataset.bytes());
        try (LoggedStore store = LoggedStore.open(engine, work.resolve("store"), false, memoryBytes)) {
            for (int i = 0; i < records; i++) {
                store.put(dataset.key(i), dataset.value(i));
            }
            put(store, dataset, 1, measuredNanos / 2);
            rows.addAll(
                    engine,
                    records,
                    "put_async",
                    1,
                    put(store, dataset, 1, measuredNanos).measurements());
        }
    }

    /** Several threads, each put durable when it returns; and what the device does beside. */
    void sync(String engine, int records) {
        Dataset dataset = Dataset.of(DatasetKind.OBJSTORE, records, Dataset.SCALE_DIGITS);
        try (LoggedStore store = LoggedStore.open(engine, work.resolve("store"), true, MIN_MEMORY_BYTES)) {
            for (int threads : SYNC_THREADS) {
                put(store, dataset, threads, measuredNanos / 4);
                long syncsBefore = store.syncs();
                long begin = System.nanoTime();
                Latencies latencies = put(store, dataset, threads, measuredNanos);
                double rate = latencies.count() * 1e9 / (System.nanoTime() - begin);
                rows.add(engine, records, "put_sync", threads, Measurement.of("puts/s", rate));
                double batch = (double) latencies.count() / (store.syncs() - syncsBefore);
                rows.add(engine, records, "put_sync", threads, Measurement.of("puts/sync", batch));
                rows.addAll(engine, records, "put_sync", threads, latencies.measurements());
            }
        }
    }

    /** What the device does for the log of one thread: a page past the page cache and fdatasync, again and again. */
    void device() {
        try (IoEngine io = IoEngines.open(IoEngineKind.PREAD);
                IoFile file = io.open(work.resolve("device"), OpenMode.CREATE, Caching.DIRECT);
                AlignedBlobBuf buffer = AlignedBlobBuf.zeroed()) {
            file.preallocate(0, PREALLOCATED_BYTES);
            Latencies latencies = new Latencies();
            long begin = System.nanoTime();
            long end = begin + measuredNanos;
            long offset = 0;
            for (long now = begin; now < end; ) {
                file.write(offset, buffer.address(), PAGE_BYTES);
                file.sync();
                offset = (offset + PAGE_BYTES) % PREALLOCATED_BYTES;
                long done = System.nanoTime();
                latencies.add(done - now);
                now = done;
            }
            rows.add("device", 1, "put_sync", 1, Measurement.of("puts/s", latencies.count() * 1e9 / measuredNanos));
            rows.addAll("device", 1, "put_sync", 1, latencies.measurements());
        }
    }

    private static Latencies put(LoggedStore store, Dataset dataset, int threads, long nanos) {
        Latencies all = new Latencies();
        List<Thread> running = new ArrayList<>();
        List<Latencies> each = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            Latencies latencies = new Latencies();
            each.add(latencies);
            long seed = thread + 1L;
            running.add(Thread.ofPlatform().start(() -> putFor(store, dataset, seed, nanos, latencies)));
        }
        try {
            for (Thread thread : running) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        each.forEach(all::addAll);
        return all;
    }

    static void putFor(LoggedStore store, Dataset dataset, long seed, long nanos, Latencies latencies) {
        SplitMix64 random = new SplitMix64(seed);
        long done = System.nanoTime();
        long end = done + nanos;
        while (done < end) {
            byte[] key = dataset.key((int) Long.remainderUnsigned(random.nextLong(), dataset.records()));
            byte[] value = dataset.value((int) Long.remainderUnsigned(random.nextLong(), dataset.records()));
            unusedSum = sumOf(key) + sumOf(value);
            long begin = System.nanoTime();
            store.put(key, value);
            done = System.nanoTime();
            latencies.add(done - begin);
        }
    }

    /** Who puts a record has just made it; those here were made long ago, and would be waited for under the clock. */
    private static int sumOf(byte[] bytes) {
        int sum = 0;
        for (byte part : bytes) {
            sum += part;
        }
        return sum;
    }
}
