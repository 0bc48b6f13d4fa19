package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.AggregationWithHeaders;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.SessionBytesStoreSupplier;
import org.apache.kafka.streams.state.SessionStoreWithHeaders;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStoreWithHeaders;
import org.apache.kafka.streams.state.TimestampedWindowStoreWithHeaders;
import org.apache.kafka.streams.state.ValueTimestampHeaders;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same random operations on a Holt store with headers, on a RocksDB store with headers and on an in-memory store,
 * each behind Kafka's wrappers: values, timestamps and headers come back from all as they were put.
 */
final class HeadersDifferentialTest {

    private static final Duration RETENTION = Duration.ofMinutes(5);
    private static final Duration WINDOW = Duration.ofSeconds(30);
    private static final int OPERATIONS_OF_A_LIFE = 700;

    /** More are left to the tests that know nothing of what the bytes mean. */
    private static final int OPERATIONS_MAX = 20_000;

    private static final int KEYS = 40;

    @TempDir
    Path holtDirectory;

    @TempDir
    Path rocksDirectory;

    @TempDir
    Path heapDirectory;

    private final TestEngine engine = TestEngine.create();
    private final SplittableRandom random = new SplittableRandom(91);
    private final List<StateStore> open = new ArrayList<>();
    private int answers;

    /** The time of the newest record. */
    private long now = 10_000_000;

    /** The same store thrice; the in-memory one keeps what it has when the others are closed and opened. */
    private final class Trio<S extends StateStore> {

        private final Supplier<StoreBuilder<S>> holtBuilder;
        private final Supplier<StoreBuilder<S>> rocksBuilder;
        private final TestTask holtTask = new TestTask(engine, holtDirectory);
        private final TestTask rocksTask = new TestTask(engine, rocksDirectory);
        private final TestTask heapTask = new TestTask(engine, heapDirectory);
        private final S heap;
        private S holt;
        private S rocks;

        Trio(Supplier<StoreBuilder<S>> holt, Supplier<StoreBuilder<S>> rocks, Supplier<StoreBuilder<S>> heap) {
            this.holtBuilder = holt;
            this.rocksBuilder = rocks;
            processing(0);
            this.heap = build(heapTask, heap);
            openPersistent();
        }

        private S build(TestTask task, Supplier<StoreBuilder<S>> builder) {
            S store = task.open(builder.get().withLoggingDisabled().build());
            open.add(store);
            return store;
        }

        private void openPersistent() {
            holt = build(holtTask, holtBuilder);
            rocks = build(rocksTask, rocksBuilder);
        }

        private void processing(long offset) {
            List.of(holtTask, rocksTask, heapTask).forEach(task -> task.processing("input", 0, offset));
        }

        private void reopen() {
            assertThat(holt.getPosition()).isEqualTo(rocks.getPosition());
            for (S store : List.of(holt, rocks)) {
                store.commit(Map.of(TestTask.CHANGELOG, 7L));
                store.close();
                open.remove(store);
            }
            openPersistent();
        }

        void each(Consumer<S> operation) {
            List.of(holt, rocks, heap).forEach(operation);
        }

        /** The in-memory store gives windows in another order. */
        void agree(Function<S, List<String>> reading) {
            List<String> expected = reading.apply(rocks);
            assertThat(reading.apply(holt)).isEqualTo(expected);
            assertThat(reading.apply(heap)).containsExactlyInAnyOrderElementsOf(expected);
            answers += expected.size();
        }

        /** Operates as often as is asked for; after each start comes a record of the newest time. */
        void run(Runnable operation, Runnable putNow) {
            int operations = Math.min(Operations.count(), OPERATIONS_MAX);
            putNow.run();
            for (int i = 1; i <= operations; i++) {
                processing(i);
                operation.run();
                if (i % OPERATIONS_OF_A_LIFE == 0) {
                    reopen();
                    putNow.run();
                }
            }
            assertThat(answers).as("records read").isGreaterThan(operations / 2);
        }
    }

    @AfterEach
    void closeStores() {
        open.forEach(StateStore::close);
    }

    @Test
    void keyValueStoresAgree() {
        Trio<TimestampedKeyValueStoreWithHeaders<String, String>> stores = new Trio<>(
                () -> Stores.timestampedKeyValueStoreWithHeadersBuilder(
                        new HoltKeyValueSupplier.WithHeaders("store", engine.databases()),
                        Serdes.String(),
                        Serdes.String()),
                () -> Stores.timestampedKeyValueStoreWithHeadersBuilder(
                        Stores.persistentTimestampedKeyValueStoreWithHeaders("store"),
                        Serdes.String(),
                        Serdes.String()),
                () -> Stores.timestampedKeyValueStoreWithHeadersBuilder(
                        Stores.inMemoryKeyValueStore("store"), Serdes.String(), Serdes.String()));
        stores.run(() -> operateOnKeys(stores), () -> {});
    }

    private void operateOnKeys(Trio<TimestampedKeyValueStoreWithHeaders<String, String>> stores) {
        String key = key();
        String other = key();
        ValueTimestampHeaders<String> value = random.nextInt(5) == 0 ? null : value(time());
        boolean reverse = random.nextBoolean();
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3 -> stores.each(store -> store.put(key, value));
            case 4 -> stores.agree(store -> List.of(text(store.putIfAbsent(key, value))));
            case 5 -> stores.agree(store -> List.of(text(store.delete(key))));
            case 6 -> {
                List<KeyValue<String, ValueTimestampHeaders<String>>> pairs =
                        List.of(KeyValue.pair(key, value), KeyValue.pair(other, value(time())));
                stores.each(store -> store.putAll(pairs));
            }
            case 7, 8 -> stores.agree(store -> List.of(text(store.get(key))));
            case 9 -> {
                String from = key.compareTo(other) < 0 ? key : other;
                String to = key.compareTo(other) < 0 ? other : key;
                stores.agree(store -> texts(reverse ? store.reverseRange(from, to) : store.range(from, to)));
            }
            case 10 ->
                stores.agree(store ->
                        texts(store.prefixScan(key.substring(0, key.length() - 1), new StringSerializer())));
            default -> stores.agree(store -> texts(reverse ? store.reverseAll() : store.all()));
        }
    }

    private static StoreBuilder<TimestampedWindowStoreWithHeaders<String, String>> windows(
            WindowBytesStoreSupplier supplier) {
        return Stores.timestampedWindowStoreWithHeadersBuilder(supplier, Serdes.String(), Serdes.String());
    }

    @Test
    void windowStoresAgree() {
        WindowSettings settings =
                new WindowSettings(SegmentSettings.of(RETENTION.toMillis()), WINDOW.toMillis(), false);
        Trio<TimestampedWindowStoreWithHeaders<String, String>> stores = new Trio<>(
                () -> windows(new HoltWindowSupplier.WithHeaders("store", settings, engine.databases())),
                () -> windows(Stores.persistentTimestampedWindowStoreWithHeaders("store", RETENTION, WINDOW, false)),
                () -> windows(Stores.inMemoryWindowStore("store", RETENTION, WINDOW, false)));
        stores.run(() -> operateOnWindows(stores), () -> putWindow(stores, key(), value(now), now));
    }

    private void putWindow(
            Trio<TimestampedWindowStoreWithHeaders<String, String>> stores,
            String key,
            ValueTimestampHeaders<String> value,
            long start) {
        now = Math.max(now, start);
        stores.each(store -> store.put(key, value, start));
    }

    private void operateOnWindows(Trio<TimestampedWindowStoreWithHeaders<String, String>> stores) {
        String key = key();
        String other = key();
        String first = key.compareTo(other) < 0 ? key : other;
        String last = key.compareTo(other) < 0 ? other : key;
        long time = time();
        long to = time + random.nextInt(100_000);
        boolean reverse = random.nextBoolean();
        switch (random.nextInt(12)) {
            case 0, 1, 2, 3, 4 -> putWindow(stores, key, value(time()), time);
            case 5 -> putWindow(stores, key, null, time);
            case 6, 7 -> stores.agree(store -> List.of(text(store.fetch(key, time))));
            case 8 ->
                stores.agree(store -> texts(reverse ? store.backwardFetch(key, time, to) : store.fetch(key, time, to)));
            case 9 ->
                stores.agree(store -> texts(
                        reverse ? store.backwardFetch(first, last, time, to) : store.fetch(first, last, time, to)));
            case 10 ->
                stores.agree(store -> texts(reverse ? store.backwardFetchAll(time, to) : store.fetchAll(time, to)));
            default -> stores.agree(store -> texts(reverse ? store.backwardAll() : store.all()));
        }
    }

    private static StoreBuilder<SessionStoreWithHeaders<String, String>> sessions(SessionBytesStoreSupplier supplier) {
        return Stores.sessionStoreWithHeadersBuilder(supplier, Serdes.String(), Serdes.String());
    }

    @Test
    void sessionStoresAgree() {
        SegmentSettings segments = SegmentSettings.of(RETENTION.toMillis());
        Trio<SessionStoreWithHeaders<String, String>> stores = new Trio<>(
                () -> sessions(new HoltSessionSupplier.WithHeaders("store", segments, engine.databases())),
                () -> sessions(Stores.persistentSessionStoreWithHeaders("store", RETENTION)),
                () -> sessions(Stores.inMemorySessionStore("store", RETENTION)));
        stores.run(() -> operateOnSessions(stores), () -> putSession(stores, session(key(), now), aggregation()));
    }

    private void putSession(
            Trio<SessionStoreWithHeaders<String, String>> stores,
            Windowed<String> session,
            AggregationWithHeaders<String> aggregation) {
        now = Math.max(now, session.window().end());
        stores.each(store -> store.put(session, aggregation));
    }

    private void operateOnSessions(Trio<SessionStoreWithHeaders<String, String>> stores) {
        String key = key();
        String other = key();
        String first = key.compareTo(other) < 0 ? key : other;
        String last = key.compareTo(other) < 0 ? other : key;
        long time = time();
        Windowed<String> session = session(key, time);
        long end = session.window().end();
        long startTo = time + random.nextInt(100_000);
        boolean reverse = random.nextBoolean();
        switch (random.nextInt(11)) {
            case 0, 1, 2, 3, 4 -> putSession(stores, session, aggregation());
            case 5 -> {
                // Only the persistent stores take the time of what is removed for that of a record.
                if (end <= now) {
                    stores.each(reverse ? store -> store.remove(session) : store -> store.put(session, null));
                }
            }
            case 6, 7 -> stores.agree(store -> List.of(text(store.fetchSession(key, time, end))));
            case 8 ->
                stores.agree(store -> texts(
                        reverse
                                ? store.backwardFindSessions(key, time, startTo)
                                : store.findSessions(key, time, startTo)));
            case 9 ->
                stores.agree(store -> texts(
                        reverse
                                ? store.backwardFindSessions(first, last, time, startTo)
                                : store.findSessions(first, last, time, startTo)));
            default -> stores.agree(store -> texts(reverse ? store.backwardFetch(key) : store.fetch(key)));
        }
    }

    /** The end depends on the start alone, so that the same sessions come again. */
    private static Windowed<String> session(String key, long start) {
        return new Windowed<>(key, new SessionWindow(start, start + start / 2_000 % 3 * 5_000));
    }

    /** All of one length, for RocksDB's ranges over windows leave out keys that are others' beginnings. */
    private String key() {
        return String.valueOf(100 + random.nextInt(KEYS));
    }

    /** Few different times, some of them expired, some in the future. */
    private long time() {
        long step = random.nextInt(30) == 0 ? 3 + random.nextInt(40) : -random.nextInt(200);
        return Math.max(0, now / 2_000 * 2_000 + step * 2_000);
    }

    private ValueTimestampHeaders<String> value(long time) {
        long timestamp = random.nextInt(8) == 0 ? -1 : time;
        return ValueTimestampHeaders.make("value-" + random.nextInt(100_000), timestamp, headers());
    }

    private AggregationWithHeaders<String> aggregation() {
        return AggregationWithHeaders.make("sum-" + random.nextInt(100_000), headers());
    }

    /** None, or several, some of one name, some without a value or with an empty one. */
    private Headers headers() {
        Headers headers = new RecordHeaders();
        for (int i = random.nextInt(4); i > 0; i--) {
            byte[] value = ("\u00e9-" + random.nextInt(1_000)).getBytes(StandardCharsets.UTF_8);
            byte[] some = random.nextInt(4) == 0 ? new byte[0] : value;
            headers.add("name-" + random.nextInt(3), random.nextInt(6) == 0 ? null : some);
        }
        return headers;
    }

    private static String text(Object value) {
        return switch (value) {
            case null -> "none";
            case ValueTimestampHeaders<?> all -> all.value() + "@" + all.timestamp() + text(all.headers());
            case AggregationWithHeaders<?> all -> all.aggregation() + text(all.headers());
            default -> throw new AssertionError("unexpected " + value);
        };
    }

    private static String text(Headers headers) {
        List<String> texts = new ArrayList<>();
        for (Header header : headers) {
            texts.add(header.key() + "=" + Arrays.toString(header.value()));
        }
        return texts.toString();
    }

    private static List<String> texts(KeyValueIterator<?, ?> iterator) {
        List<String> texts = new ArrayList<>();
        try (iterator) {
            iterator.forEachRemaining(record -> texts.add(record.key + "=" + text(record.value)));
        }
        return texts;
    }
}
