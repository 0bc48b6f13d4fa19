package io.holt.benchmarks.engine;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.DatasetKind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** All engines give the answers of a sorted map. */
class KeyValueEngineTest {

    private static final int RECORDS = 3_200;
    private static final Dataset DATASET = Dataset.of(DatasetKind.OBJSTORE, RECORDS, Dataset.SCALE_DIGITS);

    @TempDir
    private Path directory;

    private KeyValueEngine open(EngineKind kind) {
        return kind.open(new EngineSettings(64L << 20, directory));
    }

    private static NavigableMap<String, String> oracle() {
        NavigableMap<String, String> map = new TreeMap<>();
        for (int i = 0; i < RECORDS; i++) {
            map.put(new String(DATASET.key(i), US_ASCII), new String(DATASET.value(i), US_ASCII));
        }
        return map;
    }

    @ParameterizedTest
    @EnumSource
    void getsWhatWasPut(EngineKind kind) {
        try (KeyValueEngine engine = open(kind)) {
            engine.load(DATASET, null);
            engine.settle();
            byte[] target = new byte[64];
            for (int i = 0; i < RECORDS; i++) {
                int length = engine.get(DATASET.key(i), target);
                assertThat(Arrays.copyOf(target, length)).isEqualTo(DATASET.value(i));
            }
            byte[] key = DATASET.key(7);
            engine.put(key, "new".getBytes(US_ASCII));
            assertThat(engine.get(key, target)).isEqualTo(3);
            assertThat(Arrays.copyOf(target, 3)).asString(US_ASCII).isEqualTo("new");
            engine.delete(key);
            assertThat(engine.get(key, target)).isEqualTo(KeyValueEngine.ABSENT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void keepsCopies(EngineKind kind) {
        try (KeyValueEngine engine = open(kind)) {
            byte[] key = {1, 2, 3};
            byte[] value = {4, 5};
            engine.put(key, value);
            key[0] = 9;
            value[0] = 9;
            byte[] target = new byte[8];
            assertThat(engine.get(new byte[] {1, 2, 3}, target)).isEqualTo(2);
            assertThat(target[0]).isEqualTo((byte) 4);
        }
    }

    @ParameterizedTest
    @EnumSource
    void listsInOrder(EngineKind kind) {
        try (KeyValueEngine engine = open(kind)) {
            engine.load(DATASET, null);
            byte[] prefix = "bucket-05/".getBytes(US_ASCII);
            List<byte[]> listed = new ArrayList<>();
            if (!engine.isOrdered()) {
                assertThatThrownBy(() -> engine.list(prefix, 10, listed))
                        .isInstanceOf(UnsupportedOperationException.class);
                return;
            }
            engine.list(prefix, 70, listed);
            List<String> expected = new ArrayList<>();
            oracle().subMap("bucket-05/", "bucket-050").entrySet().stream()
                    .limit(70)
                    .forEach(entry -> {
                        expected.add(entry.getKey());
                        expected.add(entry.getValue());
                    });
            assertThat(listed).extracting(bytes -> new String(bytes, US_ASCII)).isEqualTo(expected);

            Tally tally = new Tally();
            engine.listKeys(prefix, 1_000, tally);
            assertThat(tally.records()).isEqualTo(RECORDS / 32);
            assertThat(tally.bytes()).isEqualTo(RECORDS / 32 * (long) DATASET.key(0).length);
            assertThat(tally.sum()).isEqualTo(RECORDS / 32 * (long) 'n');
        }
    }

    @ParameterizedTest
    @EnumSource
    void loadsInBulkAndReadsManyAtOnce(EngineKind kind) {
        try (KeyValueEngine engine = open(kind)) {
            int[] ascending = new int[RECORDS];
            Arrays.setAll(ascending, i -> i);
            engine.bulkLoad(DATASET, ascending);
            byte[][] keys = new byte[16][];
            byte[][] targets = new byte[16][64];
            int[] lengths = new int[16];
            for (int first = 0; first < RECORDS; first += 16) {
                for (int i = 0; i < 16; i++) {
                    keys[i] = DATASET.key(first + i);
                }
                keys[3] = "bucket-05/not there".getBytes(US_ASCII);
                engine.getMany(keys, targets, lengths);
                for (int i = 0; i < 16; i++) {
                    if (i == 3) {
                        assertThat(lengths[i]).isEqualTo(KeyValueEngine.ABSENT);
                    } else {
                        assertThat(Arrays.copyOf(targets[i], lengths[i])).isEqualTo(DATASET.value(first + i));
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void renamesAndListsDirectories(EngineKind kind) {
        try (KeyValueEngine engine = open(kind)) {
            engine.load(DATASET, null);
            byte[] target = new byte[64];
            byte[] renamed = "bucket-31/renamed".getBytes(US_ASCII);
            engine.rename(DATASET.key(9), renamed);
            assertThat(engine.get(DATASET.key(9), target)).isEqualTo(KeyValueEngine.ABSENT);
            assertThat(Arrays.copyOf(target, engine.get(renamed, target))).isEqualTo(DATASET.value(9));
            byte[] root = "bucket-".getBytes(US_ASCII);
            Tally tally = new Tally();
            if (!engine.isOrdered()) {
                assertThatThrownBy(() -> engine.listDirectories(root, (byte) '/', 8, tally))
                        .isInstanceOf(UnsupportedOperationException.class);
                return;
            }
            engine.listDirectories(root, (byte) '/', 100, tally);
            assertThat(tally.records()).isEqualTo(32);
            assertThat(tally.bytes()).isEqualTo(32L * "bucket-05/".length());
            assertThat(tally.sum()).isEqualTo(32L * '/');
        }
    }

    @ParameterizedTest
    @EnumSource
    void deletesAPrefix(EngineKind kind) {
        try (KeyValueEngine engine = open(kind)) {
            engine.load(DATASET, null);
            engine.deletePrefix("bucket-1".getBytes(US_ASCII));
            Tally tally = new Tally();
            engine.iterate(tally);
            assertThat(tally.records()).isEqualTo(RECORDS - 10 * (RECORDS / 32));
            assertThat(engine.get(DATASET.key(10 * (RECORDS / 32)), new byte[64]))
                    .isEqualTo(KeyValueEngine.ABSENT);
        }
    }

    @ParameterizedTest
    @EnumSource
    void writesGoOnWhileASnapshotIsOpen(EngineKind kind) throws Exception {
        try (KeyValueEngine engine = open(kind)) {
            engine.load(DATASET, null);
            try (AutoCloseable snapshot = engine.snapshot()) {
                assertThat(snapshot).isNotNull();
                engine.put(DATASET.key(0), new byte[] {1});
                assertThat(engine.get(DATASET.key(0), new byte[64])).isEqualTo(1);
            }
        }
    }
}
