package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static io.holt.kstreams.internal.TestTask.contents;
import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.kstreams.HoltStoreConfig;
import io.holt.kstreams.HoltStores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.utils.LogCaptureAppender;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.state.HeadersBytesStore;
import org.apache.kafka.streams.state.HeadersBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.TimestampedBytesStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where a store lies, and what it does not open. */
final class OpeningTest {

    @TempDir
    Path directory;

    private final TestEngine engine = TestEngine.create();

    @Test
    void suppliersMakeStoresOfTheirKind() {
        KeyValueBytesStoreSupplier plain = HoltStores.persistentKeyValueStore("plain");
        KeyValueBytesStoreSupplier timestamped = HoltStores.persistentTimestampedKeyValueStore("stamped");
        KeyValueBytesStoreSupplier headers = HoltStores.persistentTimestampedKeyValueStoreWithHeaders("headed");

        assertThat(plain.name()).isEqualTo("plain");
        assertThat(plain.metricsScope()).isEqualTo("holt");
        assertThat(plain.get().name()).isEqualTo("plain");
        assertThat(plain.get()).isNotInstanceOf(TimestampedBytesStore.class);
        assertThat(plain.get()).isNotSameAs(plain.get());
        assertThat(timestamped.get())
                .isInstanceOf(TimestampedBytesStore.class)
                .isNotInstanceOf(HeadersBytesStore.class);
        assertThat(headers).isInstanceOf(HeadersBytesStoreSupplier.class);
        assertThat(headers.get()).isInstanceOf(HeadersBytesStore.class);
        assertThatThrownBy(() -> HoltStores.persistentKeyValueStore(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("name cannot be null");
    }

    @Test
    void eachStoreHasADirectoryOfItsNameInTheTasks() {
        TestTask task = new TestTask(engine, directory);
        HoltKeyValueStore first = task.open("first", StoreKind.PLAIN);
        HoltKeyValueStore second = task.open("second", StoreKind.TIMESTAMPED);
        first.put(key("a"), value("1"));

        assertThat(directory.resolve("holt/first")).isDirectory();
        assertThat(directory.resolve("holt/second")).isDirectory();
        assertThat(contents(second)).isEmpty();
        first.close();
        second.close();
    }

    @Test
    void aStoreOfANewerOrAnotherKindIsRefusedAndNotChanged() {
        TestTask task = new TestTask(engine, directory);
        HoltKeyValueStore store = task.open("store", StoreKind.TIMESTAMPED);
        store.put(key("a"), value("1"));
        store.close();

        assertThatThrownBy(task::openPlain)
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("is a timestamped store and can't be opened as a plain store")
                .hasMessageContaining(directory.resolve("holt/store").toString());
        assertThatThrownBy(() -> task.open(new HoltSessionStore(
                        "store", StoreKind.SESSION, SegmentSettings.of(1_000), engine.databases())))
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("can't be opened as a session store");

        HoltKeyValueStore again = task.open("store", StoreKind.TIMESTAMPED);
        assertThat(contents(again)).containsExactly("a=1");
        again.close();
    }

    @Test
    void aFailedOpeningHoldsNothing() {
        SimulatedDisk disk = SimulatedDisk.ofModels();
        TestTask task = new TestTask(disk.databases(), directory);
        task.open("store", StoreKind.TIMESTAMPED).close();

        assertThatThrownBy(task::openPlain).isInstanceOf(ProcessorStateException.class);
        assertThat(disk.leases()).isZero();
    }

    /** As root nothing is read-only, so a file stands where a directory is to be made. */
    @Test
    void aDirectoryThatCanNotBeMadeIsNamed() throws IOException {
        Files.writeString(directory.resolve("holt"), "in the way");
        assertThatThrownBy(() -> new TestTask(new FileEngine(), directory).openPlain())
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("store")
                .hasStackTraceContaining(directory.resolve("holt").toString());
        assertThat(directory.resolve("holt")).hasContent("in the way");
    }

    @Test
    void whatToDoAboutDamageIsSaid() throws IOException {
        TestTask task = new TestTask(new FileEngine(), directory);
        HoltKeyValueStore store = task.openPlain();
        store.put(key("a"), value("1"));
        store.commit(Map.of(CHANGELOG, 1L));
        store.close();
        Files.delete(directory.resolve("holt/store/holt.data"));
        assertThatThrownBy(task::openPlain)
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining(directory.resolve("holt/store").toString())
                .hasMessageEndingWith("delete the store's directory to have the store rebuilt from its changelog");
    }

    @Test
    void whatToDoAboutTooLittleMemoryIsSaid() {
        TestTask task = new TestTask(ProcessDatabases.instance(), directory)
                .with(HoltStoreConfig.MEMORY_BYTES_CONFIG, 4L << 20);
        List<HoltKeyValueStore> stores = new ArrayList<>();
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 9; i++) {
                        stores.add(task.open("store" + i, StoreKind.PLAIN));
                    }
                })
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining(HoltStoreConfig.MEMORY_BYTES_CONFIG);
        stores.forEach(HoltKeyValueStore::close);
    }

    @Test
    void aSizeOfMemoryThatCanNotBeIsRefused() {
        TestTask task = new TestTask(engine, directory).with(HoltStoreConfig.MEMORY_BYTES_CONFIG, "12 MB");

        assertThatThrownBy(task::openPlain)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("holt.memory.bytes")
                .hasMessageContaining("12 MB");
    }

    /**
     * Kafka Streams before 4.3 kept all offsets of a task in one file, and 4.3 commits them to whatever stores it
     * finds. In a store that replaces another engine's they would claim records it does not have.
     */
    @Test
    void offsetsOfAnotherEnginesDataAreNotTaken() throws IOException {
        Files.writeString(directory.resolve(".checkpoint"), "0\n1\napp-store-changelog 0 500\n");
        HoltKeyValueStore store = new TestTask(engine, directory).openPlain();
        try (LogCaptureAppender log = LogCaptureAppender.createAndRegister(OpenStore.class)) {
            store.commit(Map.of(CHANGELOG, 500L));
            assertThat(log.getMessages()).singleElement().asString().contains("new and empty");
        }
        assertThat(store.committedOffset(CHANGELOG)).isNull();

        store.put(key("a"), value("1"));
        store.commit(Map.of(CHANGELOG, 2L));
        assertThat(store.committedOffset(CHANGELOG)).isEqualTo(2L);
        store.close();
    }

    /** Such as one whose next store could not be opened: the file is still there at the next start. */
    @Test
    void offsetsOfAnotherEnginesDataAreNotTakenAfterAStartThatFailed() throws IOException {
        Files.writeString(directory.resolve(".checkpoint"), "0\n1\napp-store-changelog 0 500\n");
        TestTask task = new TestTask(engine, directory);
        task.openPlain().close();
        HoltKeyValueStore store = task.openPlain();
        store.commit(Map.of(CHANGELOG, 500L));
        assertThat(store.committedOffset(CHANGELOG)).isNull();
        store.close();
    }

    /** The process dies after the store was told the offsets, and before the file is deleted. */
    @Test
    void offsetsOfAnotherEnginesDataAreNotTakenAfterACrash(@TempDir Path crashed) throws IOException {
        Files.writeString(directory.resolve(".checkpoint"), "0\n1\napp-store-changelog 0 500\n");
        HoltKeyValueStore first = new TestTask(engine, directory).openPlain();
        first.commit(Map.of(CHANGELOG, 500L));
        Path found = engine.afterCrash(directory, crashed);
        first.close();
        HoltKeyValueStore store = new TestTask(engine, found).openPlain();
        store.commit(Map.of(CHANGELOG, 500L));
        assertThat(store.committedOffset(CHANGELOG)).isNull();
        store.close();
    }

    @Test
    void offsetsInAnOldFileAreTakenByTheStoreThatTheyBelongTo() throws IOException {
        TestTask task = new TestTask(engine, directory);
        HoltKeyValueStore store = task.openPlain();
        store.put(key("a"), value("1"));
        store.close();
        Files.writeString(directory.resolve(".checkpoint"), "0\n1\napp-store-changelog 0 500\n");

        store = task.openPlain();
        store.commit(Map.of(CHANGELOG, 500L));
        assertThat(store.committedOffset(CHANGELOG)).isEqualTo(500L);
        store.close();
    }
}
