package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.MemoryBudgetException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.WindowStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tree in order of time at its edges: times before all, and a put that reached it and not the data. */
final class TimeIndexTest {

    @TempDir
    Path holtDirectory;

    @TempDir
    Path rocksDirectory;

    @Test
    void nothingIsFoundBeforeTheBeginningOfTime() {
        PeerStores<WindowStore<Bytes, byte[]>> windows =
                PeerStores.windows(true, PeerStores.tasks(holtDirectory, rocksDirectory, task -> {}));
        for (WindowStore<Bytes, byte[]> store : List.of(windows.holt, windows.rocks)) {
            store.put(key("k"), value("v"), 5);
            assertThat(WindowedText.all(store.fetchAll(-10, -5))).isEmpty();
            assertThat(WindowedText.all(store.backwardFetchAll(-10, -2))).isEmpty();
        }
        assertThat(WindowedText.all(windows.holt.fetchAll(-10, 5))).hasSize(1);
        windows.close();
    }

    @Test
    void noSessionEndsBeforeTheBeginningOfTime() {
        PeerStores<SessionStore<Bytes, byte[]>> sessions =
                PeerStores.sessions(true, PeerStores.tasks(holtDirectory, rocksDirectory, task -> {}));
        sessions.holt.put(new Windowed<>(key("k"), new SessionWindow(1, 5)), value("v"));
        assertThat(WindowedText.all(sessions.holt.findSessions(-10, -5))).isEmpty();
        assertThat(WindowedText.all(sessions.holt.findSessions(-10, 5))).hasSize(1);
        sessions.close();
    }

    /** Its caller was told, and does it again or not; the others can be read all the same. */
    @Test
    void aPutThatFailedHalfWayIsNotThere() {
        AtomicBoolean isFull = new AtomicBoolean();
        StoreDatabases databases = FailingTrees.of(TestEngine.create().databases(), (tree, method) -> {
            if (isFull.get() && tree.equals("data") && method.equals("put")) {
                throw new MemoryBudgetException("a test", 1);
            }
        });
        WindowSettings settings =
                new WindowSettings(SegmentSettings.of(100_000).timeIndexed(), PeerStores.WINDOW_MILLIS, false);
        HoltWindowSupplier supplier = new HoltWindowSupplier("store", StoreKind.WINDOW, settings, databases);
        TestTask task = new TestTask(databases, holtDirectory);
        WindowStore<Bytes, byte[]> store = task.open(supplier.get());
        store.put(key("a"), value("1"), 5);
        isFull.set(true);
        assertThatThrownBy(() -> store.put(key("b"), value("2"), 6)).isInstanceOf(ProcessorStateException.class);
        isFull.set(false);
        store.put(key("c"), value("3"), 7);
        store.close();

        WindowStore<Bytes, byte[]> again = task.open(supplier.get());
        assertThat(WindowedText.all(again.fetchAll(0, 100))).hasSize(2);
        assertThat(WindowedText.all(again.backwardFetchAll(0, 100))).hasSize(2);
        again.put(key("b"), value("2"), 6);
        assertThat(WindowedText.all(again.fetchAll(0, 100))).hasSize(3);
        again.close();
    }
}
