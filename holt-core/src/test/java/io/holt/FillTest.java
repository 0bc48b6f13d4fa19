package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.TreeStats;
import io.holt.internal.layout.FrameHeader;
import io.holt.testkit.Records;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.Random;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * I8: frames are full after each workload of millions of operations. Live bytes are at least 0.6 of frame bytes in a
 * tree of 20 frames or more; any tree has at most {@code ceil(live bytes / 0.6 of a frame) + 2} frames.
 *
 * <p>The system property {@code holt.churn.seconds} lets each churn go on for so long, default 1; what it uses is
 * looked at all the time, so that nothing grows without bound.
 */
class FillTest {

    private static final int RECORDS = 2_000_000;
    private static final long STRIDE = 1_299_709;
    private static final int SAMPLES = 8;
    private static final long CHURN_NANOS = 1_000_000_000L * Integer.getInteger("holt.churn.seconds", 1);
    private static final HoltOptions OPTIONS = HoltOptions.builder()
            .memoryBytes(512L << 20)
            .durability(Durability.NONE)
            .build();

    /** The records are those that the benchmarks load: pinned by the checksums that other implementations use. */
    @ParameterizedTest
    @CsvSource({"KV, c8766e97", "OBJSTORE, b7cb3bba"})
    void theRecordsAreThoseOfTheBenchmarks(Records shape, String crc) {
        CRC32 sum = new CRC32();
        for (int i = 0; i < 20_000; i++) {
            sum.update(shape.key(20_000, i));
            sum.update(shape.value(20_000, i));
        }
        assertThat(sum.getValue()).isEqualTo(Long.parseLong(crc, 16));
    }

    @ParameterizedTest
    @EnumSource(Records.class)
    void sortedInserts(Records shape) {
        byte[][] keys = new byte[RECORDS][];
        Arrays.setAll(keys, i -> shape.key(RECORDS, i));
        Arrays.parallelSort(keys, Arrays::compareUnsigned);
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("t");
            byte[] value = new byte[shape.valueBytes()];
            for (byte[] key : keys) {
                tree.put(key, value);
            }
            assertFull(tree, RECORDS);
        }
    }

    @ParameterizedTest
    @CsvSource({"KV, 20000", "OBJSTORE, 20000", "KV, 100000", "OBJSTORE, 150000"})
    void smallTreesToo(Records shape, int records) {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("t");
            for (int i = 0; i < records; i++) {
                tree.put(shape.key(records, i), shape.value(records, i));
            }
            assertFewFrames(tree.stats());
            db.dropTree("t");
            HoltTree sorted = db.tree("sorted");
            byte[][] keys = new byte[records][];
            Arrays.setAll(keys, i -> shape.key(records, i));
            Arrays.sort(keys, Arrays::compareUnsigned);
            for (byte[] key : keys) {
                sorted.put(key, new byte[shape.valueBytes()]);
            }
            assertFewFrames(sorted.stats());
        }
    }

    /**
     * The shape that fills frames worst: directories of one size, each a little over half a frame. No two fit into one,
     * and what belongs to different nodes does not share a frame unless all of it does.
     */
    @Test
    void equalDirectoriesOfHalfAFrameAreHalfFull() {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("t");
            int records = 100_000;
            for (int i = 0; i < records; i++) {
                put(tree, Records.OBJSTORE, records, i);
            }
            TreeStats stats = tree.stats();
            assertThat(stats.fill()).as("%s", stats).isBetween(0.48, 0.6);
        }
    }

    /** Shuffled inserts; then most are deleted, at random; then half of what there was comes back. */
    @ParameterizedTest
    @EnumSource(Records.class)
    void shuffledInsertsThenDeletesThenInserts(Records shape) {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("t");
            for (int i = 0; i < RECORDS; i++) {
                put(tree, shape, (int) (i * STRIDE % RECORDS));
            }
            assertFull(tree, RECORDS);

            Random random = new Random(1);
            boolean[] gone = new boolean[RECORDS];
            int left = RECORDS;
            for (int i = 0; i < RECORDS; i++) {
                gone[i] = random.nextInt(10) < 8;
                if (gone[i]) {
                    assertThat(tree.delete(shape.key(RECORDS, i))).isTrue();
                    left--;
                }
            }
            TreeStats thinned = tree.stats();
            assertThat(thinned.records()).isEqualTo(left);
            // Nobody asked for a place for new records yet: frames are at least as full as sparse ones are.
            assertThat(thinned.fill()).as("%s", thinned).isGreaterThanOrEqualTo(0.4);
            assertThat(thinned.merges()).isPositive();

            for (int i = 0, back = 0; back < RECORDS / 2; i++) {
                int which = (int) (i * STRIDE % RECORDS);
                if (gone[which]) {
                    put(tree, shape, which);
                    back++;
                }
            }
            assertFull(tree, left + RECORDS / 2);
        }
    }

    /** In one directory of many, files come and go. */
    @Test
    void hotDirectoryChurn() {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("t");
            int records = 500_000;
            for (int i = 0; i < records; i++) {
                put(tree, Records.OBJSTORE, records, i);
            }
            Deque<byte[]> files = new ArrayDeque<>();
            Random random = new Random(2);
            churn(tree, step -> {
                byte[] key = "bucket-07/path/sub/tmp-%08x.bin"
                        .formatted(random.nextInt())
                        .getBytes(StandardCharsets.UTF_8);
                tree.put(key, new byte[49]);
                files.add(key);
                if (files.size() > 20_000) {
                    tree.delete(files.remove());
                }
            });
            assertFull(tree, tree.stats().records());
        }
    }

    /** Values of the same keys grow and shrink. */
    @ParameterizedTest
    @EnumSource(Records.class)
    void sameKeyResizeChurn(Records shape) {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("t");
            int records = 150_000;
            Random random = new Random(3);
            churn(tree, step -> {
                byte[] key = shape.key(records, random.nextInt(records));
                tree.put(key, new byte[random.nextInt(120)]);
            });
            assertFull(tree, tree.stats().records());
        }
    }

    /**
     * Numbers in ascending order, spread over groups by a hash: as many runs of ascending keys as there are groups, all
     * in one tree. What lies under one byte of the numbers is a little more than a frame, the worst for filling frames.
     */
    @Test
    void runsOfManyGroups() {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("t");
            byte[] value = new byte[1000];
            int records = 0;
            for (int number = 0; number < 1_000_000; number++) {
                byte[] key = groupedNumber(number);
                if (key[1] < 8) {
                    value[0] = (byte) number;
                    tree.put(key, value);
                    records++;
                }
            }
            assertFull(tree, records);
            TreeStats stats = tree.stats();
            assertThat(stats.fill()).as("%s", stats).isGreaterThanOrEqualTo(0.8);
            assertThat(stats.depthMean()).as("%s", stats).isLessThanOrEqualTo(3.5);
            for (int number = 0; number < 1_000_000; number++) {
                byte[] key = groupedNumber(number);
                if (key[1] < 8) {
                    assertThat(tree.get(key)[0]).isEqualTo((byte) number);
                }
            }
        }
    }

    /** One of 128 groups, and a number. */
    private static byte[] groupedNumber(int number) {
        long mixed = (number + 1L) * 0x9E3779B97F4A7C15L;
        mixed = (mixed ^ (mixed >>> 32)) * 0xBF58476D1CE4E5B9L;
        ByteBuffer key = ByteBuffer.allocate(10);
        key.putShort((short) (mixed >>> 57)).putLong(number);
        return key.array();
    }

    /**
     * Timers fire in the order of their time, while later ones are set. A key group's old end is half empty, its new
     * end half full, and how many lie under one byte of the time decides how they fill the frames between: the floor
     * is a half, not 0.6.
     */
    @Test
    void timersAreSetAndFire() {
        for (int keyGroups : new int[] {2, 3}) {
            TreeStats stats = timers(keyGroups);
            assertThat(stats.fill()).as("%s", stats).isGreaterThanOrEqualTo(0.5);
        }
    }

    private static TreeStats timers(int keyGroups) {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("t");
            Deque<byte[]> timers = new ArrayDeque<>();
            Random random = new Random(4);
            churn(tree, step -> {
                ByteBuffer key = ByteBuffer.allocate(26);
                key.putShort((short) random.nextInt(keyGroups)).putLong(1_700_000_000_000L + step);
                key.putLong(random.nextLong()).putLong(0);
                tree.put(key.array(), new byte[0]);
                timers.add(key.array());
                if (timers.size() > 300_000) {
                    assertThat(tree.delete(timers.remove())).isTrue();
                }
            });
            TreeStats stats = tree.stats();
            log(stats);
            assertThat(stats.records()).isEqualTo(timers.size());
            return stats;
        }
    }

    /** Windows: bucket of time, key, time; old buckets go with one call. */
    @Test
    void windowsExpire() {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("t");
            Random random = new Random(5);
            churn(tree, step -> {
                long bucket = step / 20_000;
                ByteBuffer key = ByteBuffer.allocate(32);
                key.putLong(bucket)
                        .putLong(random.nextInt(100_000))
                        .putLong(step)
                        .putLong(0);
                tree.put(key.array(), new byte[24]);
                if (step % 20_000 == 0 && bucket >= 20) {
                    tree.deletePrefix(
                            ByteBuffer.allocate(8).putLong(bucket - 20).array());
                }
            });
            TreeStats stats = tree.stats();
            assertThat(stats.records()).isLessThanOrEqualTo(21 * 20_000);
            assertFull(tree, stats.records());
        }
    }

    private interface Step {
        void run(int step);
    }

    /** At least two million steps, and for as long as is asked for; from the middle on nothing grows any more. */
    private static void churn(HoltTree tree, Step operation) {
        long end = System.nanoTime() + CHURN_NANOS;
        int step = 0;
        long framesMax = 0;
        for (int sample = 0; sample < SAMPLES || System.nanoTime() < end; sample++) {
            for (int i = 0; i < 2_000_000 / SAMPLES; i++) {
                operation.run(step++);
            }
            TreeStats stats = tree.stats();
            if (sample < SAMPLES / 2) {
                framesMax = Math.max(framesMax, stats.frames());
            } else {
                assertThat(stats.frames()).as("%s", stats).isLessThanOrEqualTo(framesMax + framesMax / 4 + 4);
                assertThat(stats.depthMax()).as("%s", stats).isLessThanOrEqualTo(6);
            }
        }
    }

    private static void put(HoltTree tree, Records shape, int i) {
        put(tree, shape, RECORDS, i);
    }

    private static void put(HoltTree tree, Records shape, int records, int i) {
        tree.put(shape.key(records, i), new byte[shape.valueBytes()]);
    }

    private static void assertFull(HoltTree tree, long records) {
        TreeStats stats = tree.stats();
        log(stats);
        assertThat(stats.records()).isEqualTo(records);
        if (stats.frames() >= 20) {
            assertThat(stats.fill()).as("%s", stats).isGreaterThanOrEqualTo(0.6);
        }
        assertFewFrames(stats);
    }

    private static void log(TreeStats stats) {
        System.getLogger("holt.fill").log(System.Logger.Level.INFO, "{0}", stats);
    }

    private static void assertFewFrames(TreeStats stats) {
        long most = (long) Math.ceil(stats.liveBytes() / (0.6 * FrameHeader.FRAME_BYTES)) + 2;
        assertThat(stats.frames()).as("%s", stats).isLessThanOrEqualTo(most);
    }
}
