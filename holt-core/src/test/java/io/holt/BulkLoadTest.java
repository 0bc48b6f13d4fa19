package io.holt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.BulkLoadOrderException;
import io.holt.api.BulkLoader;
import io.holt.api.Cursor;
import io.holt.api.Durability;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.MemoryBudgetException;
import io.holt.api.Scan;
import io.holt.api.TreeStats;
import io.holt.testkit.FileTrees;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sorted input comes out as by puts, in frames full enough; unsorted input is refused. */
class BulkLoadTest {

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(256L << 20).build();

    @Test
    void pathsComeOutAsByPuts() {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree loaded = db.tree("loaded");
            HoltTree put = db.tree("put");
            byte[] value = new byte[50];
            try (BulkLoader loader = loaded.bulkLoad()) {
                for (int i = 0; i < 300_000; i++) {
                    byte[] key = bytes("bucket-%02d/path/sub/file-%06d.bin".formatted(i / 20_000, i % 20_000));
                    value[i % 50]++;
                    loader.put(key, value);
                    put.put(key, value);
                }
                assertThat(loader.records()).isEqualTo(300_000);
            }
            assertSame(loaded, put);
            TreeStats stats = loaded.stats();
            assertThat(stats.records()).isEqualTo(300_000);
            // I8. How near to nine tenths it comes depends on where the keys allow a cut.
            assertThat(stats.fill()).isGreaterThan(0.6);
        }
    }

    @Test
    void recordsAmongOthersAndWithValuesOfAllSizesComeOutAsByPuts() {
        Random random = new Random(5);
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree loaded = db.tree("loaded");
            HoltTree put = db.tree("put");
            for (int round = 0; round < 4; round++) {
                TreeMap<byte[], byte[]> records = new TreeMap<>(Arrays::compareUnsigned);
                for (int i = 0; i < 8_000; i++) {
                    byte[] key = new byte[random.nextInt(7)];
                    for (int j = 0; j < key.length; j++) {
                        key[j] = (byte) (random.nextInt(9) * 31);
                    }
                    boolean large = random.nextInt(2000) == 0;
                    records.put(key, new byte[large ? 70_000 + random.nextInt(1_000_000) : random.nextInt(900)]);
                }
                try (BulkLoader loader = loaded.bulkLoad()) {
                    records.forEach(loader::put);
                }
                records.forEach(put::put);
                assertSame(loaded, put);
            }
        }
    }

    @Test
    void aKeyOutOfOrderIsNamedAndNothingElseIsLost() {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("a");
            BulkLoader loader = tree.bulkLoad();
            loader.put(bytes("a"), bytes("1"));
            loader.put(bytes("c"), bytes("2"));
            for (String wrong : new String[] {"b", "c", ""}) {
                assertThatThrownBy(() -> loader.put(bytes(wrong), bytes("3")))
                        .isInstanceOfSatisfying(BulkLoadOrderException.class, e -> {
                            assertThat(e.key()).isEqualTo(bytes(wrong));
                            assertThat(e.records()).isEqualTo(2);
                        });
            }
            loader.put(bytes("d"), bytes("4"));
            loader.close();
            loader.close();
            assertThatThrownBy(() -> loader.put(bytes("e"), bytes("5"))).isInstanceOf(HoltClosedException.class);
            assertThat(tree.prefixCount(new byte[0], 10)).isEqualTo(3);
            assertThat(tree.get(bytes("d"))).isEqualTo(bytes("4"));
        }
    }

    @Test
    void aLoadGoesOnOnceThereIsRoomAgain() {
        try (HoltDb db =
                Holt.inMemory(HoltOptions.builder().memoryBytes(16L << 20).build())) {
            HoltTree other = db.tree("other");
            for (int i = 0; i < 9; i++) {
                other.put(bytes("large" + i), new byte[1_000_000]);
            }
            HoltTree tree = db.tree("a");
            BulkLoader loader = tree.bulkLoad();
            int taken = 0;
            try {
                while (taken < 20_000) {
                    loader.put(bytes("%08d".formatted(taken)), new byte[300]);
                    taken++;
                }
                loader.flush();
            } catch (MemoryBudgetException e) {
                assertThat(loader.records()).isEqualTo(taken);
            }
            assertThat(taken).isLessThan(20_000);
            db.dropTree("other");
            for (; taken < 20_000; taken++) {
                loader.put(bytes("%08d".formatted(taken)), new byte[300]);
            }
            loader.close();
            assertThat(tree.prefixCount(new byte[0], Long.MAX_VALUE)).isEqualTo(20_000);
        }
    }

    /** A portion is in the log whole, and holds no record that was left for the next one. */
    @Test
    void whatACrashLeavesOfALoadIsWhatWasPutFirst(@TempDir Path directory) {
        HoltOptions logged = HoltOptions.builder()
                .memoryBytes(64L << 20)
                .durability(Durability.ASYNC)
                .build();
        Path store = directory.resolve("store");
        Path crashed = directory.resolve("crashed");
        long visible;
        try (HoltDb db = Holt.open(store, logged)) {
            HoltTree tree = db.tree("a");
            tree.put(bytes("a"), bytes("first"));
            BulkLoader loader = tree.bulkLoad();
            for (int i = 0; i < 150_000; i++) {
                loader.put(bytes("b/%02d/%06d".formatted(i / 10_000, i)), bytes("value of " + i));
            }
            visible = tree.prefixCount(bytes("b/"), Long.MAX_VALUE);
            assertThat(visible).isBetween(40_000L, 149_000L);
            FileTrees.copy(store, crashed);
        }
        try (HoltDb db = Holt.open(crashed, logged)) {
            HoltTree tree = db.tree("a");
            assertThat(tree.get(bytes("a"))).isEqualTo(bytes("first"));
            assertThat(tree.prefixCount(bytes("b/"), Long.MAX_VALUE)).isEqualTo(visible);
            for (int i = 0; i < visible; i++) {
                assertThat(tree.get(bytes("b/%02d/%06d".formatted(i / 10_000, i))))
                        .isEqualTo(bytes("value of " + i));
            }
        }
    }

    private static void assertSame(HoltTree actual, HoltTree expected) {
        try (Cursor got = actual.scan(Scan.all());
                Cursor wanted = expected.scan(Scan.all())) {
            while (wanted.next()) {
                assertThat(got.next()).isTrue();
                if (!Arrays.equals(got.key(), wanted.key()) || !Arrays.equals(got.value(), wanted.value())) {
                    assertThat(got.key()).isEqualTo(wanted.key());
                    assertThat(got.value()).isEqualTo(wanted.value());
                }
            }
            assertThat(got.next()).isFalse();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
