package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.internals.RocksDbIndexedTimeOrderedWindowBytesStoreSupplier;
import org.apache.kafka.streams.state.internals.RocksDbIndexedTimeOrderedWindowBytesStoreWithHeadersSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stores of windows, see {@link TimedDifferential}. */
final class WindowDifferentialTest extends TimedDifferential<WindowStore<Bytes, byte[]>> {

    private static final Duration WINDOW = Duration.ofSeconds(30);
    private static final int ITERATION_MAX = 60;

    private boolean duplicates;
    private boolean isTimeIndexed;
    private StoreKind kind;

    @ParameterizedTest
    @CsvSource({
        "1, WINDOW, false, false",
        "20261122, TIMESTAMPED_WINDOW, false, true",
        "4711, HEADERS_WINDOW, false, true",
        "31, WINDOW, true, true"
    })
    void storesAgree(long seed, StoreKind windows, boolean retainDuplicates, boolean keysOfOneLength) {
        kind = windows;
        duplicates = retainDuplicates;
        run(seed, keysOfOneLength, !duplicates);
        assertThat(compareAll()).isGreaterThan(100);
    }

    /** Those that find windows by time, for results that are emitted when a window closes. */
    @ParameterizedTest
    @CsvSource({"2, WINDOW, true, true", "4712, HEADERS_WINDOW, false, false"})
    void timeIndexedStoresAgree(long seed, StoreKind windows, boolean retainDuplicates, boolean keysOfOneLength) {
        isTimeIndexed = true;
        storesAgree(seed, windows, retainDuplicates, keysOfOneLength);
    }

    @Override
    WindowStore<Bytes, byte[]> newHolt() {
        SegmentSettings segments = SegmentSettings.of(RETENTION.toMillis());
        WindowSettings settings = new WindowSettings(
                isTimeIndexed ? segments.timeIndexed().emittingOnClose() : segments, WINDOW.toMillis(), duplicates);
        return new HoltWindowSupplier("store", kind, settings, engine.databases()).get();
    }

    /** Of the same kind, but for plain and timestamped windows the store is one. */
    @Override
    WindowStore<Bytes, byte[]> newRocks() {
        boolean hasHeaders = kind == StoreKind.HEADERS_WINDOW;
        if (isTimeIndexed) {
            return hasHeaders
                    ? RocksDbIndexedTimeOrderedWindowBytesStoreWithHeadersSupplier.create(
                                    "store", RETENTION, WINDOW, duplicates, true)
                            .get()
                    : RocksDbIndexedTimeOrderedWindowBytesStoreSupplier.create(
                                    "store", RETENTION, WINDOW, duplicates, true)
                            .get();
        }
        return hasHeaders
                ? Stores.persistentTimestampedWindowStoreWithHeaders("store", RETENTION, WINDOW, duplicates)
                        .get()
                : Stores.persistentWindowStore("store", RETENTION, WINDOW, duplicates)
                        .get();
    }

    /** It has no form for results emitted on close, which reads records that are one millisecond older. */
    @Override
    WindowStore<Bytes, byte[]> newHeap() {
        return Stores.inMemoryWindowStore(
                        "store", isTimeIndexed ? RETENTION.plusMillis(1) : RETENTION, WINDOW, duplicates)
                .get();
    }

    @Override
    void putNow() {
        put(key(), now);
    }

    @Override
    void operate() {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5, 6, 7 -> put(key(), someTime());
            case 8 -> put(key(), null, someTime());
            case 9, 10 -> fetch(key(), someTime());
            case 11, 12, 13 -> fetchKey();
            case 14, 15 -> fetchKeys();
            case 16, 17 -> fetchTimes();
            case 18 -> hold();
            default -> stepHeld();
        }
    }

    /** Mostly near the newest record, at times late, or too late, or a jump ahead. */
    private long someTime() {
        int dice = random.nextInt(100);
        if (dice < 1) {
            return now + random.nextInt(100_000);
        } else if (dice < 70) {
            return now + random.nextInt(1_000) - 400;
        }
        return Math.max(0, now - random.nextLong(RETENTION.toMillis() * 3 / 2));
    }

    private void put(Bytes key, long time) {
        put(key, Operations.value(random), time);
    }

    private void put(Bytes key, byte[] value, long time) {
        long start = Math.max(0, time);
        if (duplicates && value == null) {
            // Ignored, but the in-memory store alone takes its time for that of a record.
            holt.put(key, null, start);
            rocks.put(key, null, start);
            return;
        }
        now = Math.max(now, start);
        holt.put(key, value, start);
        rocks.put(key, value, start);
        heap.put(key, value, start);
    }

    private void fetch(Bytes key, long time) {
        byte[] expected = rocks.fetch(key, time);
        assertThat(holt.fetch(key, time)).isEqualTo(expected);
        if (!duplicates) {
            assertThat(heap.fetch(key, time)).isEqualTo(expected);
        }
    }

    private long[] times() {
        long first = someTime();
        long second = random.nextInt(8) == 0 ? Long.MAX_VALUE : someTime();
        // RocksDB's time-ordered store takes times before 0 for very late ones and finds nothing.
        long min = isTimeIndexed ? 0 : Long.MIN_VALUE;
        return new long[] {Math.max(min, Math.min(first, second)), Math.max(min, Math.max(first, second))};
    }

    private void fetchKey() {
        Bytes key = key();
        long[] times = times();
        boolean backward = random.nextBoolean();
        int limit = random.nextInt(ITERATION_MAX);
        List<String> expected = WindowedText.takeWindows(fetchKey(rocks, key, times, backward), limit);
        assertThat(WindowedText.takeWindows(fetchKey(holt, key, times, backward), limit))
                .isEqualTo(expected);
        assertThat(new HashSet<>(WindowedText.takeWindows(fetchKey(heap, key, times, backward), Integer.MAX_VALUE)))
                .containsAll(expected);
    }

    private static KeyValueIterator<Long, byte[]> fetchKey(
            WindowStore<Bytes, byte[]> store, Bytes key, long[] times, boolean backward) {
        return backward ? store.backwardFetch(key, times[0], times[1]) : store.fetch(key, times[0], times[1]);
    }

    private void fetchKeys() {
        Bytes from = random.nextInt(6) == 0 ? null : key();
        Bytes to = random.nextInt(6) == 0 ? null : key();
        long[] times = times();
        boolean backward = random.nextBoolean();
        compare(store -> backward
                ? store.backwardFetch(from, to, times[0], times[1])
                : store.fetch(from, to, times[0], times[1]));
    }

    private void fetchTimes() {
        long[] times = times();
        boolean backward = random.nextBoolean();
        compare(store -> backward ? store.backwardFetchAll(times[0], times[1]) : store.fetchAll(times[0], times[1]));
    }

    private int compareAll() {
        compare(WindowStore::backwardAll);
        return compare(WindowStore::all);
    }

    private int compare(Function<WindowStore<Bytes, byte[]>, KeyValueIterator<Windowed<Bytes>, byte[]>> fetch) {
        List<String> expected = WindowedText.all(fetch.apply(rocks));
        assertThat(WindowedText.all(fetch.apply(holt))).isEqualTo(expected);
        if (oneLength && !duplicates) {
            assertThat(WindowedText.all(fetch.apply(heap))).containsExactlyInAnyOrderElementsOf(expected);
        }
        return expected.size();
    }

    /** RocksDB's iterators see one moment of a segment, but not of all, so what they show now is the measure. */
    private void hold() {
        Bytes from = random.nextBoolean() ? null : key();
        List<String> expected = WindowedText.all(rocks.backwardFetch(from, null, 0, now));
        hold(expected, holt.backwardFetch(from, null, 0, now));
    }
}
