package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static io.holt.kstreams.internal.TestTask.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.holt.api.DbStats;
import io.holt.api.HoltOptions;
import io.holt.kstreams.HoltStoreConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores that hold more than their memory keep the rest in their files. */
final class FullMemoryTest {

    private static final int VALUE_BYTES = 1_000;
    private static final int RECORDS = 15_000;

    /** A few records of each frame. */
    private static final int SPARSE_STEP = 50;

    @TempDir
    Path directory;

    /**
     * A batch that is dense on the whole is loaded in order; where it is not, it changes more frames at a time than
     * there is memory for.
     */
    @Test
    void whatNoLoadHasTheMemoryForIsRestoredAllTheSame() {
        TestTask task = new TestTask(ProcessDatabases.instance(), directory)
                .with(HoltStoreConfig.MEMORY_BYTES_CONFIG, HoltOptions.MIN_MEMORY_BYTES);
        HoltKeyValueStore store = task.openPlain();
        for (int i = 0; i < RECORDS; i++) {
            store.put(key("k" + i), value(i));
        }
        long frames = store.openStore().db().stats().frames();
        int dense = Math.toIntExact(frames * WaitingRecords.RECORDS_OF_FRAME_MIN);
        for (int i = 0; i < dense; i++) {
            restore(task, "z" + i, new byte[1]);
        }
        for (int i = 0; i < RECORDS; i += SPARSE_STEP) {
            restore(task, "k" + i, value(-i));
        }
        for (int i = 0; i < RECORDS; i++) {
            assertThat(store.get(key("k" + i))).isEqualTo(value(i % SPARSE_STEP == 0 ? -i : i));
        }
        assertThat(store.approximateNumEntries()).isEqualTo(RECORDS + dense);
        store.close();
    }

    private static void restore(TestTask task, String key, byte[] value) {
        task.restore(
                "store",
                List.of(new ConsumerRecord<>(CHANGELOG.topic(), CHANGELOG.partition(), 0, key(key).get(), value)));
    }

    private static byte[] value(int number) {
        byte[] value = new byte[VALUE_BYTES];
        new SplittableRandom(number).nextBytes(value);
        return value;
    }

    @Test
    void storesLargerThanTheirMemoryLoseNothing() {
        TestTask task = new TestTask(ProcessDatabases.instance(), directory)
                .with(HoltStoreConfig.MEMORY_BYTES_CONFIG, HoltOptions.MIN_MEMORY_BYTES);
        HoltKeyValueStore store = task.openPlain();
        for (int i = 0; i < RECORDS; i++) {
            store.put(key("k" + i), value(i));
        }
        DbStats stats = store.openStore().db().stats();
        assertThat(stats.frames() * 512 * 1024).isGreaterThan(2 * HoltOptions.MIN_MEMORY_BYTES);
        assertThat(stats.memoryUsedBytes()).isLessThanOrEqualTo(HoltOptions.MIN_MEMORY_BYTES);
        for (int i = 0; i < RECORDS; i += 7) {
            assertThat(store.get(key("k" + i))).isEqualTo(value(i));
        }
        store.commit(Map.of(CHANGELOG, 1L));
        store.close();

        HoltKeyValueStore again = task.openPlain();
        assertThat(again.approximateNumEntries()).isEqualTo(RECORDS);
        assertThat(again.get(key("k0"))).isEqualTo(value(0));
        assertThat(again.committedOffset(CHANGELOG)).isEqualTo(1L);
        again.close();
    }
}
