package io.holt.internal.tree;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.snapshot.SnapshotHandle;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Frames that lose their records are merged; nothing is lost, nothing is found twice, no frame is left over (I8). */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class MergePassTest {

    private static final int POOL_FRAMES = 600;

    /** Values of so many bytes, one of so many, have frames of their own. */
    private static final int LARGE_BYTES = 70_000;

    private static final int LARGE_ONE_OF = 500;

    /** Shapes of keys; small numbers of large records fill frames quickly. */
    enum Shape {
        /** Directories of ten, three levels: nodes of ten edges, paths that frames share. */
        DECIMAL {
            @Override
            byte[] key(int i) {
                return ascii("dir-%d/sub-%02d/file-%04d".formatted(i % 7, i / 7 % 23, i));
            }
        },
        /** Bytes that say nothing: wide nodes. */
        RANDOM {
            @Override
            byte[] key(int i) {
                byte[] key = new byte[16];
                new Random(i * 31L).nextBytes(key);
                key[0] = (byte) (key[0] & 0x1F);
                return key;
            }
        },
        /** Keys that are prefixes of others, so that nodes have terminals, below a long path. */
        NESTED {
            @Override
            byte[] key(int i) {
                StringBuilder path = new StringBuilder("/a-rather-long-name-of-a-directory");
                for (int rest = i; rest > 0; rest /= 5) {
                    path.append("/level-").append((char) ('k' + rest % 5));
                }
                return ascii(path.toString());
            }
        },
        /** Records at nodes that lead to one frame each: such a node is lifted with its record, and taken in again. */
        NAMED {
            @Override
            byte[] key(int i) {
                String directory = "dir/" + (char) ('A' + i % 10);
                return ascii(i < 10 ? directory : directory + (char) ('a' + i / 10 % 26) + "-" + i);
            }
        },
        /** Longer than a frame's base path. */
        LONG {
            @Override
            byte[] key(int i) {
                return ascii("p".repeat(1500 + i % 3 * 400) + "/" + i % 11 + "/" + "q".repeat(900) + "/" + i);
            }
        };

        abstract byte[] key(int i);
    }

    @ParameterizedTest
    @CsvSource({
        "DECIMAL, 1",
        "DECIMAL, 2",
        "RANDOM, 1",
        "RANDOM, 2",
        "NESTED, 1",
        "NESTED, 2",
        "NAMED, 1",
        "LONG, 1",
        "DECIMAL, 3",
    })
    void randomProgramsKeepEveryRecordAndEveryFrameWhole(Shape shape, long seed) {
        Random random = new Random(seed);
        NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
        List<SnapshotHandle> handles = new ArrayList<>();
        List<NavigableMap<byte[], byte[]>> frozen = new ArrayList<>();
        int keys = shape == Shape.LONG ? 1500 : 5000;
        try (TreeRig rig = new TreeRig(POOL_FRAMES)) {
            for (int phase = 0; phase < 12; phase++) {
                // Phases of growth and of loss, so that frames are divided and merged again and again.
                int share = phase % 2 == 0 ? 90 : 5 + random.nextInt(20);
                for (int step = 0; step < 5000; step++) {
                    byte[] key = shape.key(random.nextInt(keys));
                    if (random.nextInt(100) < share) {
                        byte[] value = new byte[valueBytes(random, phase % 4 == 0 ? 3000 : 900)];
                        random.nextBytes(value);
                        rig.put(key, value);
                        model.put(key, value);
                    } else if (random.nextInt(400) == 0) {
                        int cut = 1 + random.nextInt(random.nextInt(10) == 0 ? key.length : Math.min(key.length, 7));
                        byte[] prefix = Arrays.copyOf(key, Math.max(1, key.length - cut));
                        boolean there = model.keySet().removeIf(k -> startsWith(k, prefix));
                        assertThat(rig.deletePrefix(prefix)).isEqualTo(there);
                    } else {
                        assertThat(rig.delete(key)).isEqualTo(model.remove(key) != null);
                    }
                    if (step % 1000 == 999) {
                        rig.audit();
                    }
                }
                rig.assertHolds(model, null);
                if (handles.size() == 3) {
                    int which = random.nextInt(3);
                    rig.assertHolds(frozen.remove(which), handles.get(which));
                    rig.core.closeSnapshot(handles.remove(which));
                }
                handles.add(rig.snapshot());
                frozen.add(new TreeMap<>(model));
            }
            for (int i = 0; i < handles.size(); i++) {
                rig.assertHolds(frozen.get(i), handles.get(i));
                rig.core.closeSnapshot(handles.get(i));
            }
            assertThat(rig.snapshots.preImageCount()).isZero();
            assertThat(rig.stats().merges()).as("merges").isPositive();
            List<byte[]> left = new ArrayList<>(model.keySet());
            Collections.shuffle(left, random);
            left.forEach(key -> assertThat(rig.delete(key)).isTrue());
            assertThat(rig.audit()).as("frames of an empty tree").isEqualTo(1);
        }
    }

    /** Also such lengths that a leaf is as long as one with a large value. */
    private static int valueBytes(Random random, int most) {
        if (random.nextInt(LARGE_ONE_OF) == 0) {
            return LARGE_BYTES;
        }
        return random.nextInt(random.nextInt(4) == 0 ? 16 : most);
    }

    @ParameterizedTest
    @EnumSource(Shape.class)
    void aTreeThatLosesNearlyEverythingKeepsFewFrames(Shape shape) {
        try (TreeRig rig = new TreeRig(POOL_FRAMES)) {
            int keys = shape == Shape.LONG ? 3000 : 20_000;
            for (int i = 0; i < keys; i++) {
                rig.put(shape.key(i), new byte[600]);
            }
            int full = rig.audit();
            for (int i = 0; i < keys; i++) {
                if (i % 20 != 0) {
                    rig.delete(shape.key(i));
                }
            }
            long live = rig.stats().liveBytes();
            int left = rig.audit();
            // A frame is merged while it is sparse, and two sparse frames always fit into one.
            assertThat(left)
                    .as("frames of %s bytes, of %s before", live, full)
                    .isLessThanOrEqualTo((int) Math.ceil(live / (0.3 * FrameHeader.FRAME_BYTES)) + 2);
        }
    }

    /** Frames of lifted nodes are joined: the records at those nodes go with them. */
    @Test
    void aLiftedNodeGoesDownWithItsRecord() {
        NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
        try (TreeRig rig = new TreeRig(POOL_FRAMES)) {
            for (int i = 0; i < 12_000; i++) {
                model.put(Shape.NAMED.key(i), valueOf(i, 600));
                rig.put(Shape.NAMED.key(i), valueOf(i, 600));
            }
            long merges = 0;
            for (int i = 10; i < 12_000; i++) {
                if (i / 10 % 12 != 0) {
                    model.remove(Shape.NAMED.key(i));
                    rig.delete(Shape.NAMED.key(i));
                }
                // Before anything else puts the counts right again, as a compaction does.
                if (rig.tree.merges().sum() != merges) {
                    merges = rig.tree.merges().sum();
                    rig.audit();
                }
            }
            rig.assertHolds(model, null);
            assertThat(merges).isPositive();
        }
    }

    /** A reader, a scan and three writers at work on the same few frames, which merge and divide all the time. */
    @ParameterizedTest
    @EnumSource(
            value = Shape.class,
            names = {"DECIMAL", "RANDOM"})
    void readersAndWritersAreNotDisturbed(Shape shape) throws Exception {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        AtomicBoolean done = new AtomicBoolean();
        int keys = 3000;
        try (TreeRig rig = new TreeRig(POOL_FRAMES)) {
            // Every third key stays for good: whoever reads it finds it, whatever happens around it.
            for (int i = 0; i < keys; i += 3) {
                rig.put(shape.key(i), valueOf(i, 40));
            }
            List<Thread> threads = new ArrayList<>();
            for (int t = 1; t <= 2; t++) {
                int remainder = t;
                threads.add(new Thread(() -> churn(rig, shape, keys, remainder)));
            }
            Thread reader = new Thread(() -> {
                Random random = new Random(9);
                while (!done.get()) {
                    int i = random.nextInt(keys / 3) * 3;
                    assertThat(rig.get(shape.key(i))).isEqualTo(valueOf(i, 40));
                }
            });
            Thread scanner = new Thread(() -> {
                while (!done.get()) {
                    scan(rig, shape, keys);
                }
            });
            List<Thread> all = new ArrayList<>(threads);
            all.add(reader);
            all.add(scanner);
            for (Thread thread : all) {
                thread.setUncaughtExceptionHandler((which, error) -> failure.compareAndSet(null, error));
                thread.start();
            }
            for (Thread thread : threads) {
                thread.join();
            }
            done.set(true);
            reader.join();
            scanner.join();
            assertThat(failure.get()).isNull();
            assertThat(rig.stats().merges()).isPositive();
            rig.audit();
        }
    }

    private static void churn(TreeRig rig, Shape shape, int keys, int remainder) {
        for (int round = 0; round < 60; round++) {
            for (int i = remainder; i < keys; i += 3) {
                rig.put(shape.key(i), valueOf(i, 900));
            }
            for (int i = remainder; i < keys; i += 3) {
                assertThat(rig.delete(shape.key(i))).isTrue();
            }
        }
    }

    /** The keys that stay are all seen, in order. */
    private static void scan(TreeRig rig, Shape shape, int keys) {
        int seen = 0;
        byte[] last = {};
        try (var cursor = TreeAccess.cursor(rig.core, rig.tree, null, io.holt.api.Scan.all())) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                assertThat(Arrays.compareUnsigned(last, key)).isNegative();
                last = key;
                seen += cursor.valueLength() == 40 ? 1 : 0;
            }
        }
        assertThat(seen).as("%s", shape).isEqualTo((keys + 2) / 3);
    }

    private static byte[] valueOf(int i, int bytes) {
        byte[] value = new byte[bytes];
        Arrays.fill(value, (byte) i);
        return value;
    }

    /** What a merge does while a snapshot is held, and a blob id is used again at once, the snapshot does not see. */
    @Test
    void aSnapshotSeesTheFramesThatWereMergedAsTheyWere() {
        NavigableMap<byte[], byte[]> model = new TreeMap<>(Arrays::compareUnsigned);
        try (TreeRig rig = new TreeRig(POOL_FRAMES)) {
            for (int i = 0; i < 5000; i++) {
                model.put(Shape.DECIMAL.key(i), valueOf(i, 500));
            }
            model.forEach(rig::put);
            SnapshotHandle handle = rig.snapshot();
            model.keySet().forEach(rig::delete);
            assertThat(rig.audit()).isEqualTo(1);
            for (int i = 0; i < 5000; i++) {
                rig.put(Shape.RANDOM.key(i), valueOf(i, 500));
            }
            rig.assertHolds(model, handle);
            rig.core.closeSnapshot(handle);
            assertThat(rig.snapshots.preImageCount()).isZero();
            rig.audit();
        }
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
