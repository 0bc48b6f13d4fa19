package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.VersionedBytesStore;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.internals.RocksDbIndexedTimeOrderedWindowBytesStoreSupplier;
import org.apache.kafka.streams.state.internals.RocksDbTimeOrderedSessionBytesStoreSupplier;
import org.apache.kafka.streams.state.internals.SessionKeySchema;
import org.apache.kafka.streams.state.internals.WindowKeySchema;

/** A Holt store and the built-in one that it stands for, each in a task of its own. */
final class PeerStores<S extends StateStore> {

    static final Duration RETENTION = Duration.ofMinutes(5);
    static final long WINDOW_MILLIS = 1_000;

    private static final String NAME = "store";
    private static final long BUCKET_MILLIS = 60_000;

    final TestTask holtTask;
    final TestTask rocksTask;
    final S holt;
    final S rocks;

    /** The kinds of stores, as one test's parameter. */
    enum Kind {
        KEY_VALUE,
        WINDOW,
        INDEXED_WINDOW,
        SESSION,
        INDEXED_SESSION,
        VERSIONED
    }

    private PeerStores(TestTask holtTask, TestTask rocksTask, S holt, S rocks) {
        this.holtTask = holtTask;
        this.rocksTask = rocksTask;
        this.holt = holtTask.open(holt);
        this.rocks = rocksTask.open(rocks);
    }

    /** Opens both stores; the tasks can be configured before. */
    static PeerStores<?> open(Kind kind, Path holtDirectory, Path rocksDirectory, Consumer<TestTask> configuring) {
        return switch (kind) {
            case KEY_VALUE -> keyValue(tasks(holtDirectory, rocksDirectory, configuring));
            case WINDOW, INDEXED_WINDOW ->
                windows(kind == Kind.INDEXED_WINDOW, tasks(holtDirectory, rocksDirectory, configuring));
            case SESSION, INDEXED_SESSION ->
                sessions(kind == Kind.INDEXED_SESSION, tasks(holtDirectory, rocksDirectory, configuring));
            case VERSIONED -> versions(tasks(holtDirectory, rocksDirectory, configuring));
        };
    }

    static List<TestTask> tasks(Path holtDirectory, Path rocksDirectory, Consumer<TestTask> configuring) {
        TestEngine engine = TestEngine.create();
        try {
            Files.createDirectories(holtDirectory);
            Files.createDirectories(rocksDirectory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        List<TestTask> tasks = List.of(new TestTask(engine, holtDirectory), new TestTask(engine, rocksDirectory));
        tasks.forEach(configuring);
        return tasks;
    }

    static PeerStores<KeyValueStore<Bytes, byte[]>> keyValue(List<TestTask> tasks) {
        StoreDatabases databases = tasks.getFirst().databases();
        return new PeerStores<>(
                tasks.getFirst(),
                tasks.getLast(),
                new HoltKeyValueSupplier(NAME, StoreKind.PLAIN, databases).get(),
                Stores.persistentKeyValueStore(NAME).get());
    }

    static PeerStores<WindowStore<Bytes, byte[]>> windows(boolean isIndexed, List<TestTask> tasks) {
        SegmentSettings segments = SegmentSettings.of(RETENTION.toMillis());
        WindowSettings settings = new WindowSettings(
                isIndexed ? segments.timeIndexed().emittingOnClose() : segments, WINDOW_MILLIS, false);
        Duration window = Duration.ofMillis(WINDOW_MILLIS);
        return new PeerStores<>(
                tasks.getFirst(),
                tasks.getLast(),
                new HoltWindowSupplier(
                                NAME,
                                StoreKind.WINDOW,
                                settings,
                                tasks.getFirst().databases())
                        .get(),
                isIndexed
                        ? RocksDbIndexedTimeOrderedWindowBytesStoreSupplier.create(NAME, RETENTION, window, false, true)
                                .get()
                        : Stores.persistentWindowStore(NAME, RETENTION, window, false)
                                .get());
    }

    static PeerStores<SessionStore<Bytes, byte[]>> sessions(boolean isIndexed, List<TestTask> tasks) {
        SegmentSettings segments = SegmentSettings.of(RETENTION.toMillis());
        SegmentSettings settings = isIndexed ? segments.timeIndexed() : segments;
        return new PeerStores<>(
                tasks.getFirst(),
                tasks.getLast(),
                new HoltSessionSupplier(
                                NAME,
                                StoreKind.SESSION,
                                settings,
                                tasks.getFirst().databases())
                        .get(),
                isIndexed
                        ? new RocksDbTimeOrderedSessionBytesStoreSupplier(NAME, RETENTION.toMillis(), true).get()
                        : Stores.persistentSessionStore(NAME, RETENTION).get());
    }

    static PeerStores<VersionedBytesStore> versions(List<TestTask> tasks) {
        return versions(RETENTION, tasks);
    }

    static PeerStores<VersionedBytesStore> versions(Duration history, List<TestTask> tasks) {
        return new PeerStores<>(
                tasks.getFirst(),
                tasks.getLast(),
                (VersionedBytesStore) new HoltVersionedSupplier(
                                NAME,
                                history.toMillis(),
                                BUCKET_MILLIS,
                                tasks.getFirst().databases())
                        .get(),
                (VersionedBytesStore)
                        Stores.persistentVersionedKeyValueStore(NAME, history, Duration.ofMillis(BUCKET_MILLIS))
                                .get());
    }

    /** A key as the changelog of such a store has it. */
    static byte[] changelogKey(Kind kind, String key, long time) {
        return switch (kind) {
            case KEY_VALUE, VERSIONED -> key(key).get();
            case WINDOW, INDEXED_WINDOW ->
                WindowKeySchema.toStoreKeyBinary(key(key), time, 0).get();
            case SESSION, INDEXED_SESSION ->
                SessionKeySchema.toBinary(key(key), time, time).get();
        };
    }

    /** Puts a record of a time into one of the stores. */
    @SuppressWarnings("unchecked")
    static void put(StateStore store, String key, String value, long time) {
        byte[] bytes = value == null ? null : value(value);
        switch (store) {
            case WindowStore<?, ?> windows -> ((WindowStore<Bytes, byte[]>) windows).put(key(key), bytes, time);
            case SessionStore<?, ?> sessions ->
                ((SessionStore<Bytes, byte[]>) sessions)
                        .put(new Windowed<>(key(key), new SessionWindow(time, time)), bytes);
            case VersionedBytesStore versions -> versions.put(key(key), bytes, time);
            case KeyValueStore<?, ?> records -> ((KeyValueStore<Bytes, byte[]>) records).put(key(key), bytes);
            default -> throw new AssertionError("unexpected " + store);
        }
    }

    void close() {
        holt.close();
        rocks.close();
    }
}
