package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.DbStats;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Snapshot;
import io.holt.api.TreeStats;
import io.holt.internal.memory.BlobBufPool;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Nothing grows without bound (I7, I8): records of all kinds come and go in one database on files, whose sizes stay
 * the same, with snapshots that open and close, checkpoints in the background, and not quite enough memory.
 *
 * <p>The system property {@code holt.churn.minutes} lets it go on for so long, default 0: then a fixed number of
 * rounds. Each sample is logged as one line.
 */
class ChurnTest {

    private static final long NANOS = TimeUnit.MINUTES.toNanos(Integer.getInteger("holt.churn.minutes", 0));

    /** So many samples at least; growth is looked for from the middle of them on. */
    private static final int SAMPLES_MIN = 12;

    /** Long enough for each churn to replace what it keeps several times before growth is looked for. */
    private static final int ROUNDS_A_SAMPLE = NANOS > 0 ? 200 : 12;

    private static final int BATCH = 1000;
    private static final long MEMORY_BYTES = 40L << 20;

    private final Random random = new Random(1);
    private final List<Sample> samples = new ArrayList<>();

    /** What is in use at one moment. */
    private record Sample(long frames, long preImages, long memoryBytes, long dataBytes, long directoryBytes) {}

    @Test
    void nothingGrows(@TempDir Path directory) {
        long before = BlobBufPool.liveBytes();
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(MEMORY_BYTES)
                .durability(Durability.ASYNC)
                .checkpointLogBytes(32L << 20)
                .build();
        long end = System.nanoTime() + NANOS;
        try (HoltDb db = Holt.open(directory, options)) {
            List<Churn> churns = List.of(
                    new Churn(db, "directory", 20_000, this::file, 60),
                    new Churn(db, "timers", 100_000, this::timer, 0),
                    new Churn(db, "resized", 20_000, this::name, 400),
                    new Churn(db, "large", 12, this::name, 400_000));
            Windows windows = new Windows(db.tree("windows"));
            Deque<Snapshot> snapshots = new ArrayDeque<>();
            for (int sample = 0; sample < SAMPLES_MIN || System.nanoTime() < end; sample++) {
                for (int round = 0; round < ROUNDS_A_SAMPLE; round++) {
                    churns.forEach(Churn::round);
                    windows.round();
                    passing(db, round);
                    snapshots.add(db.snapshot());
                    if (snapshots.size() > 2) {
                        snapshots.remove().close();
                    }
                }
                while (!snapshots.isEmpty()) {
                    snapshots.remove().close();
                }
                churns.forEach(Churn::check);
                db.checkpoint();
                look(db, directory, sample);
            }
            assertThat(db.stats().evictions()).as("frames that left memory").isPositive();
            db.treeNames().forEach(db::dropTree);
        }
        assertThat(BlobBufPool.liveBytes()).isEqualTo(before);
    }

    /** A tree that comes and goes. */
    private void passing(HoltDb db, int round) {
        HoltTree tree = db.tree("passing-" + round % 3);
        for (int i = 0; i < BATCH; i++) {
            tree.put(name(i), new byte[100]);
        }
        assertThat(db.dropTree("passing-" + round % 3)).isTrue();
    }

    /** From the middle on no size is beyond what it was in the first half, by more than some frames. */
    private void look(HoltDb db, Path directory, int number) {
        DbStats stats = db.stats();
        Sample now = new Sample(
                stats.frames(), stats.preImages(), stats.memoryUsedBytes(), stats.fileBytes(), bytesOf(directory));
        StringBuilder fills = new StringBuilder();
        for (String name : db.treeNames()) {
            TreeStats tree = db.tree(name).stats();
            fills.append(" %s %d frames, fill %.2f, depth %d;"
                    .formatted(name, tree.frames() + tree.valueFrames(), tree.fill(), tree.depthMax()));
            assertThat(tree.depthMax()).as("%s: %s", name, tree).isLessThanOrEqualTo(6);
        }
        Runtime heap = Runtime.getRuntime();
        long heapBytes = heap.totalMemory() - heap.freeMemory();
        String line = "sample %d: %s, evictions %d, heap %d MiB;%s"
                .formatted(number, now, stats.evictions(), heapBytes >> 20, fills);
        System.getLogger("holt.churn").log(System.Logger.Level.INFO, line);

        assertThat(now.preImages).as(line).isZero();
        assertThat(now.memoryBytes).as(line).isLessThanOrEqualTo(MEMORY_BYTES);
        if (samples.size() < SAMPLES_MIN / 2) {
            samples.add(now);
            return;
        }
        long frames = samples.stream().mapToLong(Sample::frames).max().orElseThrow();
        long data = samples.stream().mapToLong(Sample::dataBytes).max().orElseThrow();
        long files = samples.stream().mapToLong(Sample::directoryBytes).max().orElseThrow();
        assertThat(now.frames).as(line).isLessThanOrEqualTo(frames + frames / 4 + 8);
        // Beside the log's segments, which come and go, a checkpoint writes all anew before old places are free.
        assertThat(now.dataBytes).as(line).isLessThanOrEqualTo(2 * data + (32L << 20));
        assertThat(now.directoryBytes).as(line).isLessThanOrEqualTo(2 * files + (96L << 20));
    }

    private static long bytesOf(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            return files.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] file(long step) {
        return "bucket-07/path/sub/tmp-%08x-%d.bin"
                .formatted(random.nextInt(), step)
                .getBytes(StandardCharsets.UTF_8);
    }

    private byte[] timer(long step) {
        ByteBuffer key = ByteBuffer.allocate(26).putShort((short) random.nextInt(2));
        return key.putLong(1_700_000_000_000L + step)
                .putLong(random.nextLong())
                .putLong(step)
                .array();
    }

    private byte[] name(long step) {
        return "name-%05d".formatted(step % 30_000).getBytes(StandardCharsets.UTF_8);
    }

    private interface Keys {
        byte[] key(long step);
    }

    /** Records come and the oldest go, so that a tree keeps so many. */
    private final class Churn {
        private final HoltTree tree;
        private final int kept;
        private final Keys keys;
        private final int valueBytesMax;
        private final int records;
        private final Deque<byte[]> live = new ArrayDeque<>();
        private long step;

        Churn(HoltDb db, String name, int kept, Keys keys, int valueBytesMax) {
            this.tree = db.tree(name);
            this.kept = kept;
            this.keys = keys;
            this.valueBytesMax = valueBytesMax;
            this.records = Math.max(1, Math.min(BATCH, kept / 4));
            fill();
        }

        private void fill() {
            while (live.size() < kept) {
                add();
            }
        }

        private void add() {
            byte[] key = keys.key(step++);
            byte[] value = new byte[valueBytesMax == 0 ? 0 : random.nextInt(valueBytesMax)];
            Arrays.fill(value, key[key.length - 1]);
            tree.put(key, value);
            live.add(key);
        }

        void round() {
            for (int i = 0; i < records; i++) {
                add();
                assertThat(tree.delete(live.remove())).isTrue();
            }
        }

        /** Exactly the records that were kept are there. */
        void check() {
            assertThat(tree.prefixCount(new byte[0], Long.MAX_VALUE)).isEqualTo(live.size());
            for (byte[] key : live) {
                byte[] value = tree.get(key);
                boolean whole = value != null && (value.length == 0 || value[value.length - 1] == key[key.length - 1]);
                if (!whole) {
                    assertThat(value)
                            .as(new String(key, StandardCharsets.ISO_8859_1))
                            .isNotNull();
                    assertThat(value[value.length - 1]).isEqualTo(key[key.length - 1]);
                }
            }
        }
    }

    /** Windows of time, of which the oldest goes with one call. */
    private final class Windows {
        private static final int KEPT = 20;

        private final HoltTree tree;
        private long window;

        Windows(HoltTree tree) {
            this.tree = tree;
        }

        void round() {
            for (int i = 0; i < BATCH; i++) {
                ByteBuffer key = ByteBuffer.allocate(24).putLong(window);
                tree.put(key.putLong(random.nextInt(100_000)).putLong(i).array(), new byte[24]);
            }
            if (window >= KEPT) {
                byte[] oldest = ByteBuffer.allocate(8).putLong(window - KEPT).array();
                assertThat(tree.deletePrefix(oldest)).isTrue();
            }
            window++;
        }
    }
}
