package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.CheckpointImage;
import io.holt.api.Cursor;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.ImageInstaller;
import io.holt.api.MemoryBudget;
import io.holt.api.Scan;
import io.holt.api.Snapshot;
import io.holt.api.TreeView;
import io.holt.internal.memory.BlobBufPool;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Databases several times larger than their memory answer as a sorted map does (I2, I4, I5, I7). */
class EvictionTest {

    private static final int RECORDS = 5_000;
    private static final HoltOptions SMALL = options(8L << 20);

    @TempDir
    private Path root;

    private long liveBefore;

    @BeforeEach
    void count() {
        liveBefore = BlobBufPool.liveBytes();
    }

    @AfterEach
    void nothingIsLeft() {
        assertThat(BlobBufPool.liveBytes()).isEqualTo(liveBefore);
    }

    @Test
    void everyVerbOnAStoreLargerThanItsMemory() {
        TreeMap<String, byte[]> model = new TreeMap<>();
        Random random = new Random(1);
        try (HoltDb db = Holt.open(root.resolve("db"), SMALL)) {
            HoltTree tree = db.tree("t");
            for (int i : shuffled(random)) {
                put(tree, model, i, random);
            }
            isPressed(db);
            agree(tree, model);
            for (int i = 0; i < RECORDS; i++) {
                int number = random.nextInt(RECORDS);
                if (i % 3 == 0) {
                    assertThat(tree.delete(bytes(key(number)))).isEqualTo(model.remove(key(number)) != null);
                } else {
                    put(tree, model, number, random);
                }
                if (i % 2000 == 0) {
                    db.checkpoint();
                }
            }
            agree(tree, model);
            String directory = key(500).substring(0, 12);
            assertThat(tree.deletePrefix(bytes(directory))).isTrue();
            model.subMap(directory, directory + Character.MAX_VALUE).clear();
            agree(tree, model);
            assertThat(db.stats().evictions()).isPositive();
        }
        try (HoltDb db = Holt.open(root.resolve("db"), SMALL)) {
            agree(db.tree("t"), model);
            isPressed(db);
        }
    }

    @Test
    void largeValuesThatLeftMemoryAreTaken() {
        Map<String, byte[]> model = new TreeMap<>();
        Random random = new Random(8);
        try (HoltDb db = Holt.open(root.resolve("db"), SMALL)) {
            HoltTree tree = db.tree("t");
            for (int i = 0; i < 40; i++) {
                byte[] value = new byte[1 << 20];
                random.nextBytes(value);
                model.put(key(i), value);
                tree.put(bytes(key(i)), value);
            }
            long loads = db.stats().loads();
            model.forEach((key, value) -> {
                assertThat(tree.getAndDelete(bytes(key))).isEqualTo(value);
                assertThat(tree.getAndDelete(bytes(key))).isNull();
            });
            assertThat(db.stats().loads()).isGreaterThan(loads);
            assertThat(tree.isPrefixEmpty(new byte[0])).isTrue();
        }
    }

    /** As a task that is restored beside others of its slot. */
    @Test
    void anImageIsInstalledBesideADatabaseThatHasAllMemory() throws Exception {
        TreeMap<String, byte[]> model = new TreeMap<>();
        Random random = new Random(5);
        try (MemoryBudget shared = Holt.memory(8L << 20)) {
            HoltOptions options = HoltOptions.builder()
                    .memory(shared)
                    .durability(Durability.NONE)
                    .build();
            try (HoltDb first = Holt.open(root.resolve("first"), options)) {
                for (int i : shuffled(random)) {
                    put(first.tree("t"), model, i, random);
                }
                assertThat(shared.usedBytes()).isEqualTo(shared.capacityBytes());
                CheckpointImage image;
                List<byte[]> frames = new ArrayList<>();
                try (Snapshot snapshot = first.snapshot()) {
                    image = snapshot.image(0);
                    ImageFixtures.framesOf(image).forEach(frame -> frames.add(frame.bytes));
                    try (ImageInstaller installer = Holt.installer(image.catalog(), root.resolve("second"), options)) {
                        for (byte[] frame : frames) {
                            installer.addFrame(new ByteArrayInputStream(frame));
                        }
                        try (HoltDb second = installer.finish()) {
                            agree(second.tree("t"), model);
                        }
                    }
                }
                agree(first.tree("t"), model);
            }
        }
    }

    /** What was evicted after the last checkpoint is named by no manifest, and overwrote nothing that is. */
    @Test
    void anAbandonedStoreIsThatOfItsLastCheckpoint() throws Exception {
        TreeMap<String, byte[]> model = new TreeMap<>();
        Random random = new Random(2);
        Path live = root.resolve("live");
        Path copy = root.resolve("copy");
        try (HoltDb db = Holt.open(live, SMALL)) {
            HoltTree tree = db.tree("t");
            for (int i : shuffled(random)) {
                put(tree, model, i, random);
            }
            db.checkpoint();
            Map<String, byte[]> lost = new TreeMap<>(model);
            for (int i : shuffled(random)) {
                put(tree, lost, i, random);
            }
            assertThat(db.stats().fileBytes()).isGreaterThan(RECORDS * 1000L);
            java.nio.file.Files.createDirectories(copy);
            for (Path file : files(live)) {
                java.nio.file.Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        try (HoltDb db = Holt.open(copy, SMALL)) {
            agree(db.tree("t"), model);
        }
    }

    @Test
    void snapshotsOutgrowTheMemory() {
        TreeMap<String, byte[]> model = new TreeMap<>();
        Random random = new Random(3);
        try (HoltDb db = Holt.open(root.resolve("db"), SMALL)) {
            HoltTree tree = db.tree("t");
            for (int i : shuffled(random)) {
                put(tree, model, i, random);
            }
            TreeMap<String, byte[]> first = new TreeMap<>(model);
            try (Snapshot snapshot = db.snapshot()) {
                for (int i : shuffled(random)) {
                    put(tree, model, i, random);
                }
                TreeMap<String, byte[]> second = new TreeMap<>(model);
                try (Snapshot later = db.snapshot()) {
                    db.checkpoint();
                    for (int i = 0; i < RECORDS; i += 2) {
                        tree.delete(bytes(key(i)));
                        model.remove(key(i));
                    }
                    agree(later.tree("t"), second);
                }
                agree(snapshot.tree("t"), first);
                agree(tree, model);
            }
            assertThat(db.stats().preImages()).isZero();
            isPressed(db);
        }
    }

    @Test
    void databasesThatShareABudgetTakeSlotsFromEachOther() {
        try (MemoryBudget budget = Holt.memory(12L << 20)) {
            HoltOptions shared = HoltOptions.builder()
                    .memory(budget)
                    .durability(Durability.NONE)
                    .build();
            List<TreeMap<String, byte[]>> models = new ArrayList<>();
            List<HoltDb> databases = new ArrayList<>();
            for (int d = 0; d < 3; d++) {
                TreeMap<String, byte[]> model = new TreeMap<>();
                HoltDb db = Holt.open(root.resolve("db-" + d), shared);
                Random random = new Random(d);
                for (int i : shuffled(random)) {
                    put(db.tree("t"), model, i, random);
                }
                models.add(model);
                databases.add(db);
            }
            databases.remove(1).close();
            models.remove(1);
            for (int d = 0; d < 2; d++) {
                agree(databases.get(d).tree("t"), models.get(d));
                assertThat(databases.get(d).stats().evictions()).isPositive();
            }
            assertThat(budget.usedBytes()).isLessThanOrEqualTo(budget.capacityBytes());
            databases.forEach(HoltDb::close);
        }
    }

    /** Each writer keeps to its own keys and knows what is there; readers, scans and checkpoints run beside them. */
    @Test
    void manyThreadsUnderPressure() throws Exception {
        int writers = 3;
        AtomicBoolean done = new AtomicBoolean();
        try (ExecutorService threads = Executors.newFixedThreadPool(writers + 2);
                HoltDb db = Holt.open(root.resolve("db"), SMALL)) {
            HoltTree tree = db.tree("t");
            List<Future<Map<String, byte[]>>> work = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                int writer = w;
                work.add(threads.submit(() -> writeOwnKeys(tree, writer, writers)));
            }
            Future<?> checkpoints = threads.submit(() -> {
                while (!done.get()) {
                    db.checkpoint();
                }
            });
            Future<Object> snapshots = threads.submit(() -> {
                while (!done.get()) {
                    scanTwice(db);
                }
                return null;
            });
            TreeMap<String, byte[]> model = new TreeMap<>();
            try {
                for (Future<Map<String, byte[]>> one : work) {
                    model.putAll(one.get(120, TimeUnit.SECONDS));
                }
            } finally {
                done.set(true);
            }
            checkpoints.get(60, TimeUnit.SECONDS);
            snapshots.get(60, TimeUnit.SECONDS);
            agree(tree, model);
            assertThat(db.stats().evictions()).isPositive();
        }
    }

    private static Map<String, byte[]> writeOwnKeys(HoltTree tree, int writer, int writers) {
        Map<String, byte[]> model = new TreeMap<>();
        Random random = new Random(writer);
        for (int i = 0; i < RECORDS; i++) {
            int number = random.nextInt(RECORDS / writers) * writers + writer;
            if (i % 4 == 0) {
                assertThat(tree.get(bytes(key(number)))).isEqualTo(model.get(key(number)));
            } else if (i % 7 == 0) {
                assertThat(tree.delete(bytes(key(number)))).isEqualTo(model.remove(key(number)) != null);
            } else {
                put(tree, model, number, random);
            }
        }
        return model;
    }

    private static void scanTwice(HoltDb db) {
        try (Snapshot snapshot = db.snapshot()) {
            long once = count(snapshot.tree("t"));
            assertThat(count(snapshot.tree("t"))).isEqualTo(once);
        } catch (IllegalArgumentException notYetMade) {
            assertThat(db.treeNames()).isEmpty();
        }
    }

    private static long count(TreeView view) {
        long count = 0;
        try (Cursor cursor = view.scan(Scan.all())) {
            while (cursor.next()) {
                count = 31 * count + cursor.valueLength();
            }
        }
        return count;
    }

    private static void put(HoltTree tree, Map<String, byte[]> model, int number, Random random) {
        byte[] value = new byte[number % 1999 == 0 ? 200_000 : 1900 + random.nextInt(400)];
        random.nextBytes(value);
        tree.put(bytes(key(number)), value);
        model.put(key(number), value);
    }

    private static void agree(TreeView view, SortedMap<String, byte[]> model) {
        try (Cursor forward = view.scan(Scan.all())) {
            model.forEach((key, value) -> {
                assertThat(forward.next()).isTrue();
                assertThat(Arrays.equals(forward.key(), bytes(key)) && Arrays.equals(forward.value(), value))
                        .as("record %s", key)
                        .isTrue();
            });
            assertThat(forward.next()).isFalse();
        }
        try (Cursor backward = view.scan(Scan.all().reversed().keysOnly())) {
            for (String key : new TreeMap<>(model).descendingKeySet()) {
                assertThat(backward.next() && Arrays.equals(backward.key(), bytes(key)))
                        .isTrue();
            }
        }
        Random random = new Random(9);
        for (int i = 0; i < 3000; i++) {
            String key = key(random.nextInt(RECORDS));
            assertThat(Arrays.equals(view.get(bytes(key)), model.get(key))).isTrue();
        }
    }

    private static void isPressed(HoltDb db) {
        assertThat(db.stats().frames()).isGreaterThan(db.stats().memoryCapacityBytes() / MemoryBudget.FRAME_BYTES);
        assertThat(db.stats().memoryUsedBytes()).isLessThanOrEqualTo(db.stats().memoryCapacityBytes());
    }

    private static List<Path> files(Path directory) throws java.io.IOException {
        try (var list = java.nio.file.Files.list(directory)) {
            return list.filter(java.nio.file.Files::isRegularFile).toList();
        }
    }

    private static List<Integer> shuffled(Random random) {
        List<Integer> numbers = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            numbers.add(i);
        }
        Collections.shuffle(numbers, random);
        return numbers;
    }

    private static String key(int number) {
        return "bucket-%02d/path-%02d/file-%05d".formatted(number / 1000 % 10, number / 100 % 10, number);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static HoltOptions options(long memoryBytes) {
        return HoltOptions.builder()
                .memoryBytes(memoryBytes)
                .durability(Durability.NONE)
                .build();
    }
}
