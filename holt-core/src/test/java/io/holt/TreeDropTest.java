package io.holt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.Cursor;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import io.holt.api.Snapshot;
import io.holt.api.TreeDroppedException;
import io.holt.api.TreeView;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trees that are dropped, and what is left of them. */
class TreeDropTest {

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(64L << 20).build();

    @Test
    void aHandleToADroppedTreeNeverReachesTheTreeThatGotItsFrames() {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree dropped = db.tree("first");
            dropped.put(bytes("k"), bytes("of the first"));
            Cursor cursor = dropped.scan(Scan.all());
            db.dropTree("first");
            HoltTree second = null;
            for (int i = 0; i < 20; i++) {
                // One of them gets the blob id of the first one's root.
                second = db.tree("second-" + i);
                second.put(bytes("k"), bytes("of a second"));
            }

            assertThatThrownBy(() -> dropped.put(bytes("k"), bytes("stray"))).isInstanceOf(TreeDroppedException.class);
            assertThatThrownBy(() -> dropped.get(bytes("k"))).isInstanceOf(TreeDroppedException.class);
            assertThatThrownBy(() -> dropped.containsKey(bytes("k"))).isInstanceOf(TreeDroppedException.class);
            assertThatThrownBy(() -> dropped.delete(bytes("k"))).isInstanceOf(TreeDroppedException.class);
            assertThatThrownBy(() -> dropped.deletePrefix(bytes(""))).isInstanceOf(TreeDroppedException.class);
            assertThatThrownBy(() -> dropped.putIfAbsent(bytes("new"), bytes("")))
                    .isInstanceOf(TreeDroppedException.class);
            assertThatThrownBy(() -> dropped.get(bytes("k"), 0, 1, new byte[100], 0))
                    .isInstanceOf(TreeDroppedException.class);
            assertThatThrownBy(dropped::stats).isInstanceOf(TreeDroppedException.class);
            assertThatThrownBy(cursor::next).isInstanceOf(TreeDroppedException.class);
            for (int i = 0; i < 20; i++) {
                assertThat(db.tree("second-" + i).get(bytes("k"))).isEqualTo(bytes("of a second"));
                assertThat(db.tree("second-" + i).stats().records()).isEqualTo(1);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void aSnapshotReadsWhatWasFreedAfterItAndNotWhatAnEarlierCheckpointHas(boolean dropTree, @TempDir Path directory) {
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            HoltTree tree = db.tree("t");
            fill(tree, "of the checkpoint");
            db.checkpoint();
            fill(tree, "of the snapshot");
            try (Snapshot snapshot = db.snapshot()) {
                if (dropTree) {
                    db.dropTree("t");
                } else {
                    tree.deletePrefix(bytes("dir"));
                }
                awaitFreed(db);
                expect(snapshot.tree("t"), "of the snapshot");
                db.checkpoint();
                expect(snapshot.tree("t"), "of the snapshot");
            }
            assertThat(db.stats().preImages()).isZero();
        }
    }

    @Test
    void whatACheckpointWritesIsNotWhatTheOneBeforeItWrote(@TempDir Path directory) throws Exception {
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            HoltTree tree = db.tree("t");
            for (int round = 0; round < 20; round++) {
                fill(tree, "round " + round);
                CountDownLatch started = new CountDownLatch(1);
                Thread deleting = new Thread(() -> {
                    started.countDown();
                    tree.deletePrefix(bytes("dir"));
                });
                deleting.start();
                started.await();
                db.checkpoint();
                deleting.join();
                assertThat(tree.isPrefixEmpty(bytes("dir"))).isTrue();
            }
            fill(tree, "last");
        }
        try (HoltDb db = Holt.open(directory, OPTIONS)) {
            expect(db.tree("t"), "last");
        }
    }

    /** Whoever makes or drops a tree waits for a checkpoint's instant, and that must not wait for him. */
    @Test
    @Timeout(value = 100, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void treesComeAndGoWhileCheckpointsRun(@TempDir Path directory) throws Exception {
        try (ExecutorService threads = Executors.newFixedThreadPool(3);
                HoltDb db = Holt.open(directory, OPTIONS)) {
            CountDownLatch start = new CountDownLatch(1);
            Future<?> checkpoints = threads.submit(() -> {
                start.await();
                for (int i = 0; i < 60; i++) {
                    db.checkpoint();
                }
                return null;
            });
            Future<?>[] catalogs = new Future<?>[2];
            for (int thread = 0; thread < catalogs.length; thread++) {
                String name = "tree-" + thread;
                catalogs[thread] = threads.submit(() -> {
                    start.await();
                    while (!checkpoints.isDone()) {
                        db.tree(name).put(bytes("k"), bytes(name));
                        assertThat(db.tree(name).get(bytes("k"))).isEqualTo(bytes(name));
                        assertThat(db.dropTree(name)).isTrue();
                    }
                    return null;
                });
            }
            start.countDown();
            checkpoints.get(60, TimeUnit.SECONDS);
            for (Future<?> catalog : catalogs) {
                catalog.get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static void awaitFreed(HoltDb db) {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (db.stats().frames() > 2) {
            assertThat(System.nanoTime()).as("frames were not freed").isLessThan(limit);
            Thread.onSpinWait();
        }
    }

    private static void fill(HoltTree tree, String value) {
        for (int i = 0; i < 30_000; i++) {
            tree.put(key(i), bytes(value));
        }
    }

    private static void expect(TreeView tree, String value) {
        byte[] expected = bytes(value);
        for (int i = 0; i < 30_000; i++) {
            byte[] got = tree.get(key(i));
            if (!java.util.Arrays.equals(got, expected)) {
                assertThat(got).as("value %d", i).isEqualTo(expected);
            }
        }
        assertThat(tree.prefixCount(bytes("dir"), Long.MAX_VALUE)).isEqualTo(30_000);
    }

    private static byte[] key(int i) {
        return bytes("dir/" + i % 100 + "/file-" + i);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
