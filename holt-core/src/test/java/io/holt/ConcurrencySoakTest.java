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
import io.holt.internal.memory.BlobBufPool;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many threads on one tree. Each owns a range of keys and knows exactly what is in it; all read and scan the ranges of
 * the others, where every value must say itself whose it is and be whole (I2). Snapshots are read twice and must not
 * change (I5). After reopening, what each owner knew is there.
 */
@Timeout(value = 180, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ConcurrencySoakTest {

    private static final int OWNERS = 8;
    private static final int KEYS = 4000;

    @Test
    void inMemory() throws Exception {
        long before = BlobBufPool.liveBytes();
        HoltOptions options = HoltOptions.builder().memoryBytes(256L << 20).build();
        try (HoltDb db = Holt.inMemory(options)) {
            List<Owner> owners = soak(db, 8_000);
            for (Owner owner : owners) {
                owner.compare(db.tree("shared"));
            }
            awaitNoPreImages(db);
            for (int i = 0; i < OWNERS; i++) {
                db.tree("shared").deletePrefix(owners.get(i).prefix);
            }
            assertThat(db.tree("shared").stats().records()).isZero();
        }
        assertThat(BlobBufPool.liveBytes()).isEqualTo(before);
    }

    @Test
    void onFilesWithCheckpointsAndReopening(@TempDir Path directory) throws Exception {
        long before = BlobBufPool.liveBytes();
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(256L << 20)
                .durability(Durability.ASYNC)
                .build();
        List<Owner> owners;
        try (HoltDb db = Holt.open(directory, options)) {
            owners = soak(db, 8_000);
            assertThat(db.stats().checkpoints()).isPositive();
        }
        try (HoltDb db = Holt.open(directory, options)) {
            for (Owner owner : owners) {
                owner.compare(db.tree("shared"));
            }
            awaitNoPreImages(db);
        }
        assertThat(BlobBufPool.liveBytes()).isEqualTo(before);
    }

    private static void awaitNoPreImages(HoltDb db) {
        assertThat(db.stats().openSnapshots()).isZero();
        assertThat(db.stats().preImages()).isZero();
    }

    private static List<Owner> soak(HoltDb db, long millis) throws Exception {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        BooleanSupplier goesOn = () -> System.nanoTime() < end;
        HoltTree shared = db.tree("shared");
        List<Owner> owners = new ArrayList<>();
        List<Future<?>> all = new ArrayList<>();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            for (int i = 0; i < OWNERS; i++) {
                Owner owner = new Owner(db, i);
                owners.add(owner);
                all.add(threads.submit(() -> owner.work(shared, goesOn)));
            }
            all.add(threads.submit(() -> readEverything(shared, goesOn)));
            all.add(threads.submit(() -> takeSnapshots(db, goesOn)));
            all.add(threads.submit(() -> makeAndDropTrees(db, goesOn)));
            all.add(threads.submit(() -> {
                while (goesOn.getAsBoolean()) {
                    db.checkpoint();
                }
            }));
            for (Future<?> one : all) {
                one.get();
            }
        }
        return owners;
    }

    /** Only this thread writes keys that start with its prefix. */
    private static final class Owner {
        private final HoltDb db;
        private final int number;
        private final byte[] prefix;
        private final Map<Integer, byte[]> oracle = new HashMap<>();
        private final Random random;
        private int version;

        Owner(HoltDb db, int number) {
            this.db = db;
            this.number = number;
            // Two owners share frames with their neighbours: their prefixes differ in the last byte only.
            this.prefix = bytes("owner-" + number + "/");
            this.random = new Random(number);
        }

        Object work(HoltTree tree, BooleanSupplier goesOn) {
            while (goesOn.getAsBoolean()) {
                for (int i = 0; i < 200; i++) {
                    step(tree);
                }
                if (random.nextInt(60) == 0) {
                    deleteDirectory(tree);
                }
                if (random.nextInt(40) == 0) {
                    compare(tree);
                }
            }
            return null;
        }

        private void step(HoltTree tree) {
            int i = random.nextInt(KEYS);
            byte[] key = key(i);
            switch (random.nextInt(13)) {
                case 0, 1 -> assertThat(tree.delete(key)).isEqualTo(oracle.remove(i) != null);
                case 2, 3, 4 -> {
                    byte[] got = tree.get(key);
                    if (!Arrays.equals(got, oracle.get(i))) {
                        assertThat(got).as("own key %d of %d", i, number).isEqualTo(oracle.get(i));
                    }
                }
                case 5 -> {
                    byte[] value = value(key, version++, size());
                    boolean put = tree.putIfAbsent(key, value);
                    assertThat(put).isEqualTo(oracle.putIfAbsent(i, value) == null);
                }
                case 6 -> {
                    byte[] value = value(key, version++, size());
                    long before = tree.version(key);
                    assertThat(before == TreeView.ABSENT).isNotEqualTo(oracle.containsKey(i));
                    // Nobody else writes here: what was read just now is what is there.
                    assertThat(tree.compareAndPut(key, before, value)).isPositive();
                    oracle.put(i, value);
                }
                case 7 -> assertThat(tree.getAndDelete(key)).isEqualTo(oracle.remove(i));
                case 8 -> writeTogether(tree, i, random.nextInt(KEYS));
                default -> {
                    byte[] value = value(key, version++, size());
                    tree.put(key, value);
                    oracle.put(i, value);
                }
            }
        }

        /** One key is deleted and the other one written: in one batch, or as many at once. */
        private void writeTogether(HoltTree tree, int deleted, int written) {
            if (deleted == written) {
                return;
            }
            byte[] value = value(key(written), version++, size());
            if (random.nextBoolean()) {
                db.newBatch()
                        .delete(tree, key(deleted))
                        .put(tree, key(written), value)
                        .commit();
            } else {
                tree.putMany(new byte[][] {key(deleted), key(written)}, new byte[][] {null, value}, 2);
            }
            oracle.remove(deleted);
            oracle.put(written, value);
        }

        private int size() {
            return random.nextInt(2000) == 0 ? 70_000 + random.nextInt(600_000) : 20 + random.nextInt(400);
        }

        private void deleteDirectory(HoltTree tree) {
            int directory = random.nextInt(10);
            boolean deleted = tree.deletePrefix(bytes("owner-" + number + "/dir-" + directory + "/"));
            assertThat(deleted).isEqualTo(oracle.keySet().removeIf(i -> i % 10 == directory));
        }

        /** A scan of the own range, while the others write theirs, is exact. */
        void compare(TreeView tree) {
            int seen = 0;
            try (Cursor cursor = tree.scan(Scan.prefix(prefix))) {
                while (cursor.next()) {
                    seen++;
                    String key = new String(cursor.key(), StandardCharsets.UTF_8);
                    int i = Integer.parseInt(key.substring(key.lastIndexOf('-') + 1));
                    if (!Arrays.equals(cursor.value(), oracle.get(i))) {
                        assertThat(cursor.value()).as(key).isEqualTo(oracle.get(i));
                    }
                }
            }
            assertThat(seen).isEqualTo(oracle.size());
        }

        private byte[] key(int i) {
            return bytes("owner-" + number + "/dir-" + i % 10 + "/file-" + i);
        }
    }

    private static Object readEverything(HoltTree tree, BooleanSupplier goesOn) {
        Random random = new Random(77);
        while (goesOn.getAsBoolean()) {
            checkWhole(tree, random.nextBoolean());
            for (int i = 0; i < 2000; i++) {
                int owner = random.nextInt(OWNERS);
                int file = random.nextInt(KEYS);
                byte[] key = bytes("owner-" + owner + "/dir-" + file % 10 + "/file-" + file);
                byte[] value = tree.get(key);
                if (value != null) {
                    checkValue(key, value);
                }
            }
        }
        return null;
    }

    private static Object takeSnapshots(HoltDb db, BooleanSupplier goesOn) {
        while (goesOn.getAsBoolean()) {
            try (Snapshot older = db.snapshot()) {
                long olderDigest = checkWhole(older.tree("shared"), false);
                try (Snapshot newer = db.snapshot()) {
                    long newerDigest = checkWhole(newer.tree("shared"), true);
                    assertThat(checkWhole(older.tree("shared"), true)).isEqualTo(olderDigest);
                    assertThat(checkWhole(newer.tree("shared"), false)).isEqualTo(newerDigest);
                }
                assertThat(checkWhole(older.tree("shared"), false)).isEqualTo(olderDigest);
            }
        }
        return null;
    }

    private static Object makeAndDropTrees(HoltDb db, BooleanSupplier goesOn) {
        for (int round = 0; goesOn.getAsBoolean(); round++) {
            HoltTree tree = db.tree("passing");
            for (int i = 0; i < 500; i++) {
                byte[] key = bytes("passing/" + i);
                tree.put(key, value(key, round, 1000));
            }
            assertThat(tree.prefixCount(bytes("passing/"), 1000)).isEqualTo(500);
            assertThat(db.dropTree("passing")).isTrue();
        }
        return null;
    }

    /** Scans a tree: keys in strict order, each value whole and its key's; answers a digest of all of it. */
    private static long checkWhole(TreeView tree, boolean reverse) {
        long digest = 0;
        byte[] previous = null;
        try (Cursor cursor = tree.scan(reverse ? Scan.all().reversed() : Scan.all())) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                byte[] value = cursor.value();
                checkValue(key, value);
                if (previous != null) {
                    assertThat(Arrays.compareUnsigned(previous, key))
                            .as("order")
                            .matches(c -> reverse ? c > 0 : c < 0);
                }
                previous = key;
                // A sum, so that it is the same in both directions.
                digest += 31L * Arrays.hashCode(key) * Arrays.hashCode(value);
            }
        }
        return digest;
    }

    /** The key's hash and the version, over and over. */
    private static byte[] value(byte[] key, int version, int bytes) {
        byte[] value = new byte[bytes];
        long word = ((long) Arrays.hashCode(key) << 32) | version;
        for (int i = 0; i < bytes; i++) {
            value[i] = (byte) (word >>> (8 * (i % 8)));
        }
        return value;
    }

    private static void checkValue(byte[] key, byte[] value) {
        int version = (value[0] & 0xFF) | ((value[1] & 0xFF) << 8) | ((value[2] & 0xFF) << 16) | (value[3] << 24);
        if (!Arrays.equals(value, value(key, version, value.length))) {
            throw new AssertionError("the value of " + new String(key, StandardCharsets.UTF_8) + " is torn");
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
