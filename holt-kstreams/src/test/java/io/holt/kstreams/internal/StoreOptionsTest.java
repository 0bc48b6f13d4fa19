package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.IoEngineKind;
import io.holt.kstreams.HoltConfigSetter;
import io.holt.kstreams.HoltStoreConfig;
import io.holt.kstreams.HoltStoreSettings;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the options of an application may be, and what a setter makes of them for one store. */
final class StoreOptionsTest {

    @TempDir
    Path directory;

    private static StoreOptions options(Map<String, Object> configs) {
        return StoreOptions.of("store", configs);
    }

    @Test
    void whatIsNotGivenIsTheDefault() {
        StoreOptions options = options(Map.of("application.id", "app"));

        assertThat(options.ioEngine()).isEqualTo(IoEngineKind.AUTO);
        assertThat(options.iteratorReadAhead()).isEqualTo(16);
        assertThat(options.memory().isExplicit()).isFalse();
    }

    @Test
    void whatIsGivenIsTaken() {
        StoreOptions options = options(Map.of(
                HoltStoreConfig.IO_ENGINE_CONFIG,
                "channel",
                HoltStoreConfig.MEMORY_BYTES_CONFIG,
                "8388608",
                HoltStoreConfig.ITERATOR_READ_AHEAD_CONFIG,
                "1024"));

        assertThat(options.ioEngine()).isEqualTo(IoEngineKind.CHANNEL);
        assertThat(options.iteratorReadAhead()).isEqualTo(1_024);
        assertThat(options.memory().bytes()).isEqualTo(8_388_608);
    }

    @Test
    void whatCanNotBeIsRefusedWithWhatCan() {
        assertThatThrownBy(() -> options(Map.of(HoltStoreConfig.IO_ENGINE_CONFIG, "mmap")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("mmap")
                .hasMessageContaining("auto, uring, pread, channel");
        assertThatThrownBy(() -> options(Map.of("holt.memory.byte", 1)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("holt.memory.byte")
                .hasMessageContaining(
                        "holt.config.setter, holt.io.engine, holt.iterator.read.ahead, holt.memory.bytes");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "-1", "1025", "1e2", "all"})
    void readAheadsThatCanNotBeAreRefused(String records) {
        assertThatThrownBy(() -> options(Map.of(HoltStoreConfig.ITERATOR_READ_AHEAD_CONFIG, records)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(HoltStoreConfig.ITERATOR_READ_AHEAD_CONFIG)
                .hasMessageContaining("from 1 to 1024");
    }

    @Test
    void theStoresUseTheEngine() {
        TestTask task = new TestTask(ProcessDatabases.instance(), directory)
                .with(HoltStoreConfig.MEMORY_BYTES_CONFIG, 8L << 20)
                .with(HoltStoreConfig.IO_ENGINE_CONFIG, "channel");
        HoltKeyValueStore store = task.openPlain();
        assertThat(store.openStore().db().stats().ioEngine()).isEqualTo("channel");
        store.close();
    }

    /** Gives one store other settings than the rest. */
    public static final class OneStoreDiffers implements HoltConfigSetter {
        @Override
        public void setConfig(String storeName, HoltStoreSettings settings, Map<String, Object> configs) {
            if (storeName.equals(configs.get("the.one"))) {
                assertThat(settings.ioEngine()).isEqualTo(IoEngineKind.PREAD);
                settings.setIoEngine(IoEngineKind.CHANNEL);
                settings.setIteratorReadAhead(200);
            }
        }
    }

    /** Fails for all stores. */
    public static final class Failing implements HoltConfigSetter {
        @Override
        public void setConfig(String storeName, HoltStoreSettings settings, Map<String, Object> configs) {
            throw new IllegalStateException("no table of disks");
        }
    }

    /** Can't be made. */
    public static final class WithParameter implements HoltConfigSetter {
        public WithParameter(int parameter) {
            assertThat(parameter).isZero();
        }

        @Override
        public void setConfig(String storeName, HoltStoreSettings settings, Map<String, Object> configs) {
            throw new AssertionError("it was never made");
        }
    }

    @Test
    void aSetterChangesTheOptionsOfOneStore() {
        for (Object setter : new Object[] {OneStoreDiffers.class, OneStoreDiffers.class.getName()}) {
            Map<String, Object> configs = Map.of(
                    HoltStoreConfig.CONFIG_SETTER_CONFIG,
                    setter,
                    HoltStoreConfig.IO_ENGINE_CONFIG,
                    "pread",
                    "the.one",
                    "orders");
            assertThat(StoreOptions.of("orders", configs).ioEngine()).isEqualTo(IoEngineKind.CHANNEL);
            assertThat(StoreOptions.of("orders", configs).iteratorReadAhead()).isEqualTo(200);
            assertThat(StoreOptions.of("others", configs).ioEngine()).isEqualTo(IoEngineKind.PREAD);
            assertThat(StoreOptions.of("others", configs).iteratorReadAhead()).isEqualTo(16);
        }
    }

    @Test
    void theStoreHasWhatTheSetterSaid() {
        TestTask task = new TestTask(ProcessDatabases.instance(), directory)
                .with(HoltStoreConfig.MEMORY_BYTES_CONFIG, 8L << 20)
                .with(HoltStoreConfig.IO_ENGINE_CONFIG, "pread")
                .with(HoltStoreConfig.CONFIG_SETTER_CONFIG, OneStoreDiffers.class)
                .with("the.one", "store");
        HoltKeyValueStore store = task.openPlain();
        assertThat(store.openStore().db().stats().ioEngine()).isEqualTo("channel");
        for (int i = 0; i < 1_000; i++) {
            store.put(TestTask.key("key" + i), TestTask.value("value" + i));
        }
        assertThat(TestTask.contents(store)).hasSize(1_000).contains("key0=value0", "key999=value999");
        store.close();
    }

    @Test
    void aSetterThatFailsKeepsTheStoreFromOpening() {
        TestTask task = new TestTask(ProcessDatabases.instance(), directory)
                .with(HoltStoreConfig.CONFIG_SETTER_CONFIG, Failing.class);
        assertThatThrownBy(task::openPlain)
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining(Failing.class.getName())
                .hasMessageContaining("store store")
                .hasMessageContaining("no table of disks")
                .hasCauseInstanceOf(IllegalStateException.class);
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void whatIsNoSetterIsRefused() {
        for (Object value : new Object[] {"no.such.Setter", String.class, WithParameter.class, 7}) {
            assertThatThrownBy(() -> options(Map.of(HoltStoreConfig.CONFIG_SETTER_CONFIG, value)))
                    .as("%s", value)
                    .isInstanceOf(ConfigException.class)
                    .hasMessageContaining(HoltStoreConfig.CONFIG_SETTER_CONFIG)
                    .hasMessageContaining("implements io.holt.kstreams.HoltConfigSetter");
        }
    }
}
