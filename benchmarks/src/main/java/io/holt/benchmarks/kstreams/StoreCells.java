package io.holt.benchmarks.kstreams;

import io.holt.benchmarks.harness.Measurement;
import io.holt.benchmarks.harness.WrongAnswerException;
import io.holt.benchmarks.kstreams.Stopwatch.Operations;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;

/** The operations that are measured on one engine's stores. */
final class StoreCells {

    private static final TopicPartition CHANGELOG = new TopicPartition("benchmark-store-changelog", 0);

    /** Records that a poll of the restore consumer brings. */
    private static final int RESTORE_BATCH = 1_000;

    private static final long BUCKET_MILLIS = 60_000;
    private static final int BUCKETS = 10;
    private static final long EXPIRED_MILLIS = BUCKET_MILLIS * 50;
    private static final int EXPIRY_WARM_UPS = 20;
    private static final int RESTORE_WARM_UPS = 8;
    private static final ByteArraySerializer PREFIXES = new ByteArraySerializer();

    private final StoreEngine engine;
    private final PathKeys keys;
    private final Path work;
    private final boolean quick;
    private final Stopwatch watch;

    /** Of the operations that are done next. */
    private final Bytes[] nextKeys = new Bytes[Stopwatch.BLOCK];

    private final Bytes[] nextEnds = new Bytes[Stopwatch.BLOCK];
    private final byte[][] nextValues = new byte[Stopwatch.BLOCK][];

    StoreCells(StoreEngine engine, PathKeys keys, Path work, boolean quick, Stopwatch watch) {
        this.engine = engine;
        this.keys = keys;
        this.work = work;
        this.quick = quick;
        this.watch = watch;
    }

    private int repetitions() {
        return quick ? 3 : 7;
    }

    private int of(int count) {
        return quick ? Math.max(1, count / 10) : count;
    }

    /** Reads, writes, scans, restart of a key-value store. */
    void keyValue() throws Exception {
        StoreTask task = new StoreTask(Files.createDirectories(work.resolve("kv")));
        warmUp(task);
        KeyValueStore<Bytes, byte[]> store = task.open(engine.keyValue("store").get());
        watch.measure(
                "put",
                1,
                keys.count(),
                (first, count) -> prepareRecords(first, count, 0),
                (first, count) -> putNext(store, count));
        store.commit(Map.of(CHANGELOG, 1L));
        reads(store);
        scans(store);
        watch.measure(
                "overwrite",
                repetitions(),
                of(200_000),
                (first, count) -> prepareRecords(first, count, 1),
                (first, count) -> putNext(store, count));
        store.commit(Map.of(CHANGELOG, 2L));
        store.close();
        if (engine.isPersistent()) {
            watch.measure("open_close", repetitions(), 1, (first, count) -> {
                KeyValueStore<Bytes, byte[]> again =
                        task.open(engine.keyValue("store").get());
                again.commit(Map.of(CHANGELOG, 2L));
                again.close();
            });
            KeyValueStore<Bytes, byte[]> again =
                    task.open(engine.keyValue("store").get());
            // Also brings what is deleted next into memory, as it is in all other rows.
            watch.measure("get_after_open", 1, keys.count(), this::prepareKeys, (first, count) -> {
                for (int i = 0; i < count; i++) {
                    check(again.get(nextKeys[i]) != null, "a record after a restart");
                }
            });
            deletes(again);
            again.close();
        } else {
            KeyValueStore<Bytes, byte[]> again =
                    task.open(engine.keyValue("store").get());
            for (int i = 0; i < keys.count(); i++) {
                again.put(keys.key(keys.shuffled(i)), PathKeys.value(i, 0));
            }
            deletes(again);
            again.close();
        }
    }

    private void prepareRecords(int first, int count, int generation) {
        prepareKeys(first, count);
        for (int i = 0; i < count; i++) {
            nextValues[i] = PathKeys.value(keys.shuffled((first + i) % keys.count()), generation);
        }
    }

    private void prepareKeys(int first, int count) {
        for (int i = 0; i < count; i++) {
            nextKeys[i] = keys.key(keys.shuffled((first + i) % keys.count()));
        }
    }

    private void putNext(KeyValueStore<Bytes, byte[]> store, int count) {
        for (int i = 0; i < count; i++) {
            store.put(nextKeys[i], nextValues[i]);
        }
    }

    /** What can be done once only, done before on a smaller store, so that the code is compiled. */
    private void warmUp(StoreTask task) {
        KeyValueStore<Bytes, byte[]> store =
                task.open(engine.keyValue("warm-up").get());
        int count = keys.count() / 4;
        for (int i = 0; i < count; i++) {
            store.put(keys.key(keys.shuffled(i)), PathKeys.value(i, 0));
        }
        for (int i = 0; i < count; i++) {
            check(store.delete(keys.key(keys.shuffled(i))) != null, "a deleted key");
        }
        store.close();
    }

    private void reads(KeyValueStore<Bytes, byte[]> store) {
        watch.measure("get", repetitions(), of(200_000), this::prepareKeys, (first, count) -> {
            for (int i = 0; i < count; i++) {
                check(store.get(nextKeys[i]) != null, "a key");
            }
        });
        watch.measure("get_miss", repetitions(), of(200_000), this::prepareAbsentKeys, (first, count) -> {
            for (int i = 0; i < count; i++) {
                check(store.get(nextKeys[i]) == null, "an absent key");
            }
        });
    }

    private void prepareAbsentKeys(int first, int count) {
        for (int i = 0; i < count; i++) {
            nextKeys[i] = keys.absentKey(keys.shuffled((first + i) % keys.count()));
        }
    }

    private void scans(KeyValueStore<Bytes, byte[]> store) {
        watch.measure("range_100", repetitions(), of(3_000), this::prepareDirectories, (first, count) -> {
            for (int i = 0; i < count; i++) {
                check(
                        drain(store.range(nextKeys[i], nextEnds[i]), Integer.MAX_VALUE) == PathKeys.FILES_PER_DIRECTORY,
                        "a range of 100");
            }
        });
        watch.measure("prefix_scan_100", repetitions(), of(3_000), this::preparePrefixes, (first, count) -> {
            for (int i = 0; i < count; i++) {
                check(
                        drain(store.prefixScan(nextValues[i], PREFIXES), Integer.MAX_VALUE)
                                == PathKeys.FILES_PER_DIRECTORY,
                        "a directory");
            }
        });
        watch.measure("range_first", repetitions(), of(10_000), this::prepareDirectories, (first, count) -> {
            for (int i = 0; i < count; i++) {
                check(drain(store.range(nextKeys[i], nextEnds[i]), 1) == 1, "a first record");
            }
        });
        watch.measure(
                "all",
                quick ? 1 : 3,
                keys.count(),
                (first, count) -> check(drain(store.all(), Integer.MAX_VALUE) == keys.count(), "all records"));
    }

    /** The ranges from the first to the last file of a directory. */
    private void prepareDirectories(int first, int count) {
        for (int i = 0; i < count; i++) {
            int number = keys.shuffled((first + i) % keys.count());
            int file = number - number % PathKeys.FILES_PER_DIRECTORY;
            nextKeys[i] = keys.key(file);
            nextEnds[i] = keys.key(file + PathKeys.FILES_PER_DIRECTORY - 1);
        }
    }

    private void preparePrefixes(int first, int count) {
        for (int i = 0; i < count; i++) {
            nextValues[i] = keys.directory(keys.shuffled((first + i) % keys.count()));
        }
    }

    private static int drain(KeyValueIterator<?, byte[]> records, int limit) {
        int seen = 0;
        try (records) {
            while (seen < limit && records.hasNext()) {
                records.next();
                seen++;
            }
        }
        return seen;
    }

    private void deletes(KeyValueStore<Bytes, byte[]> store) {
        watch.measure("delete", 1, Math.min(300_000, keys.count()), this::prepareKeys, (first, count) -> {
            for (int i = 0; i < count; i++) {
                check(store.delete(nextKeys[i]) != null, "a deleted key");
            }
        });
    }

    /** A key's windows over ten buckets, and the end of a bucket with all the records. */
    void windows() throws Exception {
        Duration retention = Duration.ofMillis(BUCKET_MILLIS * 2 * BUCKETS);
        StoreTask task = new StoreTask(Files.createDirectories(work.resolve("windows")));
        WindowStore<Bytes, byte[]> store =
                task.open(engine.windows("store", retention.dividedBy(BUCKETS), Duration.ofSeconds(1))
                        .get());
        // Fewer records at first, so that the code is compiled.
        long time = BUCKET_MILLIS / 2;
        for (int i = 0; i < EXPIRY_WARM_UPS; i++) {
            fill(store, keys.count() / 100, time);
            time += EXPIRED_MILLIS;
            store.put(keys.key(0), PathKeys.value(0, 0), time);
        }
        double[] cpu = new double[quick ? 1 : 5];
        double[] wall = new double[cpu.length];
        for (int i = 0; i < cpu.length; i++) {
            fill(store, keys.count(), time);
            time += EXPIRED_MILLIS;
            Stopwatch.Lap lap = new Stopwatch.Lap();
            store.put(keys.key(0), PathKeys.value(0, 0), time);
            lap.end();
            cpu[i] = lap.cpuNanos();
            wall[i] = lap.wallNanos();
        }
        watch.add("window_expiry", Measurement.of(Measurement.CPU, cpu));
        watch.add("window_expiry", Measurement.of(Measurement.WALL, wall));
        store.close();
        manyBuckets(retention);
    }

    private void fill(WindowStore<Bytes, byte[]> store, int count, long time) {
        for (int i = 0; i < count; i++) {
            store.put(keys.key(keys.shuffled(i)), PathKeys.value(i, 0), time);
        }
    }

    private void manyBuckets(Duration retention) throws Exception {
        StoreTask task = new StoreTask(Files.createDirectories(work.resolve("buckets")));
        // Segments and buckets are half of the retention long, a minute at least; ten of them need ten of those.
        int keyCount = Math.max(1, keys.count() / BUCKETS);
        WindowStore<Bytes, byte[]> store =
                task.open(engine.windowsInBuckets(retention, BUCKET_MILLIS).get());
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            for (int i = 0; i < keyCount; i++) {
                store.put(keys.key(i), PathKeys.value(i, bucket), bucket * BUCKET_MILLIS + 1_000);
            }
        }
        Operations prepareFewer = (first, count) -> {
            for (int i = 0; i < count; i++) {
                nextKeys[i] = keys.key(keys.shuffled((first + i) % keys.count()) % keyCount);
            }
        };
        watch.measure("window_fetch_10", repetitions(), of(20_000), prepareFewer, (first, count) -> {
            for (int i = 0; i < count; i++) {
                try (WindowStoreIterator<byte[]> found = store.fetch(nextKeys[i], 0, BUCKETS * BUCKET_MILLIS)) {
                    check(drain(found, Integer.MAX_VALUE) == BUCKETS, "ten windows");
                }
            }
        });
        store.close();
    }

    /** What the store does with a changelog of all records, in batches as they are polled. */
    void restore() throws Exception {
        StoreTask task = new StoreTask(Files.createDirectories(work.resolve("restore")));
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>(keys.count());
        for (int i = 0; i < keys.count(); i++) {
            int number = keys.shuffled(i);
            records.add(new ConsumerRecord<>(
                    CHANGELOG.topic(),
                    0,
                    i,
                    i,
                    TimestampType.CREATE_TIME,
                    0,
                    0,
                    keys.key(number).get(),
                    PathKeys.value(number, 0),
                    new RecordHeaders(),
                    Optional.empty()));
        }
        // As other operations: what is measured is compiled code.
        for (int i = 0; i < RESTORE_WARM_UPS; i++) {
            restoreInto("warm-up-" + i, task, records.subList(0, keys.count() / 4));
        }
        double[] cpu = new double[quick ? 1 : 3];
        double[] wall = new double[cpu.length];
        for (int i = 0; i < cpu.length; i++) {
            Stopwatch.Lap lap = restoreInto("measured-" + i, task, records);
            cpu[i] = lap.cpuNanos() / (double) keys.count();
            wall[i] = lap.wallNanos() / (double) keys.count();
        }
        watch.add("restore", Measurement.of(Measurement.CPU, cpu));
        watch.add("restore", Measurement.of(Measurement.WALL, wall));
    }

    private Stopwatch.Lap restoreInto(String name, StoreTask task, List<ConsumerRecord<byte[], byte[]>> records) {
        KeyValueStore<Bytes, byte[]> store = task.open(engine.keyValue(name).get());
        Stopwatch.Lap lap = new Stopwatch.Lap();
        restore(task, records);
        store.commit(Map.of(CHANGELOG, (long) records.size()));
        lap.end();
        check(store.get(keys.key(keys.shuffled(7))) != null, "a restored key");
        store.close();
        return lap;
    }

    private static void restore(StoreTask task, List<ConsumerRecord<byte[], byte[]>> records) {
        for (int i = 0; i < records.size(); i += RESTORE_BATCH) {
            task.restore(records.subList(i, Math.min(records.size(), i + RESTORE_BATCH)));
        }
    }

    private static void check(boolean right, String what) {
        WrongAnswerException.check(what, 1, right ? 1 : 0);
    }
}
