package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.query.MultiVersionedKeyQuery;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.VersionedKeyQuery;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.VersionedBytesStore;
import org.apache.kafka.streams.state.VersionedRecord;
import org.apache.kafka.streams.state.VersionedRecordIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same random operations on a Holt versioned store, a RocksDB store and a sorted map on the heap. There is no
 * versioned in-memory store. The map says what several versions at once must be: RocksDB leaves out versions that were
 * valid up to a time in a later segment than the end of the query.
 */
final class VersionedDifferentialTest {

    private static final Duration HISTORY = Duration.ofSeconds(60);
    private static final int KEYS = 12;

    @TempDir
    Path holtDirectory;

    @TempDir
    Path rocksDirectory;

    private final TestEngine engine = TestEngine.create();

    /** Of each key, the versions by timestamp; null for a deletion. */
    private final Map<Bytes, TreeMap<Long, byte[]>> model = new HashMap<>();

    private SplittableRandom random;
    private TestTask holtTask;
    private TestTask rocksTask;
    private VersionedBytesStore holt;
    private VersionedBytesStore rocks;
    private long now = 1_000_000;

    @AfterEach
    void closeStores() {
        holt.close();
        rocks.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 20_261_122, 4_711})
    void storesAgree(long seed) {
        random = new SplittableRandom(seed);
        holtTask = new TestTask(engine, holtDirectory);
        rocksTask = new TestTask(engine, rocksDirectory);
        rocks = rocksTask.open((VersionedBytesStore)
                Stores.persistentVersionedKeyValueStore("store", HISTORY).get());
        openHolt();
        put(key(), now, Operations.value(random));
        int operations = Operations.count();
        for (int i = 0; i < operations; i++) {
            operate();
            if (i % 700 == 699) {
                reopen();
            }
        }
    }

    private void openHolt() {
        holt = holtTask.open((VersionedBytesStore) new HoltVersionedSupplier(
                        "store",
                        HISTORY.toMillis(),
                        HoltVersionedSupplier.defaultBucketMillis(HISTORY.toMillis()),
                        engine.databases())
                .get());
    }

    /** Holt only: RocksDB's store does not find its old versions again after it was closed. */
    private void reopen() {
        holt.commit(Map.of(TestTask.CHANGELOG, 7L));
        holt.close();
        openHolt();
        put(key(), now, Operations.value(random));
    }

    private void operate() {
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> put(key(), time(), Operations.value(random));
            case 4 -> put(key(), time(), null);
            case 5 -> delete(key(), time());
            case 6 -> assertThat(holt.get(key(0))).isEqualTo(rocks.get(key(0)));
            case 7, 8 -> get(key(), time());
            default -> query(key());
        }
    }

    private Bytes key() {
        return key(random.nextInt(KEYS));
    }

    private static Bytes key(int number) {
        return Bytes.wrap(new byte[] {(byte) (number % 3), (byte) number});
    }

    private long time() {
        int dice = random.nextInt(100);
        if (dice < 20) {
            return now + random.nextInt(2_000);
        } else if (dice < 60) {
            // Few different times, so that versions are replaced.
            return now - random.nextInt(20) * 1_000L;
        }
        return now - random.nextLong(HISTORY.toMillis() * 5 / 4);
    }

    private void put(Bytes key, long time, byte[] value) {
        now = Math.max(now, time);
        long expected = rocks.put(key, value, time);
        assertThat(holt.put(key, value, time)).isEqualTo(expected);
        record(key, time, value);
    }

    private void record(Bytes key, long time, byte[] value) {
        if (time >= now - HISTORY.toMillis()) {
            model.computeIfAbsent(key, unused -> new TreeMap<>()).put(time, value);
        }
    }

    private void delete(Bytes key, long time) {
        now = Math.max(now, time);
        byte[] expected = rocks.delete(key, time);
        assertThat(holt.delete(key, time)).isEqualTo(expected);
        record(key, time, null);
    }

    private void get(Bytes key, long time) {
        assertThat(holt.get(key)).isEqualTo(rocks.get(key));
        assertThat(holt.get(key, time)).isEqualTo(rocks.get(key, time));
        assertThat(version(holt, key, time)).isEqualTo(version(rocks, key, time));
    }

    /** As a query has it, with the end of its validity. */
    private static String version(VersionedBytesStore store, Bytes key, long time) {
        VersionedKeyQuery<Bytes, byte[]> query =
                VersionedKeyQuery.<Bytes, byte[]>withKey(key).asOf(Instant.ofEpochMilli(time));
        return text(store.query(query, PositionBound.unbounded(), new QueryConfig(false))
                .getResult());
    }

    private static String text(VersionedRecord<byte[]> version) {
        return version == null
                ? null
                : version.timestamp() + ".." + version.validTo().orElse(-1L) + "=" + WindowedText.text(version.value());
    }

    /** From any time that history still covers: further back each store shows what it happens to have. */
    private void query(Bytes key) {
        long from = now - random.nextLong(HISTORY.toMillis() - 1);
        long to = random.nextBoolean() ? Long.MAX_VALUE : from + random.nextInt(20_000);
        boolean ascending = random.nextBoolean();
        List<String> found = query(holt, key, from, to, ascending);
        assertThat(found).isEqualTo(expected(key, from, to, ascending));
        if (to == Long.MAX_VALUE) {
            assertThat(found).isEqualTo(query(rocks, key, from, to, ascending));
        }
    }

    private static List<String> query(VersionedBytesStore store, Bytes key, long from, long to, boolean ascending) {
        MultiVersionedKeyQuery<Bytes, byte[]> query = MultiVersionedKeyQuery.<Bytes, byte[]>withKey(key)
                .fromTime(Instant.ofEpochMilli(from))
                .toTime(Instant.ofEpochMilli(to));
        query = ascending ? query.withAscendingTimestamps() : query.withDescendingTimestamps();
        List<String> versions = new ArrayList<>();
        try (VersionedRecordIterator<byte[]> iterator = store.query(
                        query, PositionBound.unbounded(), new QueryConfig(false))
                .getResult()) {
            while (iterator.hasNext()) {
                versions.add(text(iterator.next()));
            }
        }
        return versions;
    }

    private List<String> expected(Bytes key, long from, long to, boolean ascending) {
        List<String> versions = new ArrayList<>();
        TreeMap<Long, byte[]> known = model.getOrDefault(key, new TreeMap<>());
        known.forEach((time, value) -> {
            Long next = known.higherKey(time);
            if (value != null && time <= to && (next == null || next > from)) {
                versions.add(time + ".." + (next == null ? -1L : next) + "=" + WindowedText.text(value));
            }
        });
        return ascending ? versions : versions.reversed();
    }
}
