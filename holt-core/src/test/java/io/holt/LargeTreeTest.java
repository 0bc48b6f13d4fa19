package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Cursor;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import io.holt.api.TreeStats;
import io.holt.api.TreeView;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two million path-shaped keys, in order and shuffled, in memory and on files. Keys are computed from their rank, so
 * what the tree answers is compared with an enumeration that knows nothing of the tree.
 */
class LargeTreeTest {

    private static final int RECORDS = 2_000_000;
    private static final int REGION = 200_000;
    private static final int BUCKET = 1000;

    /** Odd and not a multiple of 5, so that multiplying by it permutes the ranks. */
    private static final long STRIDE = 1_299_709;

    private static final HoltOptions OPTIONS = HoltOptions.builder()
            .memoryBytes(512L << 20)
            .durability(Durability.NONE)
            .build();

    @Test
    void inOrderOnFilesWithReopening(@TempDir Path directory) {
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            HoltTree tree = db.tree("paths");
            load(tree, false);
            db.checkpoint();
            checkFill(tree);
            checkEveryRecord(tree);
        }
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            HoltTree tree = db.tree("paths");
            checkScan(tree, false);
            checkScan(tree, true);
        }
    }

    @Test
    void shuffledInMemory() {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("paths");
            load(tree, true);
            checkFill(tree);
            checkEveryRecord(tree);
            checkScan(tree, false);
            checkScan(tree, true);
        }
    }

    /**
     * A shape that fills frames badly: ten directories of one size under each node, of which eight fit into a frame.
     * Edges of different nodes do not share frames, so every ten of them take two: this falls short of I8.
     */
    @Test
    void directoriesOfOneSizeThatFitBadly() {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("paths");
            Pair record = new Pair(true);
            for (int i = 0; i < REGION; i++) {
                record.setRank(i);
                tree.put(record.key, record.value);
            }
            TreeStats stats = tree.stats();
            assertThat(stats.records()).isEqualTo(REGION);
            assertThat(stats.fill()).as("%s", stats).isGreaterThanOrEqualTo(0.55);
        }
    }

    private static void load(HoltTree tree, boolean shuffled) {
        Pair record = new Pair();
        for (int i = 0; i < RECORDS; i++) {
            record.setRank(shuffled ? (int) (i * STRIDE % RECORDS) : i);
            tree.put(record.key, 0, record.key.length, record.value, 0, record.value.length);
        }
    }

    private static void checkFill(HoltTree tree) {
        TreeStats stats = tree.stats();
        assertThat(stats.records()).isEqualTo(RECORDS);
        assertThat(stats.fill()).as("%s", stats).isGreaterThanOrEqualTo(0.6);
        assertThat(stats.depthMax()).as("%s", stats).isLessThanOrEqualTo(6);
    }

    private static void checkEveryRecord(TreeView tree) {
        Pair record = new Pair();
        byte[] buffer = new byte[64];
        int wrong = 0;
        for (int i = 0; i < RECORDS; i++) {
            record.setRank((int) (i * STRIDE % RECORDS));
            int length = tree.get(record.key, 0, record.key.length, buffer, 0);
            wrong += record.valueIs(buffer, 0, length) ? 0 : 1;
            record.key[record.key.length - 1] = 'x';
            wrong += i % 8 == 0 && tree.containsKey(record.key) ? 1 : 0;
        }
        assertThat(wrong).isZero();
    }

    private static void checkScan(TreeView tree, boolean reverse) {
        Pair record = new Pair();
        int seen = 0;
        int wrong = 0;
        try (Cursor cursor = tree.scan(reverse ? Scan.all().reversed() : Scan.all())) {
            while (cursor.next()) {
                record.setRank(reverse ? RECORDS - 1 - seen : seen);
                seen++;
                boolean right = Arrays.equals(
                                cursor.keyArray(),
                                cursor.keyOffset(),
                                cursor.keyOffset() + cursor.keyLength(),
                                record.key,
                                0,
                                record.key.length)
                        && record.valueIs(cursor.valueArray(), cursor.valueOffset(), cursor.valueLength());
                wrong += right ? 0 : 1;
            }
        }
        assertThat(seen).isEqualTo(RECORDS);
        assertThat(wrong).isZero();
    }

    /** The record of a rank: keys ascend with ranks; values have 8 to 23 bytes. */
    private static final class Pair {
        private final byte[] key =
                "warehouse/region-00/bucket-000/part-0000/object-0.parquet".getBytes(StandardCharsets.US_ASCII);
        private final boolean even;
        private byte[] value = {};

        Pair() {
            this(false);
        }

        Pair(boolean even) {
            this.even = even;
        }

        void setRank(int rank) {
            // 10 regions, of 200 buckets each, of parts of 10 objects.
            int region = rank / REGION;
            int inRegion = rank % REGION;
            int bucket = even ? inRegion / BUCKET : (int) Math.sqrt(inRegion / 5.0);
            int inBucket = inRegion - bucketStart(bucket);
            digits("warehouse/region-".length(), 2, region);
            digits("warehouse/region-00/bucket-".length(), 3, bucket);
            digits("warehouse/region-00/bucket-000/part-".length(), 4, inBucket / 10);
            digits("warehouse/region-00/bucket-000/part-0000/object-".length(), 1, inBucket % 10);
            key[key.length - 1] = 't';
            value = new byte[8 + rank % 16];
            long content = valueOf(rank);
            for (int i = 0; i < value.length; i++) {
                value[i] = (byte) (content >>> (8 * (i % 8)));
            }
        }

        /** Buckets have 1,000 records each, or, if they are not even, 5 to 1,995: few at the start, many at the end. */
        private int bucketStart(int bucket) {
            return even ? bucket * BUCKET : 5 * bucket * bucket;
        }

        boolean valueIs(byte[] array, int offset, int length) {
            return length == value.length && Arrays.equals(array, offset, offset + length, value, 0, length);
        }

        private void digits(int at, int count, int number) {
            int rest = number;
            for (int i = count - 1; i >= 0; i--) {
                key[at + i] = (byte) ('0' + rest % 10);
                rest /= 10;
            }
        }

        private static long valueOf(int rank) {
            return (rank + 1) * 0x9E3779B97F4A7C15L;
        }
    }
}
