package io.holt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.Cursor;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.MemoryBudget;
import io.holt.api.MemoryBudgetException;
import io.holt.api.Scan;
import io.holt.api.Snapshot;
import io.holt.api.TreeView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A full budget is a typed error, changes nothing, and passes (I7). */
class MemoryBudgetTest {

    private static final int FRAMES = 24;

    private final MemoryBudget budget = Holt.memory((long) FRAMES * MemoryBudget.FRAME_BYTES);
    private int fillers;
    private final HoltOptions options = HoltOptions.builder().memory(budget).build();

    @AfterEach
    void everyFrameComesBack() {
        assertThat(budget.usedBytes()).isZero();
        budget.close();
    }

    /** A random program at the limit: each step that fails changes nothing, each that succeeds changes what it says. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void atTheLimitEveryVerbIsDoneOrNotDone(long seed) {
        Random random = new Random(seed);
        Map<String, byte[]> model = new TreeMap<>();
        List<Snapshot> snapshots = new ArrayList<>();
        List<Map<String, byte[]>> frozen = new ArrayList<>();
        int refused = 0;
        try (HoltDb db = Holt.inMemory(options)) {
            HoltTree tree = db.tree("t");
            for (int step = 0; step < 6000; step++) {
                try {
                    step(random, tree, model);
                } catch (MemoryBudgetException e) {
                    refused++;
                    assertThat(e).hasMessageContaining(String.valueOf(budget.capacityBytes()));
                    if (refused % 50 == 1) {
                        assertSame(tree, model);
                    }
                }
                if (step % 300 == 299 && snapshots.size() < 4) {
                    snapshots.add(db.snapshot());
                    frozen.add(new TreeMap<>(model));
                }
                if (step % 1000 == 999) {
                    int which = random.nextInt(snapshots.size());
                    assertSame(snapshots.get(which).tree("t"), frozen.get(which));
                    snapshots.remove(which).close();
                    frozen.remove(which);
                }
            }
            assertSame(tree, model);
            for (int i = 0; i < snapshots.size(); i++) {
                assertSame(snapshots.get(i).tree("t"), frozen.get(i));
                snapshots.get(i).close();
            }
            assertThat(refused).as("steps refused").isPositive();
            assertThat(db.stats().preImages()).isZero();

            // Deletes make room again.
            tree.deletePrefix(new byte[0]);
            model.clear();
            put(tree, model, "after", new byte[1 << 20]);
            assertSame(tree, model);
        }
    }

    private static void step(Random random, HoltTree tree, Map<String, byte[]> model) {
        String key = "dir-" + random.nextInt(6) + "/" + (random.nextInt(40) == 0 ? "x".repeat(3000) : "")
                + random.nextInt(400);
        byte[] value = new byte[random.nextInt(50) == 0 ? 70_000 + random.nextInt(900_000) : random.nextInt(3000)];
        random.nextBytes(value);
        switch (random.nextInt(20)) {
            case 0, 1, 2 -> {
                boolean deleted = tree.delete(bytes(key));
                assertThat(deleted).isEqualTo(model.remove(key) != null);
            }
            case 3 -> {
                if (random.nextInt(20) == 0) {
                    String prefix = key.substring(0, 7);
                    boolean deleted = tree.deletePrefix(bytes(prefix));
                    assertThat(deleted).isEqualTo(model.keySet().removeIf(k -> k.startsWith(prefix)));
                }
            }
            case 4 -> {
                boolean put = tree.putIfAbsent(bytes(key), value);
                assertThat(put).isEqualTo(model.putIfAbsent(key, value) == null);
            }
            default -> put(tree, model, key, value);
        }
    }

    private static void put(HoltTree tree, Map<String, byte[]> model, String key, byte[] value) {
        tree.put(bytes(key), value);
        model.put(key, value);
    }

    private static void assertSame(TreeView tree, Map<String, byte[]> model) {
        try (Cursor cursor = tree.scan(Scan.all())) {
            for (Map.Entry<String, byte[]> entry : model.entrySet()) {
                assertThat(cursor.next()).as("record %s", entry.getKey()).isTrue();
                assertThat(new String(cursor.key(), StandardCharsets.UTF_8)).isEqualTo(entry.getKey());
                assertThat(Arrays.equals(cursor.value(), entry.getValue()))
                        .as("value of %s", entry.getKey())
                        .isTrue();
                assertThat(tree.containsKey(cursor.key())).isTrue();
            }
            assertThat(cursor.next()).isFalse();
        }
    }

    /** The last record of a frame goes, and its parent's pre-image finds no slot. */
    @Test
    void aDeletionThatLeavesAnEmptyFrameSucceedsWithoutAFreeFrame() {
        try (HoltDb db = Holt.inMemory(options)) {
            HoltTree tree = db.tree("t");
            Map<String, byte[]> model = new TreeMap<>();
            for (int i = 0; i < 60; i++) {
                put(tree, model, "k-" + (char) ('a' + i % 20) + i, new byte[50_000]);
            }
            assertThat(tree.stats().frames()).isGreaterThan(4);
            Snapshot snapshot = db.snapshot();
            Map<String, byte[]> frozen = new TreeMap<>(model);
            HoltTree filler = db.tree("filler");
            int refused = 0;
            for (String key : List.copyOf(model.keySet())) {
                fill(filler);
                try {
                    assertThat(tree.delete(bytes(key))).isTrue();
                    model.remove(key);
                } catch (MemoryBudgetException e) {
                    // The frame's own pre-image found no place.
                    refused++;
                    assertThat(tree.containsKey(bytes(key))).isTrue();
                    assertThat(filler.deletePrefix(bytes("big-"))).isTrue();
                    assertThat(tree.delete(bytes(key))).isTrue();
                    model.remove(key);
                }
                assertThat(tree.containsKey(bytes(key))).isFalse();
            }
            assertThat(refused).isPositive();
            assertSame(tree, model);
            assertSame(snapshot.tree("t"), frozen);
            snapshot.close();
            put(tree, model, "k-a0", new byte[10]);
            assertSame(tree, model);
        }
    }

    /** Puts records of a frame each until there is none left; answers their keys. */
    private List<byte[]> fill(HoltTree filler) {
        List<byte[]> keys = new ArrayList<>();
        while (true) {
            byte[] key = bytes("big-" + fillers++);
            try {
                filler.put(key, new byte[500_000]);
            } catch (MemoryBudgetException e) {
                assertThat(filler.containsKey(key)).isFalse();
                return keys;
            }
            keys.add(key);
        }
    }

    @Test
    void treesAndLargeValuesAreRefusedWhole() {
        try (HoltDb db = Holt.inMemory(options)) {
            HoltTree tree = db.tree("t");
            tree.put(bytes("big"), new byte[4 << 20]);
            long used = budget.usedBytes();
            assertThatThrownBy(() -> tree.put(bytes("huge"), new byte[64 << 20]))
                    .isInstanceOf(MemoryBudgetException.class);
            assertThatThrownBy(() -> tree.put(bytes("big"), new byte[64 << 20]))
                    .isInstanceOf(MemoryBudgetException.class);
            assertThat(budget.usedBytes()).isEqualTo(used);
            assertThat(tree.get(bytes("big"))).hasSize(4 << 20);

            List<String> made = new ArrayList<>();
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            db.tree("tree-" + i);
                            made.add("tree-" + i);
                        }
                    })
                    .isInstanceOf(MemoryBudgetException.class);
            assertThat(db.treeNames()).hasSize(made.size() + 1).containsAll(made);
            assertThat(db.dropTree(made.getFirst())).isTrue();
            db.tree("in its place").put(bytes("k"), bytes("v"));
        }
    }

    @Test
    void severalDatabasesShareOneBudget() {
        HoltDb first = Holt.inMemory(options);
        HoltDb second = Holt.inMemory(options);
        fill(first.tree("t"));
        assertThat(budget.usedBytes()).isGreaterThan(budget.capacityBytes() - (2L << 20));
        assertThatThrownBy(() -> {
                    second.tree("t").put(bytes("k"), new byte[2 << 20]);
                })
                .isInstanceOf(MemoryBudgetException.class);
        first.close();
        second.tree("t").put(bytes("k"), new byte[2 << 20]);
        assertThat(second.tree("t").get(bytes("k"))).hasSize(2 << 20);
        assertThat(second.stats().memoryUsedBytes()).isEqualTo(budget.usedBytes());
        second.close();
    }

    /** Whatever number of frames is free, opening takes them or gives all of them back. */
    @Test
    void openingOnFilesWithTooLittleMemoryGivesBackWhatItTook(@TempDir Path directory) {
        MemoryBudget large = Holt.memory(70L * MemoryBudget.FRAME_BYTES);
        HoltOptions sharing = HoltOptions.builder().memory(large).build();
        int refused = 0;
        try (HoltDb other = Holt.inMemory(sharing)) {
            HoltTree filler = other.tree("filler");
            List<byte[]> big = fill(filler);
            for (int freed = 0; freed < 12; freed++) {
                long used = large.usedBytes();
                try (HoltDb db = Holt.open(directory.resolve("db-" + freed), sharing)) {
                    assertThat(db.treeNames()).isEmpty();
                } catch (MemoryBudgetException e) {
                    refused++;
                }
                assertThat(large.usedBytes()).isEqualTo(used);
                assertThat(filler.delete(big.get(freed))).isTrue();
            }
        }
        assertThat(refused).isBetween(1, 11);
        assertThat(large.usedBytes()).isZero();
        large.close();
    }

    /** As those of a process that has a store for each partition: what is idle holds two frames, no more. */
    @ParameterizedTest
    @CsvSource({"16, 7", "128, 56", "1024, 300"})
    void manySmallDatabasesShareOneBudget(int frames, int databases, @TempDir Path directory) {
        MemoryBudget shared = Holt.memory((long) frames * MemoryBudget.FRAME_BYTES);
        HoltOptions sharing =
                HoltOptions.builder().memory(shared).durability(Durability.NONE).build();
        List<HoltDb> open = new ArrayList<>();
        try {
            for (int i = 0; i < databases; i++) {
                open.add(Holt.open(directory.resolve("db-" + i), sharing));
                open.get(i).tree("t").put(bytes("k"), bytes("v" + i));
                open.get(i).checkpoint();
            }
            for (int i = 0; i < open.size(); i++) {
                assertThat(open.get(i).tree("t").get(bytes("k"))).isEqualTo(bytes("v" + i));
            }
        } finally {
            open.forEach(HoltDb::close);
        }
        assertThat(shared.usedBytes()).isZero();
        shared.close();
    }

    @Test
    void aSegmentThatCantBeReadChangesNothing() {
        try (HoltDb db = Holt.inMemory(options)) {
            HoltTree tree = db.tree("t");
            tree.put(bytes("k"), bytes("before"));
            MemorySegment key = MemorySegment.ofArray(bytes("k"));
            for (int size : new int[] {6, 100, 1 << 20}) {
                MemorySegment dead;
                try (Arena arena = Arena.ofConfined()) {
                    dead = arena.allocate(size);
                }
                long used = budget.usedBytes();
                assertThatThrownBy(() -> tree.put(key, dead)).isInstanceOf(IllegalStateException.class);
                assertThatThrownBy(() -> tree.put(dead, key)).isInstanceOf(RuntimeException.class);
                assertThat(tree.get(bytes("k"))).isEqualTo(bytes("before"));
                assertThat(tree.stats().records()).isEqualTo(1);
                assertThat(budget.usedBytes()).isEqualTo(used);
            }
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
