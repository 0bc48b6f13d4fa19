package io.holt.benchmarks.kstreams;

import io.holt.benchmarks.harness.Measurement;
import io.holt.benchmarks.harness.WrongAnswerException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * How much resident memory a process has above what it has while it is idle, when a store that is told to keep to a
 * budget holds more than that. The heap counts as idle: it is touched from the beginning.
 */
final class MemoryCells {

    /** What stores may use, Holt's by an option, RocksDB's by {@link BoundedRocksDb}. */
    static final long BUDGET_BYTES = 256L << 20;

    private static final TopicPartition CHANGELOG = new TopicPartition("benchmark-store-changelog", 0);
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final Path CLEAR = Path.of("/proc/self/clear_refs");
    private static final int RECORDS_BETWEEN_COMMITS = 250_000;
    private static final int GETS = 10_000;
    private static final int WARM_UPS = 4;
    private static final int WARM_UP_RECORDS = 50_000;

    private final StoreEngine engine;
    private final PathKeys keys;
    private final Path work;
    private final Stopwatch watch;

    MemoryCells(StoreEngine engine, PathKeys keys, Path work, Stopwatch watch) {
        this.engine = engine;
        this.keys = keys;
        this.work = work;
        this.watch = watch;
    }

    /** Loads, reads and walks; the peak of all that counts. */
    void measure() throws IOException {
        StoreTask task = new StoreTask(Files.createDirectories(work.resolve("kv")), BUDGET_BYTES);
        // An idle application has loaded and compiled its classes.
        for (int i = 0; i < WARM_UPS; i++) {
            use(task, "warm-up-" + i, WARM_UP_RECORDS);
        }
        System.gc();
        long idle = status("VmRSS:");
        // Resets the peak.
        Files.writeString(CLEAR, "5");
        use(task, "store", keys.count());
        watch.add("rss_over_idle", Measurement.of(Measurement.RESIDENT, (double) (status("VmHWM:") - idle)));
        watch.add("rss_budget", Measurement.of(Measurement.RESIDENT, (double) BUDGET_BYTES));
    }

    private void use(StoreTask task, String name, int records) {
        KeyValueStore<Bytes, byte[]> store = task.open(engine.keyValue(name).get());
        for (int i = 0; i < records; i++) {
            // In order: what was written long ago makes room, so the memory is full and the disk is not waited for.
            store.put(keys.key(i), PathKeys.value(i, 0));
            if (i % RECORDS_BETWEEN_COMMITS == 0) {
                store.commit(Map.of(CHANGELOG, (long) i));
            }
        }
        store.commit(Map.of(CHANGELOG, (long) records));
        for (int i = 0; i < GETS; i++) {
            byte[] found = store.get(keys.key(keys.shuffled(i) % records));
            WrongAnswerException.check("a key", 1, found == null ? 0 : 1);
        }
        int seen = 0;
        try (KeyValueIterator<Bytes, byte[]> all = store.all()) {
            while (all.hasNext()) {
                all.next();
                seen++;
            }
        }
        WrongAnswerException.check("all records", records, seen);
        store.close();
    }

    /** A figure of Linux's, in bytes. */
    private static long status(String name) throws IOException {
        return Files.readAllLines(STATUS).stream()
                .filter(line -> line.startsWith(name))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1_024)
                .findFirst()
                .orElseThrow(() -> new IOException(STATUS + " has no line " + name));
    }
}
