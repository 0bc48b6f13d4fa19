package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.IoEngineKind;
import io.holt.kstreams.HoltStoreConfig;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the options of an application may be. */
final class StoreOptionsTest {

    @Test
    void whatIsNotGivenIsTheDefault() {
        StoreOptions options = StoreOptions.of(Map.of("application.id", "app"));

        assertThat(options.ioEngine()).isEqualTo(IoEngineKind.AUTO);
        assertThat(options.memory().isExplicit()).isFalse();
    }

    @Test
    void whatIsGivenIsTaken() {
        StoreOptions options = StoreOptions.of(
                Map.of(HoltStoreConfig.IO_ENGINE_CONFIG, "channel", HoltStoreConfig.MEMORY_BYTES_CONFIG, "8388608"));

        assertThat(options.ioEngine()).isEqualTo(IoEngineKind.CHANNEL);
        assertThat(options.memory().bytes()).isEqualTo(8_388_608);
    }

    @Test
    void whatCanNotBeIsRefusedWithWhatCan() {
        assertThatThrownBy(() -> StoreOptions.of(Map.of(HoltStoreConfig.IO_ENGINE_CONFIG, "mmap")))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("mmap")
                .hasMessageContaining("auto, uring, pread, channel");
        assertThatThrownBy(() -> StoreOptions.of(Map.of("holt.memory.byte", 1)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("holt.memory.byte")
                .hasMessageContaining("holt.io.engine and holt.memory.bytes");
    }

    @Test
    void theStoresUseTheEngine(@TempDir Path directory) {
        TestTask task = new TestTask(ProcessDatabases.instance(), directory)
                .with(HoltStoreConfig.MEMORY_BYTES_CONFIG, 8L << 20)
                .with(HoltStoreConfig.IO_ENGINE_CONFIG, "channel");
        HoltKeyValueStore store = task.openPlain();
        assertThat(store.openStore().db().stats().ioEngine()).isEqualTo("channel");
        store.close();
    }
}
