package io.holt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.Cursor;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import io.holt.api.Snapshot;
import io.holt.api.TreeView;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.memory.Memory;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was closed says so, whichever way it is asked, and whoever is at work meanwhile. */
class UseAfterCloseTest {

    private static final HoltOptions OPTIONS =
            HoltOptions.builder().memoryBytes(32L << 20).build();
    private static final byte[] KEY = "k7".getBytes(StandardCharsets.UTF_8);

    @Test
    void aClosedDatabaseInMemory() {
        everyVerbIsRefused(Holt.inMemory(OPTIONS));
    }

    @Test
    void aClosedDatabaseOnFiles(@TempDir Path directory) {
        everyVerbIsRefused(Holt.open(directory, OPTIONS));
        try (HoltDb again = Holt.open(directory, OPTIONS)) {
            assertThat(again.tree("t").stats().records()).isEqualTo(100);
        }
    }

    private static void everyVerbIsRefused(HoltDb db) {
        HoltTree tree = filled(db);
        Snapshot snapshot = db.snapshot();
        TreeView frozen = snapshot.tree("t");
        Cursor cursor = tree.scan(Scan.all());
        Cursor frozenCursor = frozen.scan(Scan.all());
        assertThat(cursor.next()).isTrue();
        assertThat(frozenCursor.next()).isTrue();
        Cursor ended = tree.scan(Scan.all().limit(0));
        assertThat(ended.next()).isFalse();
        db.close();
        db.close();

        assertThat(db.isClosed()).isTrue();
        refused(() -> db.tree("t"));
        refused(() -> db.tree("new"));
        refused(db::treeNames);
        refused(() -> db.dropTree("t"));
        refused(db::snapshot);
        refused(db::checkpoint);
        refused(db::stats);
        refused(() -> tree.put(KEY, KEY));
        refused(() -> tree.put(KEY, new byte[1 << 20]));
        refused(() -> tree.put(MemorySegment.ofArray(KEY), MemorySegment.ofArray(KEY)));
        refused(() -> tree.putIfAbsent(KEY, KEY));
        refused(() -> tree.delete(KEY));
        refused(() -> tree.deletePrefix(KEY));
        refused(tree::stats);
        readsAreRefused(tree);
        readsAreRefused(frozen);
        refused(cursor::next);
        refused(() -> cursor.seek(KEY));
        refused(frozenCursor::next);
        refused(ended::next);
        refused(() -> snapshot.tree("t"));
        refused(snapshot::treeNames);
        snapshot.close();
        cursor.close();
    }

    @Test
    void aClosedSnapshotAndAClosedCursor() {
        try (HoltDb db = Holt.inMemory(OPTIONS)) {
            HoltTree tree = filled(db);
            Snapshot snapshot = db.snapshot();
            TreeView frozen = snapshot.tree("t");
            Cursor cursor = frozen.scan(Scan.all());
            assertThat(cursor.next()).isTrue();
            tree.put(KEY, KEY);
            snapshot.close();
            snapshot.close();

            assertThat(db.stats().openSnapshots()).isZero();
            assertThat(db.stats().preImages()).isZero();
            readsAreRefused(frozen);
            refused(cursor::next);
            refused(() -> cursor.seek(KEY));
            refused(() -> snapshot.tree("t"));

            Cursor closed = tree.scan(Scan.all());
            closed.next();
            closed.close();
            closed.close();
            refused(closed::next);
            refused(() -> closed.seek(KEY));
            refused(closed::key);
            refused(closed::isCommonPrefix);
            assertThat(tree.get(KEY)).isEqualTo(KEY);
        }
    }

    private static void readsAreRefused(TreeView view) {
        refused(() -> view.get(KEY));
        refused(() -> view.get(KEY, 0, 1, new byte[10], 0));
        refused(() -> view.get(MemorySegment.ofArray(KEY), MemorySegment.ofArray(new byte[10])));
        refused(() -> view.containsKey(KEY));
        refused(() -> view.isPrefixEmpty(KEY));
        refused(() -> view.prefixCount(KEY, 10));
        refused(() -> view.scan(Scan.all()));
    }

    private static void refused(ThrowingCallable use) {
        assertThatThrownBy(use).isInstanceOf(HoltClosedException.class);
    }

    /** Every thread gets either right answers or the exception; nothing is left in use. */
    @Test
    void closingWhileOthersWork(@TempDir Path directory) throws Exception {
        long before = BlobBufPool.liveBytes();
        try (ExecutorService threads = Executors.newFixedThreadPool(6)) {
            for (int round = 0; round < 32; round++) {
                boolean inMemory = round % 4 == 0;
                HoltDb db = inMemory ? Holt.inMemory(OPTIONS) : Holt.open(directory.resolve("db-" + round), OPTIONS);
                HoltTree tree = filled(db);
                int count = inMemory ? 4 : 6;
                CountDownLatch working = new CountDownLatch(count);
                List<Future<?>> workers = new ArrayList<>();
                for (int thread = 0; thread < count; thread++) {
                    int number = thread;
                    workers.add(threads.submit(() -> workUntilClosed(db, tree, number, working)));
                }
                working.await();
                if (round % 4 == 3) {
                    db.discard();
                } else {
                    db.close();
                }
                for (Future<?> worker : workers) {
                    worker.get(60, TimeUnit.SECONDS);
                }
                assertThat(BlobBufPool.liveBytes()).isEqualTo(before);
            }
        }
    }

    private static Object workUntilClosed(HoltDb db, HoltTree tree, int thread, CountDownLatch working) {
        try {
            for (int i = 0; ; i++) {
                if (i == 20) {
                    working.countDown();
                }
                byte[] key = ("k" + i % 100).getBytes(StandardCharsets.UTF_8);
                switch (thread) {
                    case 0 -> assertThat(tree.get(key)).isEqualTo(key);
                    case 1 -> {
                        try (Cursor cursor = tree.scan(Scan.prefix(new byte[] {'k'}))) {
                            int count = 0;
                            while (cursor.next()) {
                                count++;
                            }
                            assertThat(count).isEqualTo(100);
                        }
                    }
                    case 2 -> {
                        try (Snapshot snapshot = db.snapshot()) {
                            assertThat(snapshot.tree("t").get(key)).isEqualTo(key);
                        }
                    }
                    case 4 -> db.checkpoint();
                    case 5 -> db.vacuum();
                    default ->
                        tree.put(
                                // The keys come round again: a fast machine must not fill the budget before the close.
                                ("n" + i % 1500).getBytes(StandardCharsets.UTF_8), new byte[i % 300 == 0 ? 70_000 : 9]);
                }
            }
        } catch (HoltClosedException e) {
            return e;
        } catch (IndexOutOfBoundsException e) {
            // A reader that is still on its way reads a slab that was given back. Its pages stay readable, and what is
            // read does not count; but the bounds checks, if they are on, know it no more.
            assertThat(Memory.CHECKED).as("%s", e).isTrue();
            return e;
        }
    }

    private static HoltTree filled(HoltDb db) {
        HoltTree tree = db.tree("t");
        for (int i = 0; i < 100; i++) {
            byte[] key = ("k" + i).getBytes(StandardCharsets.UTF_8);
            tree.put(key, key);
        }
        return tree;
    }
}
