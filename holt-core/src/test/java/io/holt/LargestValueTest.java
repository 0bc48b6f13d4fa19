package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.MemoryBudget;
import io.holt.testkit.FileTrees;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Large values by segments, through the log and through a checkpoint, never as a whole on the heap. The largest there
 * is: with {@code -Dholt.largest.value=true}, which takes 6 GiB of memory and 8 GiB of disk.
 */
class LargestValueTest {

    private static final int LARGEST = Integer.MAX_VALUE - 16;
    private static final byte[] KEY = "large".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] VERSIONED = "versioned".getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path directory;

    @Test
    void aValueOfManyFrames() throws IOException {
        assertKept((48 << 20) + 12_345);
    }

    @Test
    @EnabledIfSystemProperty(named = "holt.largest.value", matches = "true")
    void theLargestValue() throws IOException {
        assertKept(LARGEST);
    }

    private HoltOptions options(MemoryBudget budget) {
        return HoltOptions.builder().memory(budget).durability(Durability.ASYNC).build();
    }

    /** The budget is far less than the value in file mode. */
    private void assertKept(int bytes) throws IOException {
        try (Arena arena = Arena.ofShared();
                MemoryBudget budget = Holt.memory(
                        Math.max(64, bytes / MemoryBudget.FRAME_BYTES / 4) * (long) MemoryBudget.FRAME_BYTES)) {
            MemorySegment key = MemorySegment.ofArray(KEY);
            MemorySegment value = arena.allocate(bytes, 8);
            fill(value, 1);
            Path copy = directory.resolve("copy");
            try (HoltDb db = Holt.open(directory.resolve("db"), options(budget))) {
                HoltTree tree = db.tree("t");
                tree.put(key, value);
                tree.putVersioned(VERSIONED, value.asSlice(0, 5 << 20).toArray(ValueLayout.JAVA_BYTE));
                assertHolds(tree, value);
                // As if the process had ended here: only the log has it.
                FileTrees.copy(directory.resolve("db"), copy);
            }
            try (HoltDb db = Holt.open(copy, options(budget))) {
                assertHolds(db.tree("t"), value);
                assertThat(db.tree("t").get(VERSIONED))
                        .isEqualTo(value.asSlice(0, 5 << 20).toArray(ValueLayout.JAVA_BYTE));
                assertThat(db.tree("t").version(VERSIONED)).isPositive();
                db.checkpoint();
            }
            FileTrees.delete(copy);
            try (HoltDb db = Holt.open(directory.resolve("db"), options(budget))) {
                assertHolds(db.tree("t"), value);
                assertThat(db.tree("t").delete(KEY)).isTrue();
            }
            assertThat(budget.usedBytes()).isZero();
        }
    }

    private static void assertHolds(HoltTree tree, MemorySegment value) {
        try (Arena arena = Arena.ofShared()) {
            MemorySegment read = arena.allocate(value.byteSize());
            assertThat(tree.get(MemorySegment.ofArray(KEY), read)).isEqualTo((int) value.byteSize());
            assertThat(read.mismatch(value)).isEqualTo(-1);
        }
    }

    private static void fill(MemorySegment value, long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        for (long at = 0; at + Long.BYTES <= value.byteSize(); at += Long.BYTES) {
            value.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.nextLong());
        }
    }
}
