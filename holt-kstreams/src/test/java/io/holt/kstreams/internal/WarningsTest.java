package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.holt.kstreams.internal.PeerStores.Kind;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.LogCaptureAppender;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.query.MultiVersionedKeyQuery;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.VersionedBytesStore;
import org.apache.kafka.streams.state.VersionedRecordIterator;
import org.apache.kafka.streams.state.WindowStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What stores warn of and refuse is what the built-in ones warn of and refuse, in the same words. */
final class WarningsTest {

    private static final long TIME = 10_000_000;
    private static final long EXPIRED = TIME - 3 * PeerStores.RETENTION.toMillis();

    /** Expired, but in a bucket that is still there. */
    private static final long UNREADABLE = TIME - PeerStores.RETENTION.toMillis() - 1;

    @TempDir
    Path holtDirectory;

    @TempDir
    Path rocksDirectory;

    private PeerStores<?> opened;

    @AfterEach
    void closeStores() {
        opened.close();
    }

    private List<TestTask> tasks() {
        return PeerStores.tasks(holtDirectory, rocksDirectory, task -> task.processing("input", 0, 1));
    }

    private <S extends StateStore> PeerStores<S> use(PeerStores<S> stores) {
        opened = stores;
        return stores;
    }

    /** The messages at WARN or above of what both do, which must be those given. */
    private static <S extends StateStore> void warn(PeerStores<S> stores, Consumer<S> operation, String... expected) {
        assertThat(warnings(stores.rocks, operation)).containsExactly(expected);
        assertThat(warnings(stores.holt, operation)).containsExactly(expected);
    }

    private static <S extends StateStore> List<String> warnings(S store, Consumer<S> operation) {
        try (LogCaptureAppender log = LogCaptureAppender.createAndRegister()) {
            operation.accept(store);
            List<String> messages = new ArrayList<>();
            for (LogCaptureAppender.Event event : log.getEvents()) {
                if (List.of("WARN", "ERROR").contains(event.getLevel())) {
                    messages.add(event.getMessage());
                }
            }
            return messages;
        }
    }

    /** Both must refuse the null key. Not all built-in stores look at it: some just fail when they use it. */
    private static <S extends StateStore> void refuseNull(PeerStores<S> stores, Consumer<S> operation) {
        assertThat(catchThrowable(() -> operation.accept(stores.rocks))).isInstanceOf(NullPointerException.class);
        assertThat(catchThrowable(() -> operation.accept(stores.holt)))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("key cannot be null");
    }

    private static void assertEmpty(KeyValueIterator<?, ?> iterator) {
        try (iterator) {
            assertThat(iterator.hasNext()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void windows(boolean isIndexed) {
        PeerStores<WindowStore<Bytes, byte[]>> stores = use(PeerStores.windows(isIndexed, tasks()));
        Bytes a = key("a");
        Bytes b = key("b");
        warn(stores, store -> store.put(a, value("1"), TIME));
        // The store that keeps keys in order of time is the only persistent one of windows that says it.
        String[] skipped = isIndexed ? new String[] {"Skipping record for expired segment."} : new String[0];
        warn(stores, store -> store.put(a, value("2"), EXPIRED), skipped);
        warn(stores, store -> store.put(a, null, EXPIRED), skipped);
        warn(stores, store -> store.put(a, value("2"), UNREADABLE));
        warn(stores, store -> assertThat(store.fetch(a, UNREADABLE)).isNull());
        warn(stores, store -> assertThat(store.fetch(a, EXPIRED)).isNull());
        warn(stores, store -> assertEmpty(store.fetch(a, EXPIRED, UNREADABLE)));
        warn(stores, store -> assertEmpty(store.fetchAll(EXPIRED, UNREADABLE)));
        warn(stores, store -> assertEmpty(store.fetch(a, TIME, TIME - 1)));
        warn(stores, store -> assertEmpty(store.fetchAll(TIME, TIME - 1)));
        String invalid = AbstractHoltStore.INVALID_RANGE_WARNING;
        warn(stores, store -> assertEmpty(store.fetch(b, a, 0, TIME)), invalid);
        warn(stores, store -> assertEmpty(store.backwardFetch(b, a, 0, TIME)), invalid);
        for (Consumer<WindowStore<Bytes, byte[]>> operation : List.<Consumer<WindowStore<Bytes, byte[]>>>of(
                store -> store.put(null, value("1"), TIME),
                store -> store.fetch(null, TIME),
                store -> store.fetch(null, 0, TIME),
                store -> store.backwardFetch(null, 0, TIME))) {
            refuseNull(stores, operation);
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void sessions(boolean isIndexed) {
        PeerStores<SessionStore<Bytes, byte[]>> stores = use(PeerStores.sessions(isIndexed, tasks()));
        Bytes a = key("a");
        Bytes b = key("b");
        warn(stores, store -> store.put(session(a, TIME), value("1")));
        String[] skipped = isIndexed ? new String[] {"Skipping record for expired segment."} : new String[0];
        warn(stores, store -> store.put(session(a, EXPIRED), value("2")), skipped);
        warn(stores, store -> store.put(session(a, EXPIRED), null), skipped);
        warn(stores, store -> store.remove(session(a, EXPIRED)));
        warn(stores, store -> store.put(session(a, UNREADABLE), value("2")));
        warn(
                stores,
                store -> assertThat(store.fetchSession(a, UNREADABLE, UNREADABLE))
                        .isNull());
        warn(
                stores,
                store -> assertThat(store.fetchSession(a, EXPIRED, EXPIRED)).isNull());
        warn(stores, store -> assertEmpty(store.findSessions(a, TIME + 1, TIME)));
        String invalid = AbstractHoltStore.INVALID_RANGE_WARNING;
        warn(stores, store -> assertEmpty(store.findSessions(b, a, 0, TIME)), invalid);
        warn(stores, store -> assertEmpty(store.backwardFindSessions(b, a, 0, TIME)), invalid);
        warn(stores, store -> assertEmpty(store.fetch(b, a)), invalid);
        warn(stores, store -> assertEmpty(store.backwardFetch(b, a)), invalid);
        if (!isIndexed) {
            // The built-in store that finds sessions by time takes no notice of null keys.
            refuseNull(stores, store -> store.fetchSession(null, TIME, TIME));
            refuseNull(stores, store -> store.findSessions((Bytes) null, 0, TIME));
            refuseNull(stores, store -> store.backwardFindSessions((Bytes) null, 0, TIME));
        }
    }

    private static Windowed<Bytes> session(Bytes key, long time) {
        return new Windowed<>(key, new SessionWindow(time, time));
    }

    @Test
    void versions() {
        PeerStores<VersionedBytesStore> stores = use(PeerStores.versions(tasks()));
        Bytes a = key("a");
        warn(stores, store -> store.put(a, value("0"), TIME - 1));
        warn(stores, store -> store.put(a, value("1"), TIME));
        warn(stores, store -> store.put(a, value("2"), EXPIRED), "Skipping record for expired put.");
        warn(stores, store -> store.put(a, null, EXPIRED), "Skipping record for expired put.");
        warn(stores, store -> store.delete(a, EXPIRED), "Skipping record for expired delete.");
        warn(stores, store -> assertThat(store.get(a, EXPIRED)).isNull(), "Returning null for expired get.");
        warn(stores, store -> store.put(key("old"), value("1"), UNREADABLE + 1));
        warn(stores, store -> store.put(key("new"), value("1"), TIME + 5_000));
        // The latest version never expires.
        warn(stores, store -> assertThat(store.get(key("old"), UNREADABLE + 1)).isNotNull());
        warn(
                stores,
                store -> assertThat(versions(store, a, EXPIRED, UNREADABLE)).isEmpty());
        warn(stores, store -> assertThat(versions(store, a, TIME + 1, TIME)).isNotNull());
        refuseNull(stores, store -> store.put(null, value("1"), TIME));
        refuseNull(stores, store -> store.delete(null, TIME));
        refuseNull(stores, store -> store.get(null));
        refuseNull(stores, store -> store.get(null, TIME));
    }

    private static List<Object> versions(VersionedBytesStore store, Bytes key, long from, long to) {
        MultiVersionedKeyQuery<Bytes, byte[]> query = MultiVersionedKeyQuery.<Bytes, byte[]>withKey(key)
                .fromTime(Instant.ofEpochMilli(from))
                .toTime(Instant.ofEpochMilli(to));
        List<Object> found = new ArrayList<>();
        try (VersionedRecordIterator<byte[]> iterator = store.query(
                        query, PositionBound.unbounded(), new QueryConfig(false))
                .getResult()) {
            iterator.forEachRemaining(found::add);
        }
        return found;
    }

    /** The built-in ones that consist of segments look empty instead, which hides what is lost. */
    @ParameterizedTest
    @EnumSource
    void aClosedStoreRefusesWrites(Kind kind) {
        opened = PeerStores.open(kind, holtDirectory, rocksDirectory, task -> task.processing("input", 0, 1));
        PeerStores.put(opened.holt, "a", "1", TIME);
        opened.close();

        assertThat(opened.holt.isOpen()).isFalse();
        assertThat(catchThrowable(() -> PeerStores.put(opened.holt, "a", "1", TIME)))
                .isInstanceOf(InvalidStateStoreException.class)
                .hasMessage("Store store is currently closed");
        opened.holtTask.open(opened.holt);
        PeerStores.put(opened.holt, "a", "2", TIME);
        opened.holt.close();
    }
}
