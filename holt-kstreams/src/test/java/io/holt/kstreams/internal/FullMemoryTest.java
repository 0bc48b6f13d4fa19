package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static io.holt.kstreams.internal.TestTask.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.HoltOptions;
import io.holt.kstreams.HoltStoreConfig;
import java.nio.file.Path;
import java.util.Map;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that finds no memory for a record says so, keeps the records it has, and can be committed and closed. */
final class FullMemoryTest {

    private static final int VALUE_BYTES = 1_000;
    private static final int RECORDS_MAX = 100_000;

    @TempDir
    Path directory;

    @Test
    void aFullBudgetLosesNothing() {
        TestTask task = new TestTask(ProcessDatabases.instance(), directory)
                .with(HoltStoreConfig.MEMORY_BYTES_CONFIG, HoltOptions.MIN_MEMORY_BYTES);
        HoltKeyValueStore store = task.openPlain();
        int[] written = {0};
        assertThatThrownBy(() -> {
                    while (written[0] < RECORDS_MAX) {
                        store.put(key("k" + written[0]), new byte[VALUE_BYTES]);
                        written[0]++;
                    }
                })
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("putting key/value into store store")
                .hasMessageContaining("memory budget of " + HoltOptions.MIN_MEMORY_BYTES);
        assertThat(written[0]).isGreaterThan(1_000);
        assertThat(store.approximateNumEntries()).isEqualTo(written[0]);
        assertThat(store.get(key("k" + written[0]))).isNull();
        store.commit(Map.of(CHANGELOG, 1L));
        store.close();

        HoltKeyValueStore again = task.openPlain();
        assertThat(again.approximateNumEntries()).isEqualTo(written[0]);
        assertThat(again.get(key("k0"))).hasSize(VALUE_BYTES);
        assertThat(again.committedOffset(CHANGELOG)).isEqualTo(1L);
        again.close();
    }
}
