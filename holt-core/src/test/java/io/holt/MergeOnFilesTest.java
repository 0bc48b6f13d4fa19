package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Cursor;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import io.holt.api.Snapshot;
import io.holt.api.TreeView;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Frames that merges freed stay on disk until the next checkpoint, and their ids are used again: what they hold there
 * is never read in again. With less memory than there are frames, and with frames enough.
 */
class MergeOnFilesTest {

    private static final int KEYS = 12_000;

    private final NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);

    @ParameterizedTest
    @EnumSource(
            value = Durability.class,
            names = {"NONE", "ASYNC"})
    void withLittleMemory(Durability durability, @TempDir Path directory) {
        roundsOfGrowthAndLoss(directory, durability, 8L << 20);
    }

    @ParameterizedTest
    @EnumSource(
            value = Durability.class,
            names = {"NONE", "ASYNC"})
    void withAllInMemory(Durability durability, @TempDir Path directory) {
        roundsOfGrowthAndLoss(directory, durability, 128L << 20);
    }

    private void roundsOfGrowthAndLoss(Path directory, Durability durability, long memoryBytes) {
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(memoryBytes)
                .durability(durability)
                .build();
        Random random = new Random(memoryBytes);
        long merges = 0;
        for (int round = 0; round < 4; round++) {
            try (HoltDb db = Holt.open(directory, options)) {
                HoltTree tree = db.tree("t");
                assertHolds(tree, model);
                for (int i = 0; i < KEYS; i++) {
                    put(tree, random.nextInt(KEYS), 300 + random.nextInt(1200));
                }
                db.checkpoint();
                NavigableMap<byte[], byte[]> frozen = new TreeMap<>(model);
                try (Snapshot snapshot = db.snapshot()) {
                    thinOut(tree, random);
                    assertHolds(tree, model);
                    assertHolds(snapshot.tree("t"), frozen);
                }
                if (round % 2 == 0) {
                    db.checkpoint();
                }
                // New records use the ids of the frames that are gone.
                for (int i = 0; i < KEYS / 10; i++) {
                    put(tree, KEYS + random.nextInt(KEYS), 300);
                }
                assertHolds(tree, model);
                merges += tree.stats().merges();
            }
        }
        assertThat(merges).isPositive();
        try (HoltDb db = Holt.open(directory, options)) {
            assertHolds(db.tree("t"), model);
        }
    }

    private void thinOut(HoltTree tree, Random random) {
        for (byte[] key : model.keySet().toArray(new byte[0][])) {
            if (random.nextInt(12) != 0) {
                assertThat(tree.delete(key)).isTrue();
                model.remove(key);
            }
        }
    }

    private void put(HoltTree tree, int number, int valueBytes) {
        byte[] key = "area-%d/shelf-%03d/box-%06d"
                .formatted(number % 9, number % 101, number)
                .getBytes(StandardCharsets.US_ASCII);
        byte[] value = new byte[valueBytes];
        Arrays.fill(value, (byte) (number + valueBytes));
        tree.put(key, value);
        model.put(key, value);
    }

    private static void assertHolds(TreeView tree, NavigableMap<byte[], byte[]> expected) {
        try (Cursor cursor = tree.scan(Scan.all())) {
            for (Map.Entry<byte[], byte[]> entry : expected.entrySet()) {
                assertThat(cursor.next()).isTrue();
                if (!Arrays.equals(cursor.key(), entry.getKey()) || !Arrays.equals(cursor.value(), entry.getValue())) {
                    assertThat(cursor.key()).isEqualTo(entry.getKey());
                    assertThat(cursor.value()).isEqualTo(entry.getValue());
                }
            }
            assertThat(cursor.next()).isFalse();
        }
        expected.forEach((key, value) -> {
            if (!Arrays.equals(tree.get(key), value)) {
                assertThat(tree.get(key)).isEqualTo(value);
            }
        });
    }
}
