package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Cursor;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.MemoryBudget;
import io.holt.api.Scan;
import io.holt.api.TreeStats;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How many of a tree's frames are in memory, against the frames that the pool reads in when all are looked at. */
class CachedFramesTest {

    private static final int RECORDS = 30_000;

    private static byte[] key(int i) {
        return ("dir-" + i % 7 + "/" + i).getBytes(StandardCharsets.US_ASCII);
    }

    @Test
    void framesNotInMemoryAreThoseThatAreReadIn(@TempDir Path directory) {
        try (MemoryBudget budget = Holt.memory(200L * MemoryBudget.FRAME_BYTES)) {
            HoltOptions options = HoltOptions.builder().memory(budget).build();
            try (HoltDb db = Holt.open(directory, options)) {
                HoltTree tree = db.tree("t");
                for (int i = 0; i < RECORDS; i++) {
                    tree.put(key(i), new byte[200]);
                }
                TreeStats stats = tree.stats();
                assertThat(stats.frames()).isGreaterThan(10);
                assertThat(stats.cachedFrames()).isEqualTo(stats.frames());
            }
            try (HoltDb db = Holt.open(directory, options)) {
                HoltTree tree = db.tree("t");
                assertThat(tree.get(key(5))).isNotNull();
                long resident = db.stats().residentFrames();
                long loads = db.stats().loads();
                TreeStats stats = tree.stats();
                // Frames that only the pool has count for nothing here: there is one tree, without large values.
                assertThat(stats.cachedFrames()).isEqualTo(resident).isBetween(1L, stats.frames() - 8);
                assertThat(db.stats().loads() - loads).isEqualTo(stats.frames() - stats.cachedFrames());
                assertThat(tree.stats().cachedFrames()).isEqualTo(stats.frames());
            }
        }
    }

    @Test
    void whatIsEvictedIsNotCounted(@TempDir Path directory) {
        try (MemoryBudget budget = Holt.memory(24L * MemoryBudget.FRAME_BYTES)) {
            HoltOptions options = HoltOptions.builder().memory(budget).build();
            try (HoltDb db = Holt.open(directory, options)) {
                HoltTree tree = db.tree("t");
                for (int i = 0; i < RECORDS; i++) {
                    tree.put(key(i), new byte[800]);
                }
                long records = 0;
                try (Cursor cursor = tree.scan(Scan.all().keysOnly())) {
                    while (cursor.next()) {
                        records++;
                    }
                }
                TreeStats stats = tree.stats();
                assertThat(stats.records()).isEqualTo(RECORDS).isEqualTo(records);
                assertThat(stats.frames() * MemoryBudget.FRAME_BYTES).isGreaterThan(budget.capacityBytes());
                assertThat(stats.cachedFrames()).isBetween(1L, stats.frames() - 1);
                assertThat(db.stats().residentFrames() * MemoryBudget.FRAME_BYTES)
                        .isLessThanOrEqualTo(budget.capacityBytes());
            }
        }
    }
}
