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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Records change in one place only, and a frame beside it, none of whose records changed since the last snapshot and
 * the last checkpoint, is joined, filled up or freed with it. The snapshot still sees it as it was (I5), and the next
 * checkpoint has it as it is.
 */
class UntouchedFramesTest {

    private static final int NUMBERS = 24_000;
    private static final int ROUNDS = 24;

    private final NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
    private final Random random = new Random(5);

    @Test
    void whatHappensBesideThemIsSeenByCheckpointsAndNotBySnapshots(@TempDir Path directory) {
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(96L << 20)
                .durability(Durability.NONE)
                .build();
        try (HoltDb db = Holt.open(directory, options)) {
            for (int i = 0; i < NUMBERS; i += 2) {
                put(db.tree("t"), i);
            }
            // Half full, so that a frame has room for a sparse neighbour, and for what a full one gives it.
            for (int i = 0; i < NUMBERS; i += 2) {
                if (random.nextInt(100) < 42) {
                    db.tree("t").delete(key(i));
                    model.remove(key(i));
                }
            }
        }
        long merges = 0;
        long splits = 0;
        for (int round = 0; round < ROUNDS; round++) {
            try (HoltDb db = Holt.open(directory, options)) {
                HoltTree tree = db.tree("t");
                assertHolds(tree, model);
                NavigableMap<byte[], byte[]> frozen = new TreeMap<>(model);
                try (Snapshot snapshot = db.snapshot()) {
                    int first = random.nextInt(NUMBERS);
                    int count = 600 + random.nextInt(1500);
                    boolean loss = round % 2 == 0;
                    for (int i = first; i < Math.min(NUMBERS, first + count); i++) {
                        if (!loss) {
                            put(tree, i);
                        } else if (random.nextInt(12) != 0) {
                            assertThat(tree.delete(key(i))).isEqualTo(model.remove(key(i)) != null);
                        }
                    }
                    merges += tree.stats().merges();
                    splits += tree.stats().splits();
                    // What was given back by mistake is written over.
                    HoltTree other = db.tree("other");
                    for (int i = 0; i < 3000; i++) {
                        other.put(key(i), new byte[1000]);
                    }
                    assertHolds(snapshot.tree("t"), frozen);
                    assertThat(db.dropTree("other")).isTrue();
                }
                assertHolds(tree, model);
            }
        }
        assertThat(merges).as("merges").isGreaterThan(3);
        assertThat(splits).as("splits").isGreaterThan(3);
    }

    private void put(HoltTree tree, int number) {
        byte[] value = new byte[200 + random.nextInt(500)];
        random.nextBytes(value);
        tree.put(key(number), value);
        model.put(key(number), value);
    }

    private static byte[] key(int number) {
        return "box-%06d".formatted(number).getBytes(StandardCharsets.US_ASCII);
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
    }
}
