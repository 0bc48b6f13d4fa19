package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.holt.kstreams.internal.PeerStores.Kind;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.state.VersionedBytesStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The same random records of a changelog make of a Holt store what they make of a RocksDB store: late ones, tombstones,
 * and those that come between writes.
 */
final class RestoreDifferentialTest {

    private static final int SEEDS = 8;
    private static final int BATCHES = 12;
    private static final int BATCH_RECORDS = 40;
    private static final List<String> KEYS =
            IntStream.range(0, 7).mapToObj(number -> "key-" + number).toList();

    @TempDir
    Path directory;

    private PeerStores<?> stores;
    private SplittableRandom random;
    private long offset;
    private long now;

    @ParameterizedTest
    @EnumSource
    void storesAgree(Kind kind) {
        for (int seed = 0; seed < SEEDS; seed++) {
            random = new SplittableRandom(seed);
            now = 1_000_000;
            stores = PeerStores.open(
                    kind, directory.resolve("holt-" + seed), directory.resolve("rocks-" + seed), task -> {});
            int compared = 0;
            for (int batch = 0; batch < BATCHES; batch++) {
                restore(kind);
                if (random.nextBoolean()) {
                    write();
                }
                List<String> expected = StoreContents.of(stores.rocks, KEYS);
                assertThat(StoreContents.of(stores.holt, KEYS))
                        .as("seed %d, batch %d", seed, batch)
                        .isEqualTo(expected);
                compared += expected.size();
                if (random.nextInt(4) == 0) {
                    reopenHolt();
                }
            }
            assertThat(compared).isGreaterThan(BATCHES * KEYS.size() / 2);
            stores.close();
        }
    }

    private String someKey() {
        return KEYS.get(random.nextInt(KEYS.size()));
    }

    /** Late by less than what stores keep: what becomes of later ones is not the same in all built-in stores. */
    private long time() {
        now += random.nextInt(3_000);
        return now - (random.nextInt(3) == 0 ? random.nextInt(60_000) : 0);
    }

    private String text() {
        return random.nextInt(5) == 0 ? null : "value-" + random.nextInt(1_000);
    }

    private void restore(Kind kind) {
        List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
        for (int i = random.nextInt(BATCH_RECORDS); i >= 0; i--) {
            long time = time();
            records.add(record(PeerStores.changelogKey(kind, someKey(), time), text(), time));
        }
        stores.holtTask.restore("store", records);
        stores.rocksTask.restore("store", records);
    }

    private ConsumerRecord<byte[], byte[]> record(byte[] key, String text, long time) {
        byte[] value = text == null ? null : value(text);
        return new ConsumerRecord<>(
                CHANGELOG.topic(),
                CHANGELOG.partition(),
                offset++,
                time,
                TimestampType.CREATE_TIME,
                key.length,
                0,
                key,
                value,
                new RecordHeaders(),
                Optional.empty());
    }

    private void write() {
        for (int i = random.nextInt(5); i >= 0; i--) {
            String key = someKey();
            String text = text();
            long time = time();
            PeerStores.put(stores.holt, key, text, time);
            PeerStores.put(stores.rocks, key, text, time);
        }
    }

    /** Holt only: RocksDB's versioned store does not find its old versions again after it was closed. */
    private void reopenHolt() {
        stores.holt.commit(Map.of(CHANGELOG, offset));
        stores.holt.close();
        stores.holtTask.open(stores.holt);
        assertThat(stores.holt.committedOffset(CHANGELOG)).isEqualTo(offset);
    }

    /** Only what is valid now is kept, and what came late is not. */
    @Test
    void withoutHistoryTheLatestVersionsAreThere() {
        PeerStores<VersionedBytesStore> versioned = PeerStores.versions(
                Duration.ZERO, PeerStores.tasks(directory.resolve("holt"), directory.resolve("rocks"), task -> {}));
        stores = versioned;
        random = new SplittableRandom(1);
        now = 1_000_000;
        for (int batch = 0; batch < BATCHES; batch++) {
            restore(Kind.VERSIONED);
            write();
            for (String key : KEYS) {
                assertThat(versioned.holt.get(key(key))).isEqualTo(versioned.rocks.get(key(key)));
            }
        }
        stores.close();
    }
}
