package io.holt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.BatchConflictException;
import io.holt.api.Durability;
import io.holt.api.Envelope;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.MemoryBudgetException;
import io.holt.api.RenameResult;
import io.holt.api.Snapshot;
import io.holt.api.TreeDroppedException;
import io.holt.api.TreeView;
import io.holt.api.WriteBatch;
import io.holt.internal.memory.BlobBufPool;
import io.holt.testkit.FileTrees;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches are all or nothing: for readers, for snapshots, when memory runs out, and after a crash. */
class WriteBatchTest {

    private static final HoltOptions SMALL =
            HoltOptions.builder().memoryBytes(16L << 20).build();

    @Test
    void aBatchThatRunsOutOfMemoryMidwayLeavesNothingBehind() {
        try (HoltDb db = Holt.inMemory(SMALL)) {
            HoltTree tree = db.tree("a");
            HoltTree other = db.tree("b");
            for (int i = 0; i < 2000; i++) {
                tree.put(key(i), new byte[300]);
            }
            long before = db.stats().memoryUsedBytes();
            WriteBatch batch = db.newBatch().put(other, key(1), key(1)).delete(tree, key(3));
            batch.put(tree, key(5), new byte[200_000]).deletePrefix(tree, bytes("key-0001"));
            for (int i = 0; i < 60_000; i++) {
                batch.put(tree, key(2 * i), new byte[400]);
            }
            assertThatThrownBy(batch::commit).isInstanceOf(MemoryBudgetException.class);

            assertThat(db.stats().memoryUsedBytes()).isEqualTo(before);
            assertThat(other.get(key(1))).isNull();
            assertThat(tree.prefixCount(new byte[0], Long.MAX_VALUE)).isEqualTo(2000);
            for (int i = 0; i < 2000; i++) {
                assertThat(tree.get(key(i))).hasSize(300);
            }
            batch.clear();
            assertThat(batch.put(tree, key(1), key(1)).size()).isEqualTo(1);
            batch.commit();
            assertThat(tree.get(key(1))).isEqualTo(key(1));
        }
    }

    @Test
    void smallBatchesThatFillFrameAfterFrameLoseNothing() {
        try (HoltDb db = Holt.inMemory(SMALL)) {
            HoltTree tree = db.tree("a");
            for (int i = 0; i < 8000; i += 20) {
                WriteBatch batch = db.newBatch();
                for (int j = i; j < i + 20; j++) {
                    // Spread over the key space, so that every frame fills up at some time.
                    int number = (int) (j * 7919L % 8000);
                    batch.put(tree, key(number), new byte[200 + number % 300]);
                }
                batch.commit();
            }
            for (int i = 0; i < 8000; i++) {
                assertThat(tree.get(key(i))).hasSize(200 + i % 300);
            }
        }
    }

    @Test
    void guardsSeeTheStateBeforeTheBatchWhereverTheyStand() {
        try (HoltDb db = Holt.inMemory(SMALL)) {
            HoltTree tree = db.tree("a");
            long version = tree.putVersioned(key(1), key(1));
            db.newBatch()
                    .put(tree, key(2), key(2))
                    .assertAbsent(tree, key(2))
                    .putVersioned(tree, key(1), key(9))
                    .assertVersion(tree, key(1), version)
                    .assertPrefixEmpty(tree, key(2))
                    .commit();
            assertThat(tree.get(key(1))).isEqualTo(key(9));
            assertThat(tree.version(key(1))).isGreaterThan(version);

            WriteBatch stale = db.newBatch().put(tree, key(3), key(3)).assertVersion(tree, key(1), version);
            assertThatThrownBy(stale::commit).isInstanceOfSatisfying(BatchConflictException.class, e -> {
                assertThat(e.kind()).isEqualTo(BatchConflictException.Kind.VERSION);
                assertThat(e.tree()).isEqualTo("a");
                assertThat(e.key()).isEqualTo(key(1));
            });
            assertThat(tree.get(key(3))).isNull();
        }
    }

    @Test
    void aRenameThatCannotBeUndoesWhatStoodBeforeIt() {
        try (HoltDb db = Holt.inMemory(SMALL)) {
            HoltTree tree = db.tree("a");
            WriteBatch batch = db.newBatch().put(tree, key(1), key(1)).rename(tree, key(1), key(2), false);
            batch.commit();
            assertThat(tree.get(key(1))).isNull();
            assertThat(tree.get(key(2))).isEqualTo(key(1));
            assertThatThrownBy(batch::commit).isInstanceOf(BatchConflictException.class);
            assertThat(tree.get(key(1))).isNull();
            assertThatThrownBy(() -> db.newBatch()
                            .put(tree, key(8), key(8))
                            .rename(tree, key(7), key(9), true)
                            .commit())
                    .isInstanceOfSatisfying(
                            BatchConflictException.class,
                            e -> assertThat(e.kind()).isEqualTo(BatchConflictException.Kind.SOURCE_MISSING));
            assertThat(tree.get(key(8))).isNull();
        }
    }

    @Test
    void largeValuesMoveWithTheirRecordAndAreFreedOnce() {
        long before = BlobBufPool.liveBytes();
        try (HoltDb db = Holt.inMemory(SMALL)) {
            HoltTree tree = db.tree("a");
            long empty = db.stats().memoryUsedBytes();
            byte[] large = new byte[1_500_000];
            large[1_499_999] = 7;
            db.newBatch()
                    .put(tree, key(1), large)
                    .rename(tree, key(1), key(2), false)
                    .put(tree, key(3), large)
                    .put(tree, key(3), large)
                    .commit();
            assertThat(tree.get(key(2))).isEqualTo(large);
            assertThat(tree.rename(key(2), key(1), false)).isEqualTo(RenameResult.RENAMED);
            assertThat(tree.rename(key(3), key(1), true)).isEqualTo(RenameResult.RENAMED);
            assertThat(tree.get(key(1))).isEqualTo(large);
            db.newBatch().deletePrefix(tree, bytes("key-")).commit();
            assertThat(tree.isPrefixEmpty(new byte[0])).isTrue();
            awaitMemory(db, empty);
        }
        assertThat(BlobBufPool.liveBytes()).isEqualTo(before);
    }

    @Test
    void readersAndSnapshotsSeeABatchWhole() throws InterruptedException {
        try (HoltDb db =
                Holt.inMemory(HoltOptions.builder().memoryBytes(64L << 20).build())) {
            HoltTree left = db.tree("left");
            HoltTree right = db.tree("right");
            for (int i = 0; i < 3000; i++) {
                left.put(key(i), new byte[400]);
            }
            left.put(key(0), bytes("0"));
            left.put(key(2999), bytes("0"));
            right.put(key(1), bytes("0"));
            AtomicBoolean done = new AtomicBoolean();
            List<String> torn = new ArrayList<>();
            Thread reader = Thread.ofPlatform().start(() -> {
                while (!done.get()) {
                    // Read in the opposite order of writing: what is read later must not be older.
                    int last = number(right.get(key(1)));
                    int first = number(left.get(key(0)));
                    int middle = number(left.get(key(2999)));
                    if (first < last || middle < first) {
                        torn.add(last + " then " + first + " then " + middle);
                    }
                    try (Snapshot snapshot = db.snapshot()) {
                        TreeView frozen = snapshot.tree("left");
                        byte one = frozen.get(key(0))[0];
                        if (one != frozen.get(key(2999))[0]
                                || one != snapshot.tree("right").get(key(1))[0]) {
                            torn.add("a snapshot within batch " + one);
                        }
                    }
                }
            });
            for (int round = 1; round <= 300; round++) {
                byte[] number = bytes(String.valueOf(round));
                db.newBatch()
                        .put(left, key(0), number)
                        .put(left, key(2999), number)
                        .put(right, key(1), number)
                        .commit();
            }
            done.set(true);
            reader.join();
            assertThat(torn).isEmpty();
        }
    }

    @Test
    void guardedBatchesOfSeveralThreadsLoseNoUpdate() throws InterruptedException {
        int threads = 3;
        int rounds = 400;
        try (HoltDb db = Holt.inMemory(SMALL)) {
            HoltTree left = db.tree("left");
            HoltTree right = db.tree("right");
            left.putVersioned(key(1), bytes("0"));
            right.putVersioned(key(1), bytes("0"));
            List<Thread> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                all.add(Thread.ofPlatform().start(() -> {
                    for (int done = 0; done < rounds; ) {
                        long version = left.version(key(1));
                        long other = right.version(key(1));
                        int count = number(left.get(key(1)));
                        try {
                            db.newBatch()
                                    .assertVersion(left, key(1), version)
                                    .assertVersion(right, key(1), other)
                                    .putVersioned(left, key(1), bytes(String.valueOf(count + 1)))
                                    .putVersioned(right, key(1), bytes(String.valueOf(count + 1)))
                                    .commit();
                            done++;
                        } catch (BatchConflictException e) {
                            assertThat(e.kind()).isEqualTo(BatchConflictException.Kind.VERSION);
                        }
                    }
                }));
            }
            for (Thread thread : all) {
                thread.join();
            }
            assertThat(number(left.get(key(1)))).isEqualTo(threads * rounds);
            assertThat(number(right.get(key(1)))).isEqualTo(threads * rounds);
            assertThat(left.version(key(1))).isEqualTo(right.version(key(1)));
        }
    }

    @Test
    void batchesAndEnvelopesComeBackFromTheLog(@TempDir Path directory) {
        Path first = directory.resolve("first");
        Path second = directory.resolve("second");
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(32L << 20)
                .durability(Durability.ASYNC)
                .build();
        long version;
        List<Envelope> envelopes;
        try (HoltDb db = Holt.open(first, options)) {
            HoltTree left = db.tree("left");
            HoltTree right = db.tree("right");
            db.newBatch().put(left, key(1), key(1)).envelope(bytes("one")).commit();
            WriteBatch batch = db.newBatch();
            for (int i = 0; i < 5000; i++) {
                batch.put(left, key(i), new byte[200]).putVersioned(right, key(i), key(i));
            }
            version = batch.envelope(bytes("two")).commit();
            db.newBatch().envelope(bytes("three")).commit();
            assertThat(right.rename(key(1), key(9999), false)).isEqualTo(RenameResult.RENAMED);
            envelopes = db.envelopes(0);
            assertThat(envelopes)
                    .extracting(e -> new String(e.bytes(), StandardCharsets.UTF_8))
                    .containsExactly("one", "two", "three");
            assertThat(db.envelopes(envelopes.get(1).lsn())).containsExactly(envelopes.get(2));
            FileTrees.copy(first, second);
        }
        try (HoltDb db = Holt.open(second, options)) {
            assertThat(db.envelopes(0)).isEqualTo(envelopes);
            assertThat(db.tree("left").prefixCount(new byte[0], Long.MAX_VALUE)).isEqualTo(5000);
            HoltTree right = db.tree("right");
            assertThat(right.version(key(2))).isEqualTo(version);
            long renamed = right.version(key(9999));
            assertThat(renamed).isGreaterThan(version);
            assertThat(right.putVersioned(key(2), key(2))).isGreaterThan(renamed);
            db.checkpoint();
            assertThat(db.envelopes(0)).isEmpty();
        }
    }

    @Test
    void whatACheckpointHoldsMayBeMissingFromTheLog(@TempDir Path directory) throws IOException {
        Path running = directory.resolve("running");
        Path lost = directory.resolve("lost");
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(16L << 20)
                .durability(Durability.ASYNC)
                .build();
        byte[] segment;
        Path name;
        try (HoltDb db = Holt.open(running, options)) {
            db.newBatch().envelope(bytes("one")).commit();
            assertThat(db.envelopes(0)).hasSize(1);
            name = running.relativize(onlySegment(running));
            segment = Files.readAllBytes(running.resolve(name));
            db.newBatch()
                    .put(db.tree("tree"), key(1), key(1))
                    .envelope(bytes("two"))
                    .commit();
            db.checkpoint();
            db.newBatch().envelope(bytes("three")).commit();
            FileTrees.copy(running, lost);
        }
        // As after a loss of power: the checkpoint is there, of the log only a segment that it made needless, in part.
        Files.delete(onlySegment(lost));
        Files.write(lost.resolve(name), segment);

        try (HoltDb db = Holt.open(lost, options)) {
            assertThat(db.envelopes(0)).isEmpty();
            db.newBatch().envelope(bytes("four")).commit();
            assertThat(db.envelopes(0))
                    .extracting(e -> new String(e.bytes(), StandardCharsets.UTF_8))
                    .containsExactly("four");
        }
    }

    private static Path onlySegment(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            List<Path> segments = files.filter(
                            file -> file.getFileName().toString().matches("log-[0-9a-f]{16}\\.wal"))
                    .toList();
            assertThat(segments).hasSize(1);
            return segments.getFirst();
        }
    }

    @Test
    void versionsGoOnAfterCheckpointsWithoutALog(@TempDir Path directory) {
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(16L << 20)
                .durability(Durability.NONE)
                .build();
        long last = 0;
        for (int round = 0; round < 4; round++) {
            try (HoltDb db = Holt.open(directory.resolve("db"), options)) {
                HoltTree tree = db.tree("a");
                for (int i = 0; i < 3; i++) {
                    tree.delete(key(1));
                    long version = tree.putVersioned(key(1), key(i));
                    assertThat(version).isGreaterThan(last);
                    last = version;
                    db.snapshot().close();
                }
            }
        }
    }

    @Test
    void treesOfOthersAreRefusedAndDroppedOnesNoticed() {
        try (HoltDb db = Holt.inMemory(SMALL);
                HoltDb stranger = Holt.inMemory(SMALL)) {
            HoltTree tree = db.tree("a");
            WriteBatch batch = db.newBatch().put(tree, key(1), key(1));
            HoltTree foreign = stranger.tree("a");
            assertThatThrownBy(() -> batch.put(foreign, key(1), key(1))).isInstanceOf(IllegalArgumentException.class);
            assertThat(batch.size()).isEqualTo(1);
            db.dropTree("a");
            assertThatThrownBy(batch::commit).isInstanceOf(TreeDroppedException.class);
        }
    }

    private static void awaitMemory(HoltDb db, long bytes) {
        long deadline = System.nanoTime() + 20_000_000_000L;
        while (db.stats().memoryUsedBytes() != bytes && System.nanoTime() < deadline) {
            Thread.onSpinWait();
        }
        assertThat(db.stats().memoryUsedBytes()).isEqualTo(bytes);
    }

    private static int number(byte[] value) {
        return Integer.parseInt(new String(value, StandardCharsets.UTF_8));
    }

    private static byte[] key(int number) {
        return bytes("key-%06d".formatted(number));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
