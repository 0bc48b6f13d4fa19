package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.internals.WindowKeySchema;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A window, session or versioned store whose process dies opens as it was at its last commit: all its buckets, the
 * offsets and the position, or none of them.
 */
final class WindowCrashTest {

    private static final long RETENTION = 600_000;
    private static final long BUCKET = RETENTION / 2;

    private static final int LATE = 700;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(2);

    @TempDir
    Path directory;

    @TempDir
    Path afterCrash;

    private final TestEngine engine = TestEngine.create();

    private TestTask crash(TestTask task) throws IOException {
        return new TestTask(engine, engine.afterCrash(task.directory(), afterCrash));
    }

    private HoltWindowStore windows(boolean timeIndexed) {
        SegmentSettings segments = new SegmentSettings(RETENTION, BUCKET, timeIndexed, false);
        return (HoltWindowStore) new HoltWindowSupplier(
                        "store", StoreKind.WINDOW, new WindowSettings(segments, 1_000, false), engine.databases())
                .get();
    }

    /**
     * One record in the newer segment, then late ones in the older, at offsets 1 to {@value #LATE}, with a commit
     * after every hundredth.
     */
    private static void writeTwoSegments(TestTask task, WindowStore<Bytes, byte[]> store) {
        store.put(key("newer"), value("1"), BUCKET * 3 / 2);
        byte[] large = new byte[30_000];
        for (int i = 1; i <= LATE; i++) {
            task.processing("input", 0, i);
            store.put(key("late-" + i), large, BUCKET / 2);
            if (i % 100 == 0) {
                store.commit(Map.of(CHANGELOG, (long) i));
            }
        }
    }

    /**
     * RocksDB's window stores have a database for each segment, each with offsets of its own. Late records fill the
     * older one, which writes them and the offset to disk; the newer one has written nothing when the process dies. So
     * the offset says that the newer segment's record is there, and it never comes back.
     */
    @Test
    void theBuiltInStoreLosesTheNewerSegment() throws Exception {
        TestTask task = new TestTask(engine, directory);
        WindowStore<Bytes, byte[]> store = task.open(rocks());
        writeTwoSegments(task, store);
        // RocksDB writes in the background, so a crash a moment later is tried until it has come so far.
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        WindowStore<Bytes, byte[]> reopened = openAfterCrash(0);
        for (int i = 1; reopened.committedOffset(CHANGELOG) == null && System.nanoTime() < deadline; i++) {
            reopened.close();
            awaitFiles(deadline);
            reopened = openAfterCrash(i);
        }
        assertThat(reopened.committedOffset(CHANGELOG)).isGreaterThanOrEqualTo(100L);
        assertThat(reopened.fetch(key("newer"), BUCKET * 3 / 2)).isNull();
        reopened.close();
        store.close();
    }

    private WindowStore<Bytes, byte[]> openAfterCrash(int number) throws IOException {
        Path copy = Files.createDirectory(afterCrash.resolve("at-" + number));
        return new TestTask(engine, new FileEngine().afterCrash(directory, copy)).open(rocks());
    }

    /** Waits until RocksDB has written a table of either segment. */
    private void awaitFiles(long deadline) throws IOException, InterruptedException {
        boolean isWritten = false;
        while (!isWritten && System.nanoTime() < deadline) {
            Thread.sleep(10);
            try (Stream<Path> files =
                    Files.find(directory, 9, (file, unused) -> file.toString().endsWith(".sst"))) {
                isWritten = files.findAny().isPresent();
            } catch (UncheckedIOException e) {
                // A file went while it was looked at: once more.
                isWritten = false;
            }
        }
    }

    private static WindowStore<Bytes, byte[]> rocks() {
        return Stores.persistentWindowStore("store", Duration.ofMillis(RETENTION), Duration.ofMillis(1_000), false)
                .get();
    }

    /** The same on Holt: one database, in which the offset and all buckets are written together. */
    @Test
    void anOffsetIsNeverAheadOfAnyBucket() throws IOException {
        TestTask task = new TestTask(engine, directory);
        HoltWindowStore store = task.open(windows(false));
        writeTwoSegments(task, store);

        TestTask crashed = crash(task);
        store.close();
        HoltWindowStore found = crashed.open(windows(false));
        assertThat(found.committedOffset(CHANGELOG)).isEqualTo(LATE);
        assertThat(found.fetch(key("newer"), BUCKET * 3 / 2)).isEqualTo(value("1"));
        assertThat(WindowedText.all(found.all())).hasSize(LATE + 1);
        found.close();
    }

    @ParameterizedTest
    @CsvSource({"3, false, false", "33, true, false", "333, false, true", "3333, true, true"})
    void dataAndOffsetNeverPart(long seed, boolean timeIndexed, boolean exactlyOnce, @TempDir Path crashes)
            throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        TestTask task = exactlyOnce ? new TestTask(engine, directory).exactlyOnce() : new TestTask(engine, directory);
        HoltWindowStore store = task.open(windows(timeIndexed));
        TreeMap<Long, List<String>> byOffset = new TreeMap<>();
        TreeMap<Long, Position> positions = new TreeMap<>();
        long offset = 0;
        for (int crash = 0; crash < 8; crash++) {
            for (int i = random.nextInt(200); i > 0; i--) {
                task.processing("input", 0, offset);
                long time = offset * 2_000 + random.nextInt(300_000);
                store.put(key("k" + random.nextInt(9)), random.nextInt(5) == 0 ? null : value("v" + offset), time);
                offset++;
                if (random.nextInt(50) == 0) {
                    store.commit(Map.of(CHANGELOG, offset));
                    byOffset.put(offset, WindowedText.all(store.all()));
                    positions.put(offset, store.getPosition().copy());
                }
            }
            TestTask found = new TestTask(
                    engine, engine.afterCrash(task.directory(), Files.createDirectory(crashes.resolve("c" + crash))));
            task = exactlyOnce ? found.exactlyOnce() : found;
            HoltWindowStore reopened = task.open(windows(timeIndexed));
            Long committed = reopened.committedOffset(CHANGELOG);
            assertThat(committed).isEqualTo(byOffset.isEmpty() ? null : byOffset.lastKey());
            List<String> contents = WindowedText.all(reopened.all());
            if (committed != null) {
                // The store learns the time anew, so what had expired may be seen until the next record comes.
                assertThat(contents).containsAll(byOffset.lastEntry().getValue());
                assertThat(reopened.getPosition())
                        .isEqualTo(positions.lastEntry().getValue());
            } else {
                assertThat(contents).isEmpty();
            }
            if (timeIndexed) {
                assertThat(WindowedText.all(reopened.fetchAll(0, Long.MAX_VALUE)))
                        .hasSameSizeAs(contents);
            }
            store.close();
            store = reopened;
            offset = committed == null ? 0 : committed;
        }
        assertThat(byOffset).isNotEmpty();
        store.close();
    }

    @Test
    void sessionsAndVersionsComeBackTogetherWithTheirOffset() throws IOException {
        TestTask task = new TestTask(engine, directory);
        HoltSessionStore sessions = task.open(new HoltSessionStore(
                "sessions", StoreKind.SESSION, SegmentSettings.of(RETENTION).timeIndexed(), engine.databases()));
        HoltVersionedStore versions =
                task.open(new HoltVersionedStore("versions", RETENTION, BUCKET, engine.databases()));
        Windowed<Bytes> merged = new Windowed<>(key("a"), new SessionWindow(0, 10));
        sessions.put(merged, value("1"));
        versions.put(key("a"), value("1"), 5);
        versions.put(key("a"), value("2"), 9);
        sessions.commit(Map.of(CHANGELOG, 3L));
        versions.commit(Map.of(CHANGELOG, 4L));
        sessions.remove(merged);
        sessions.put(new Windowed<>(key("a"), new SessionWindow(0, 99_000)), value("2"));
        versions.put(key("a"), null, 7);
        versions.put(key("a"), value("3"), 99_000);

        TestTask found = crash(task);
        HoltSessionStore sessionsFound = found.open(new HoltSessionStore(
                "sessions", StoreKind.SESSION, SegmentSettings.of(RETENTION).timeIndexed(), engine.databases()));
        HoltVersionedStore versionsFound =
                found.open(new HoltVersionedStore("versions", RETENTION, BUCKET, engine.databases()));
        assertThat(WindowedText.all(sessionsFound.fetch(key("a")))).hasSize(1);
        assertThat(sessionsFound.fetchSession(key("a"), 0, 10)).isEqualTo(value("1"));
        assertThat(WindowedText.all(sessionsFound.findSessions(0L, 1_000_000L))).hasSize(1);
        assertThat(sessionsFound.committedOffset(CHANGELOG)).isEqualTo(3L);
        assertThat(versionsFound.get(key("a")).value()).isEqualTo(value("2"));
        assertThat(versionsFound.get(key("a"), 8).validTo()).hasValue(9L);
        assertThat(versionsFound.committedOffset(CHANGELOG)).isEqualTo(4L);
        for (AbstractHoltStore store : List.of(sessions, versions, sessionsFound, versionsFound)) {
            store.close();
        }
    }

    /** Restoring what came after the commit gives the store that never crashed. */
    @Test
    void whatTheChangelogHasAfterTheOffsetMakesItWhole() throws IOException {
        TestTask task = new TestTask(engine, directory);
        HoltWindowStore store = task.open(windows(true));
        store.put(key("a"), value("1"), 1_000);
        store.commit(Map.of(CHANGELOG, 0L));
        store.put(key("b"), value("2"), BUCKET * 2);
        store.put(key("a"), value("3"), 1_000);

        TestTask found = crash(task);
        HoltWindowStore restored = found.open(windows(true));
        found.restore(
                "store",
                List.of(
                        changelogRecord(1, "b", "2", BUCKET * 2),
                        changelogRecord(2, "a", "3", 1_000),
                        changelogRecord(3, "gone", null, 1_000)));
        assertThat(WindowedText.all(restored.all())).isEqualTo(WindowedText.all(store.all()));
        assertThat(WindowedText.all(restored.fetch(key("a"), key("b"), 0, RETENTION)))
                .hasSize(2);
        restored.close();
        store.close();
    }

    private static ConsumerRecord<byte[], byte[]> changelogRecord(long offset, String key, String text, long time) {
        byte[] bytes = WindowKeySchema.toStoreKeyBinary(key(key), time, 0).get();
        return new ConsumerRecord<>(CHANGELOG.topic(), 0, offset, bytes, text == null ? null : value(text));
    }
}
