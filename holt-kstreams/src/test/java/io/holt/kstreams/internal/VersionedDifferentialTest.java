package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
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
import org.apache.kafka.streams.state.VersionedKeyValueStore;
import org.apache.kafka.streams.state.VersionedRecord;
import org.apache.kafka.streams.state.VersionedRecordIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same random operations on a Holt versioned store, a RocksDB store and sorted maps on the heap. There is no
 * versioned in-memory store. The maps say what is right, RocksDB must say the same while it is right itself: over long
 * runs it forgets versions and deletions that history still covers, and over several versions at once it leaves out
 * those that were valid up to a time in a later segment than the end of the query.
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

    /** Whether RocksDB has not yet differed from the maps. */
    private boolean isRocksRight = true;

    private int answersOfRocks;

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
        assertThat(answersOfRocks).as("answers that RocksDB's store shared").isGreaterThan(1_000);
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
            case 6 -> get(key(), now);
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

    private boolean isCovered(long time) {
        return time >= now - HISTORY.toMillis();
    }

    private TreeMap<Long, byte[]> versions(Bytes key) {
        return model.computeIfAbsent(key, unused -> new TreeMap<>());
    }

    private void put(Bytes key, long time, byte[] value) {
        now = Math.max(now, time);
        long expected = VersionedKeyValueStore.PUT_RETURN_CODE_NOT_PUT;
        if (isCovered(time)) {
            Long next = versions(key).higherKey(time);
            expected = next == null ? VersionedKeyValueStore.PUT_RETURN_CODE_VALID_TO_UNDEFINED : next;
            versions(key).put(time, value);
        }
        assertThat(holt.put(key, value, time)).isEqualTo(expected);
        compareRocks(rocks.put(key, value, time) == expected);
    }

    private void compareRocks(boolean isRight) {
        isRocksRight &= isRight;
        if (isRocksRight) {
            answersOfRocks++;
        }
    }

    private void delete(Bytes key, long time) {
        now = Math.max(now, time);
        byte[] deleted = holt.delete(key, time);
        String before = versionInMaps(key, time);
        assertThat(deleted == null).isEqualTo(before == null || !isCovered(time));
        compareRocks(Arrays.equals(rocks.delete(key, time), deleted));
        if (isCovered(time)) {
            versions(key).put(time, null);
        }
    }

    private void get(Bytes key, long time) {
        String latest = versionInMaps(key, Long.MAX_VALUE);
        assertThat(holt.get(key) == null).isEqualTo(latest == null);
        assertThat(version(holt, key, time)).isEqualTo(versionInMaps(key, time));
        if (isRocksRight) {
            assertThat(holt.get(key)).isEqualTo(rocks.get(key));
            assertThat(holt.get(key, time)).isEqualTo(rocks.get(key, time));
            compareRocks(
                    version(rocks, key, time) == null
                            ? versionInMaps(key, time) == null
                            : version(rocks, key, time).equals(versionInMaps(key, time)));
        }
    }

    /** The latest version is found whatever the time, those before as far back as history goes. */
    private String versionInMaps(Bytes key, long time) {
        Map.Entry<Long, byte[]> found = versions(key).floorEntry(time);
        if (found == null || found.getValue() == null) {
            return null;
        }
        Long next = versions(key).higherKey(found.getKey());
        if (next != null && !isCovered(time)) {
            return null;
        }
        return found.getKey() + ".." + (next == null ? -1L : next) + "=" + WindowedText.text(found.getValue());
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
        if (to == Long.MAX_VALUE && isRocksRight) {
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
