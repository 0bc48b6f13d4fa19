package io.holt;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.Cursor;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.RenameResult;
import io.holt.api.Scan;
import io.holt.api.TreeStats;
import io.holt.api.TreeView;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * I2 over more than one frame: a reader that is held up between two frames of its path must notice that records moved
 * from one to the other. There are more readers than processors, so that they are held up anywhere, and records so
 * large that a few of them divide a frame.
 */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ShapeRaceTest {

    private static final int READERS = 6;
    private static final int PILLARS = 64;
    private static final int FAT_BYTES = 24_000;
    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(64L << 20).build();

    private interface Reading {
        void once(Random random);
    }

    /** Runs readers beside a writer, which does its rounds unless a reader failed. */
    private static void race(List<Reading> readings, int rounds, Runnable round) throws Exception {
        AtomicBoolean done = new AtomicBoolean();
        AtomicBoolean failed = new AtomicBoolean();
        try (ExecutorService threads = Executors.newCachedThreadPool()) {
            List<Future<?>> readers = new ArrayList<>();
            for (int i = 0; i < READERS; i++) {
                Reading reading = readings.get(i % readings.size());
                Random random = new Random(i);
                readers.add(threads.submit(() -> {
                    try {
                        while (!done.get()) {
                            reading.once(random);
                        }
                    } catch (RuntimeException | Error e) {
                        failed.set(true);
                        throw e;
                    }
                }));
            }
            try {
                for (int i = 0; i < rounds && !failed.get(); i++) {
                    round.run();
                }
            } finally {
                done.set(true);
            }
            for (Future<?> reader : readers) {
                reader.get();
            }
        }
    }

    /** Records that nobody touches are found at any moment, while the frames that they are in divide and join. */
    @Test
    void whatStaysIsFoundWhileFramesDivideAndJoin() throws Exception {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("a");
            for (int i = 0; i < PILLARS; i++) {
                tree.put(pillar(i), new byte[] {(byte) i});
            }
            Deque<byte[]> fat = new ArrayDeque<>();
            Random random = new Random(7);
            int[] serial = new int[1];
            race(
                    List.of(r -> getOne(tree, r), r -> getMany(tree, r), r -> visitMany(tree, r), r -> scan(tree)),
                    500,
                    () -> {
                        while (fat.size() < 80) {
                            byte[] key = {'d', (byte) (4 * random.nextInt(PILLARS)), 'f', (byte) serial[0]++};
                            tree.put(key, new byte[FAT_BYTES]);
                            fat.add(key);
                        }
                        while (fat.size() > 5) {
                            tree.delete(fat.remove());
                        }
                    });
            TreeStats stats = tree.stats();
            assertThat(stats.splits()).as("%s", stats).isGreaterThan(200);
            assertThat(stats.merges()).as("%s", stats).isGreaterThan(200);
        }
    }

    private static byte[] pillar(int i) {
        return new byte[] {'d', (byte) (4 * i), 'p'};
    }

    private static void getOne(HoltTree tree, Random random) {
        for (int n = 0; n < 100; n++) {
            int i = random.nextInt(PILLARS);
            byte[] value = tree.get(pillar(i));
            if (value == null || value[0] != (byte) i) {
                assertThat(value).as("record %d", i).containsExactly(i);
            }
        }
    }

    private static void getMany(HoltTree tree, Random random) {
        byte[][] keys = new byte[16][];
        byte[][] targets = new byte[16][1];
        int[] lengths = new int[16];
        Arrays.setAll(keys, n -> pillar(random.nextInt(PILLARS)));
        for (int n = 0; n < 10; n++) {
            tree.getMany(keys, keys.length, targets, lengths);
            assertThat(lengths).as("of many").containsOnly(1);
        }
    }

    private static void visitMany(HoltTree tree, Random random) {
        byte[][] prefixes = new byte[16][];
        int[] counts = new int[16];
        Arrays.setAll(prefixes, n -> pillar(random.nextInt(PILLARS)));
        for (int n = 0; n < 10; n++) {
            tree.visitMany(prefixes, prefixes.length, 2, (k, ko, kb, v, vo, vb) -> true, counts);
            assertThat(counts).as("visited among many").containsOnly(1);
        }
    }

    private static void scan(HoltTree tree) {
        int seen = 0;
        try (Cursor cursor = tree.scan(Scan.all().keysOnly())) {
            while (cursor.next()) {
                byte[] key = cursor.key();
                seen += key[key.length - 1] == 'p' && key.length == 3 ? 1 : 0;
            }
        }
        assertThat(seen).as("by scan").isEqualTo(PILLARS);
    }

    /**
     * A record is renamed between the top of a path that leads through several frames and its end, there and back:
     * whoever looks for the longest key along the path finds it here or there.
     */
    @Test
    void aPrefixIsFoundAtOneOfTwoEndsOfAPath() throws Exception {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = db.tree("a");
            int depth = 100;
            byte[] path = new byte[depth + 10];
            Arrays.fill(path, (byte) 'a');
            for (int i = 1; i <= depth; i++) {
                byte[] beside = Arrays.copyOf(path, i);
                beside[i - 1] = 'b';
                tree.put(beside, new byte[FAT_BYTES]);
            }
            byte[] top = Arrays.copyOf(path, 1);
            byte[] end = Arrays.copyOf(path, depth);
            tree.put(top, new byte[] {1});
            assertThat(tree.stats().depthMax()).as("frames on the path").isGreaterThanOrEqualTo(3);
            Reading look = random -> {
                for (int n = 0; n < 100; n++) {
                    int length = tree.longestPrefix(path);
                    if (length == TreeView.ABSENT) {
                        throw new AssertionError("found neither at the top nor at the end of the path");
                    }
                }
            };
            race(List.of(look), 25_000, () -> {
                RenameResult there = tree.rename(top, end, false);
                RenameResult back = tree.rename(end, top, false);
                if (there != RenameResult.RENAMED || back != RenameResult.RENAMED) {
                    assertThat(List.of(there, back)).containsOnly(RenameResult.RENAMED);
                }
            });
        }
    }
}
