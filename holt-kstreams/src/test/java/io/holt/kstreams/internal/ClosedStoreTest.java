package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
        for (ThrowingCallable access : accesses) {
            assertThatThrownBy(access)
                    .isInstanceOf(InvalidStateStoreException.class)
                    .hasMessage("Store store is currently closed");
        }
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
