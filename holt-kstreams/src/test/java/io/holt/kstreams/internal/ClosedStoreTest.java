package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.kstreams.internal.PeerStores.Kind;
import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.VersionedBytesStore;
import org.apache.kafka.streams.state.WindowStore;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a closed store answers, and what no store takes. */
final class ClosedStoreTest {

    @TempDir
    Path directory;

    private final TestEngine engine = TestEngine.create();

    @Test
    void everyAccessToAClosedStoreIsRefused() {
        HoltKeyValueStore store = new TestTask(engine, directory).openPlain();
        assertThat(store.isOpen()).isTrue();
        store.close();
        store.close();

        assertThat(store.isOpen()).isFalse();
        Bytes a = key("a");
        List<ThrowingCallable> accesses = List.of(
                () -> store.get(a),
                () -> store.put(a, value("1")),
                () -> store.put(a, null),
                () -> store.putIfAbsent(a, value("1")),
                () -> store.putAll(List.of(KeyValue.pair(a, value("1")))),
                () -> store.delete(a),
                () -> store.range(a, a),
                () -> store.reverseRange(a, a),
                store::all,
                store::reverseAll,
                () -> store.prefixScan("a", new StringSerializer()),
                store::approximateNumEntries,
                () -> store.committedOffset(TestTask.CHANGELOG));
        assertAllRefused(accesses);
    }

    private static void assertAllRefused(List<ThrowingCallable> accesses) {
        for (int i = 0; i < accesses.size(); i++) {
            assertThatThrownBy(accesses.get(i))
                    .as("access %d", i)
                    .isInstanceOf(InvalidStateStoreException.class)
                    .hasMessage("Store store is currently closed");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"WINDOW", "INDEXED_WINDOW"})
    @SuppressWarnings("unchecked")
    void everyAccessToAClosedWindowStoreIsRefused(Kind kind) {
        WindowStore<Bytes, byte[]> store = (WindowStore<Bytes, byte[]>) closed(kind);
        Bytes a = key("a");
        assertAllRefused(List.of(
                () -> store.put(a, value("1"), 1),
                () -> store.put(a, null, 1),
                () -> store.fetch(a, 1),
                () -> store.fetch(a, 1, 2),
                () -> store.backwardFetch(a, 1, 2),
                () -> store.fetch(a, a, 1, 2),
                () -> store.backwardFetch(null, null, 1, 2),
                () -> store.fetchAll(1, 2),
                () -> store.backwardFetchAll(1, 2),
                store::all,
                store::backwardAll,
                () -> store.committedOffset(TestTask.CHANGELOG)));
    }

    @ParameterizedTest
    @EnumSource(names = {"SESSION", "INDEXED_SESSION"})
    @SuppressWarnings("unchecked")
    void everyAccessToAClosedSessionStoreIsRefused(Kind kind) {
        SessionStore<Bytes, byte[]> store = (SessionStore<Bytes, byte[]>) closed(kind);
        Bytes a = key("a");
        Windowed<Bytes> session = new Windowed<>(a, new SessionWindow(1, 2));
        assertAllRefused(List.of(
                () -> store.put(session, value("1")),
                () -> store.remove(session),
                () -> store.fetchSession(a, 1, 2),
                () -> store.findSessions(a, 1, 2),
                () -> store.backwardFindSessions(a, 1, 2),
                () -> store.findSessions(a, a, 1, 2),
                () -> store.backwardFindSessions(null, null, 1, 2),
                () -> store.findSessions(1, 2),
                () -> store.fetch(a),
                () -> store.backwardFetch(a),
                () -> store.fetch(a, a),
                () -> store.backwardFetch(a, a),
                () -> store.committedOffset(TestTask.CHANGELOG)));
    }

    @Test
    void everyAccessToAClosedVersionedStoreIsRefused() {
        VersionedBytesStore store = (VersionedBytesStore) closed(Kind.VERSIONED);
        Bytes a = key("a");
        assertAllRefused(List.of(
                () -> store.put(a, value("1"), 1),
                () -> store.delete(a, 1),
                () -> store.get(a),
                () -> store.get(a, 1),
                () -> store.committedOffset(TestTask.CHANGELOG)));
    }

    private StateStore closed(Kind kind) {
        PeerStores<?> stores = PeerStores.open(kind, directory.resolve("holt"), directory.resolve("rocks"), task -> {});
        stores.close();
        return stores.holt;
    }

    @Test
    void nullKeysAreRefusedBeforeAnythingIsWritten() {
        HoltKeyValueStore store = new TestTask(engine, directory).openPlain();
        List<KeyValue<Bytes, byte[]>> entries =
                List.of(KeyValue.pair(key("a"), value("1")), KeyValue.pair(null, value("2")));
        List<ThrowingCallable> accesses = List.of(
                () -> store.get(null),
                () -> store.put(null, value("1")),
                () -> store.putIfAbsent(null, value("1")),
                () -> store.putAll(entries),
                () -> store.delete(null));
        for (ThrowingCallable access : accesses) {
            assertThatThrownBy(access).isInstanceOf(NullPointerException.class).hasMessage("key cannot be null");
        }
        assertThatThrownBy(() -> store.prefixScan(null, new StringSerializer()))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("prefix cannot be null");
        assertThatThrownBy(() -> store.prefixScan("a", null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("prefixKeySerializer cannot be null");
        assertThat(store.approximateNumEntries()).isZero();
        store.close();
    }

    /** Not only at its second version, which could then neither be put nor deleted. */
    @Test
    void aKeyTooLongForItsHistoryIsRefusedAtOnce() {
        PeerStores<VersionedBytesStore> stores = PeerStores.versions(
                PeerStores.tasks(directory.resolve("holt"), directory.resolve("rocks"), task -> {}));
        Bytes tooLong = Bytes.wrap(new byte[65_530]);
        Bytes longest = Bytes.wrap(new byte[65_535 - 18]);
        assertThatThrownBy(() -> stores.holt.put(tooLong, value("1"), 10))
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("65535");
        assertThat(stores.holt.get(tooLong)).isNull();
        stores.holt.put(longest, value("1"), 10);
        stores.holt.put(longest, value("2"), 20);
        assertThat(stores.holt.get(longest, 15)).isNotNull();
        assertThat(stores.holt.delete(longest, 30)).isNotNull();
        stores.close();
    }

    @Test
    void aClosedStoreOpensAgain() {
        TestTask task = new TestTask(engine, directory);
        HoltKeyValueStore store = task.openPlain();
        store.put(key("a"), value("1"));
        store.close();
        store.init(task.context(), store);

        assertThat(TestTask.contents(store)).containsExactly("a=1");
        assertThatThrownBy(() -> store.init(task.context(), store)).isInstanceOf(IllegalStateException.class);
        assertThat(TestTask.contents(store)).containsExactly("a=1");
        store.close();
    }
}
