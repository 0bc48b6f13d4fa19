package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.MemoryBudget;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The value frames of large values go with the prefix that is deleted, wherever their leaves have come from. */
final class DroppedLargeValuesTest {

    private static final int LARGE_BYTES = 100_000;
    private static final int LARGE_VALUES = 60;
    private static final int FEW_FRAMES = 4;
    private static final int SMALL_VALUES = 30_000;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

    private static byte[] key(String prefix, int number) {
        return (prefix + number * 7_919 % SMALL_VALUES).getBytes(StandardCharsets.UTF_8);
    }

    /**
     * The leaves of large values are written to the frames that are dropped, or copied there when frames are divided.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void theirMemoryIsGivenBack(boolean largeFirst) {
        try (MemoryBudget memory = Holt.memory(128L << 20);
                HoltDb db = Holt.inMemory(HoltOptions.builder().memory(memory).build())) {
            HoltTree tree = db.tree("tree");
            tree.put(key("b", 1), new byte[10]);
            // What is left may lie in more frames than it did at first, but in few.
            long few = memory.usedBytes() + FEW_FRAMES * (long) MemoryBudget.FRAME_BYTES;
            if (largeFirst) {
                putLarge(tree);
            }
            for (int i = LARGE_VALUES; i < SMALL_VALUES; i++) {
                tree.put(key("a", i), new byte[100]);
            }
            if (!largeFirst) {
                putLarge(tree);
            }
            assertThat(memory.usedBytes()).isGreaterThan(LARGE_VALUES * (long) MemoryBudget.FRAME_BYTES);
            tree.deletePrefix("a".getBytes(StandardCharsets.UTF_8));
            awaitAtMost(memory, few);
            assertThat(tree.get(key("b", 1))).hasSize(10);
        }
    }

    /** The first frame of a tree begins empty; most of what it gave to others comes back when that is deleted. */
    @Test
    void alsoOfLeavesThatWereMergedIntoTheFrameThatBeganEmpty() {
        try (MemoryBudget memory = Holt.memory(128L << 20);
                HoltDb db = Holt.inMemory(HoltOptions.builder().memory(memory).build())) {
            HoltTree tree = db.tree("tree");
            tree.put(key("b", 1), new byte[10]);
            long few = memory.usedBytes() + FEW_FRAMES * (long) MemoryBudget.FRAME_BYTES;
            for (int i = LARGE_VALUES; i < SMALL_VALUES; i++) {
                tree.put(key("a", i), new byte[100]);
            }
            putLarge(tree);
            for (int i = LARGE_VALUES; i < SMALL_VALUES; i++) {
                tree.delete(key("a", i));
            }
            assertThat(tree.stats().merges()).isPositive();
            tree.deletePrefix("a".getBytes(StandardCharsets.UTF_8));
            awaitAtMost(memory, few);
            assertThat(tree.get(key("b", 1))).hasSize(10);
        }
    }

    /** The leaf of a long key and a small value is as long as that of a large value. */
    @Test
    void alsoOfLeavesThatKeptTheirPlace() {
        try (MemoryBudget memory = Holt.memory(128L << 20);
                HoltDb db = Holt.inMemory(HoltOptions.builder().memory(memory).build())) {
            HoltTree tree = db.tree("tree");
            tree.put(key("b", 1), new byte[10]);
            long few = memory.usedBytes() + FEW_FRAMES * (long) MemoryBudget.FRAME_BYTES;
            for (int i = 0; i < SMALL_VALUES / 4; i++) {
                tree.put(paddedKey(i), new byte[4]);
            }
            for (int i = 0; i < LARGE_VALUES; i++) {
                tree.put(paddedKey(i), new byte[LARGE_BYTES]);
            }
            assertThat(memory.usedBytes()).isGreaterThan(LARGE_VALUES * (long) MemoryBudget.FRAME_BYTES);
            tree.deletePrefix("a".getBytes(StandardCharsets.UTF_8));
            awaitAtMost(memory, few);
        }
    }

    private static byte[] paddedKey(int number) {
        byte[] key = Arrays.copyOf(key("a", number), 300);
        Arrays.fill(key, 8, key.length, (byte) 'p');
        return key;
    }

    private static void awaitAtMost(MemoryBudget memory, long bytes) {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (memory.usedBytes() > bytes && System.nanoTime() - deadline < 0) {
            Thread.onSpinWait();
        }
        assertThat(memory.usedBytes()).isLessThanOrEqualTo(bytes);
    }

    private static void putLarge(HoltTree tree) {
        for (int i = 0; i < LARGE_VALUES; i++) {
            tree.put(key("a", i), new byte[LARGE_BYTES]);
        }
    }
}
