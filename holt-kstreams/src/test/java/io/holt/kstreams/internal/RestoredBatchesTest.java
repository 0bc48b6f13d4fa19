package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.MemoryBudgetException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.utils.Bytes;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Batches that are written while others come: none is lost, none is overtaken, none is missed by a reader. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class RestoredBatchesTest {

    private static final int KEYS = 30_000;
    private static final int RECORDS = 120_000;
    private static final int POLL_RECORDS = 1_000;
    private static final int VALUE_BYTES = 700;
    private static final int LARGE_BYTES = 1 << 20;

    private final List<String> written = new ArrayList<>();
    private RestoredBatches batches;

    @AfterEach
    void giveBack() {
        if (batches != null) {
            batches.forget();
        }
    }

    /** Against a sorted map: values, overwrites, tombstones, several batches, reads between some of them. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void aStoreHoldsTheNewestRecordOfEachKey(long seed, @TempDir Path directory) {
        TestTask task = new TestTask(TestEngine.create(), directory);
        HoltKeyValueStore store = task.openPlain();
        NavigableMap<Bytes, byte[]> model = new TreeMap<>();
        Random random = new Random(seed);
        for (int first = 0; first < RECORDS; first += POLL_RECORDS) {
            List<ConsumerRecord<byte[], byte[]>> polled = new ArrayList<>();
            for (int i = 0; i < POLL_RECORDS; i++) {
                Bytes key = TestTask.key("dir-%03d/%d".formatted(random.nextInt(100), random.nextInt(KEYS / 100)));
                byte[] value = null;
                if (random.nextInt(10) == 0) {
                    model.remove(key);
                } else {
                    value = new byte[random.nextInt(VALUE_BYTES)];
                    random.nextBytes(value);
                    model.put(key, value);
                }
                polled.add(new ConsumerRecord<>(CHANGELOG.topic(), CHANGELOG.partition(), first + i, key.get(), value));
            }
            task.restore("store", polled);
            if (random.nextInt(60) == 0) {
                assertHolds(store, model);
            }
        }
        store.commit(Map.of(CHANGELOG, (long) RECORDS));
        assertHolds(store, model);
        store.close();
    }

    private static void assertHolds(HoltKeyValueStore store, NavigableMap<Bytes, byte[]> model) {
        try (var all = store.all()) {
            model.forEach((key, value) -> {
                var next = all.next();
                if (!next.key.equals(key) || !Arrays.equals(next.value, value)) {
                    assertThat(next.key).isEqualTo(key);
                    assertThat(next.value).isEqualTo(value);
                }
            });
            assertThat(all.hasNext()).isFalse();
        }
    }

    private void take(String... keys) {
        batches.take(waiting -> {
            for (String key : keys) {
                waiting.add(TestTask.value(key), new byte[LARGE_BYTES]);
            }
        });
    }

    /** As many as a thread is started for, and no more. */
    private void takeMany() {
        while (WaitingRecords.allBytes() < WaitingRecords.ALL_BYTES_MAX / 2) {
            take("many");
        }
    }

    private void note(WaitingRecords records) {
        records.forEach(new WaitingRecords.Target() {
            @Override
            public void put(byte[] array, int keyOffset, int keyBytes, int valueOffset, int valueBytes) {
                written.add(TestTask.text(Arrays.copyOfRange(array, keyOffset, keyOffset + keyBytes)));
            }

            @Override
            public void delete(byte[] array, int keyOffset, int keyBytes) {
                throw new AssertionError("there are no tombstones");
            }
        });
    }

    @Test
    void whoNeedsABatchWaitsUntilItIsWritten() throws Exception {
        CountDownLatch mayWrite = new CountDownLatch(1);
        AtomicReference<Thread> writer = new AtomicReference<>();
        batches = new RestoredBatches("store", () -> {}, records -> {
            writer.compareAndSet(null, Thread.currentThread());
            awaitUninterrupted(mayWrite);
            note(records);
        });
        takeMany();
        assertThat(batches.areThere()).isTrue();
        take("later");
        Thread reader = new Thread(batches::writeAll);
        reader.start();
        while (reader.getState() != Thread.State.WAITING) {
            Thread.onSpinWait();
        }
        mayWrite.countDown();
        reader.join();
        assertThat(written).containsExactly("many", "later");
        assertThat(writer.get()).isNotIn(Thread.currentThread(), reader);
        assertThat(batches.areThere()).isFalse();
    }

    @Test
    void aBatchThatCouldNotBeWrittenComesBeforeLaterOnes() {
        CountDownLatch mayFail = new CountDownLatch(1);
        AtomicBoolean fails = new AtomicBoolean(true);
        AtomicInteger begun = new AtomicInteger();
        batches = new RestoredBatches("store", begun::incrementAndGet, records -> {
            awaitUninterrupted(mayFail);
            if (fails.get()) {
                throw new MemoryBudgetException("a test", 0);
            }
            note(records);
        });
        takeMany();
        take("later");
        mayFail.countDown();
        assertThatThrownBy(batches::writeAll).isInstanceOf(MemoryBudgetException.class);
        assertThat(batches.areThere()).isTrue();
        fails.set(false);
        take("last");
        batches.writeAll();
        assertThat(written).containsExactly("many", "last", "later");
        assertThat(batches.areThere()).isFalse();
        assertThat(begun).hasValue(4);
    }

    private static void awaitUninterrupted(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
