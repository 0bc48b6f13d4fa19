package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.RocksDbTimeOrderedSessionBytesStoreSupplier;
import org.apache.kafka.streams.state.internals.RocksDbTimeOrderedSessionHeadersBytesStoreSupplier;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Stores of sessions, see {@link TimedDifferential}. */
final class SessionDifferentialTest extends TimedDifferential<SessionStore<Bytes, byte[]>> {

    private static final int LENGTH_MAX = 50_000;

    private final List<Windowed<Bytes>> present = new ArrayList<>();
    private boolean isTimeOrdered;
    private StoreKind kind;

    @ParameterizedTest
    @CsvSource({
        "1, SESSION, false, false",
        "20261122, HEADERS_SESSION, false, true",
        "31, SESSION, true, true",
        "4711, HEADERS_SESSION, true, false"
    })
    void storesAgree(long seed, StoreKind sessions, boolean timeOrdered, boolean keysOfOneLength) {
        kind = sessions;
        isTimeOrdered = timeOrdered;
        run(seed, keysOfOneLength, true);
        assertThat(compare(store -> store.fetch(null, (Bytes) null))).isGreaterThan(5);
    }

    @Override
    SessionStore<Bytes, byte[]> newHolt() {
        SegmentSettings segments = SegmentSettings.of(RETENTION.toMillis());
        return new HoltSessionSupplier(
                        "store", kind, isTimeOrdered ? segments.timeIndexed() : segments, engine.databases())
                .get();
    }

    @Override
    SessionStore<Bytes, byte[]> newRocks() {
        boolean hasHeaders = kind == StoreKind.HEADERS_SESSION;
        if (isTimeOrdered) {
            return hasHeaders
                    ? new RocksDbTimeOrderedSessionHeadersBytesStoreSupplier("store", RETENTION.toMillis(), true).get()
                    : new RocksDbTimeOrderedSessionBytesStoreSupplier("store", RETENTION.toMillis(), true).get();
        }
        return hasHeaders
                ? Stores.persistentSessionStoreWithHeaders("store", RETENTION).get()
                : Stores.persistentSessionStore("store", RETENTION).get();
    }

    @Override
    SessionStore<Bytes, byte[]> newHeap() {
        return Stores.inMemorySessionStore("store", RETENTION).get();
    }

    @Override
    void putNow() {
        put(new Windowed<>(key(), new SessionWindow(now, now)), Operations.value(random));
    }

    @Override
    void operate() {
        switch (random.nextInt(20)) {
            case 0, 1, 2, 3, 4, 5, 6 -> put(session(), Operations.value(random));
            case 7 -> put(known(), null);
            case 8 -> remove(random.nextBoolean() ? known() : session());
            case 9, 10 -> fetchSession(random.nextBoolean() ? known() : session());
            case 11, 12, 13 -> findSessions();
            case 14, 15 -> findSessionsOfKeys();
            case 16 -> findSessionsByTime();
            case 17 -> fetch();
            case 18 -> hold();
            default -> stepHeld();
        }
    }

    private long someTime() {
        int dice = random.nextInt(100);
        if (dice < 1) {
            return now + random.nextInt(20_000);
        } else if (dice < 70) {
            return Math.max(0, now + random.nextInt(1_000) - 400);
        }
        return Math.max(0, now - random.nextLong(RETENTION.toMillis() * 3 / 2));
    }

    private Windowed<Bytes> session() {
        long start = someTime();
        long length = random.nextInt(3) == 0 ? 0 : random.nextInt(LENGTH_MAX);
        return new Windowed<>(key(), new SessionWindow(start, start + length));
    }

    private Windowed<Bytes> known() {
        return present.isEmpty() ? session() : present.get(random.nextInt(present.size()));
    }

    private void put(Windowed<Bytes> session, byte[] value) {
        now = Math.max(now, session.window().end());
        if (present.size() == 200) {
            present.set(random.nextInt(200), session);
        } else {
            present.add(session);
        }
        holt.put(session, value);
        rocks.put(session, value);
        heap.put(session, value);
    }

    private void remove(Windowed<Bytes> session) {
        // Only the persistent stores take the time of what is removed for that of a record.
        if (session.window().end() <= now) {
            holt.remove(session);
            rocks.remove(session);
            heap.remove(session);
        }
    }

    private void fetchSession(Windowed<Bytes> session) {
        long start = session.window().start();
        long end = session.window().end();
        byte[] expected = rocks.fetchSession(session.key(), start, end);
        assertThat(holt.fetchSession(session.key(), start, end)).isEqualTo(expected);
        assertThat(heap.fetchSession(session.key(), start, end)).isEqualTo(expected);
    }

    private void findSessions() {
        Bytes key = known().key();
        long endFrom = someTime();
        long startTo = random.nextInt(6) == 0 ? Long.MAX_VALUE : someTime();
        boolean backward = random.nextBoolean();
        compare(store -> backward
                ? store.backwardFindSessions(key, endFrom, startTo)
                : store.findSessions(key, endFrom, startTo));
    }

    private void findSessionsOfKeys() {
        Bytes from = random.nextInt(6) == 0 ? null : key();
        Bytes to = random.nextInt(6) == 0 ? null : key();
        long endFrom = someTime();
        long startTo = random.nextInt(6) == 0 ? Long.MAX_VALUE : someTime();
        boolean backward = random.nextBoolean();
        compare(store -> backward
                ? store.backwardFindSessions(from, to, endFrom, startTo)
                : store.findSessions(from, to, endFrom, startTo));
    }

    /** Of the built-in stores the time-ordered one can do it, and the in-memory one. */
    private void findSessionsByTime() {
        long first = someEnd();
        long last = random.nextBoolean() ? Math.max(first, someEnd()) : first + random.nextInt(100_000);
        List<String> found = WindowedText.all(holt.findSessions(first, last));
        if (isTimeOrdered) {
            assertThat(found).isEqualTo(WindowedText.all(rocks.findSessions(first, last)));
        }
        assertThat(found).containsExactlyInAnyOrderElementsOf(WindowedText.all(heap.findSessions(first, last)));
    }

    /** Within the retention; often that of a session, which then lies just within the times or just outside. */
    private long someEnd() {
        long end = known().window().end() - random.nextInt(2);
        return end > now - RETENTION.toMillis() + 1
                ? end
                : Math.max(0, now - random.nextLong(RETENTION.toMillis() - 1));
    }

    private void fetch() {
        Bytes key = known().key();
        boolean backward = random.nextBoolean();
        compare(store -> backward ? store.backwardFetch(key) : store.fetch(key));
    }

    private int compare(Function<SessionStore<Bytes, byte[]>, KeyValueIterator<Windowed<Bytes>, byte[]>> fetch) {
        List<String> expected = WindowedText.all(fetch.apply(rocks));
        assertThat(WindowedText.all(fetch.apply(holt))).isEqualTo(expected);
        if (oneLength) {
            assertThat(WindowedText.all(fetch.apply(heap))).containsExactlyInAnyOrderElementsOf(expected);
        }
        return expected.size();
    }

    private void hold() {
        List<String> expected = WindowedText.all(rocks.findSessions(null, null, 0, Long.MAX_VALUE));
        hold(expected, holt.findSessions(null, null, 0, Long.MAX_VALUE));
    }
}
