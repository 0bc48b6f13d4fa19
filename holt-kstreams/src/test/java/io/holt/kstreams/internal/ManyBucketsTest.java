package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * One key's windows in up to 40 buckets, with none, few and many in a bucket, some of them long: those that are read
 * together and those that are walked over, against a map. The store is written to while iterators are under way.
 */
final class ManyBucketsTest {

    private static final long BUCKET_MILLIS = 60_000;
    private static final int BUCKETS = 40;
    private static final int[] COUNTS = {0, 1, 1, 1, 2, 3, 7, 8, 9, 20};
    private static final int ROUNDS = 40;
    private static final int FETCHES = 60;
    private static final String[] KEYS = {"a", "ab", "b", "ba\0", "c"};

    @TempDir
    Path directory;

    private final Random random = new Random(20_261_123);
    private final List<TreeMap<Long, byte[]>> model = new ArrayList<>();

    @Test
    void fetchesAnswerAsAMapDoes() {
        int compared = 0;
        for (int round = 0; round < ROUNDS; round++) {
            TestTask task = new TestTask(TestEngine.create(), directory.resolve("round-" + round));
            SegmentSettings segments = new SegmentSettings(BUCKETS * BUCKET_MILLIS * 2, BUCKET_MILLIS, false, false);
            WindowSettings settings = new WindowSettings(segments, 1_000, false);
            WindowStore<Bytes, byte[]> store =
                    task.open(new HoltWindowSupplier("store", StoreKind.WINDOW, settings, task.databases()).get());
            try {
                fill(store, round % 3 == 0 ? 3 : COUNTS.length);
                for (int i = 0; i < FETCHES; i++) {
                    compared += fetchAndCompare(store);
                }
            } finally {
                store.close();
            }
        }
        assertThat(compared).isGreaterThan(ROUNDS * FETCHES);
    }

    private void fill(WindowStore<Bytes, byte[]> store, int countKinds) {
        model.clear();
        while (model.size() < KEYS.length) {
            model.add(new TreeMap<>());
        }
        for (int bucket = 0; bucket < BUCKETS; bucket++) {
            for (int key = 0; key < KEYS.length; key++) {
                int count = COUNTS[random.nextInt(countKinds)];
                for (int i = 0; i < count; i++) {
                    put(store, key, bucket * BUCKET_MILLIS + random.nextInt((int) BUCKET_MILLIS), newValue());
                }
            }
        }
    }

    private byte[] newValue() {
        int kind = random.nextInt(60);
        byte[] value = new byte[kind == 0 ? 70_000 : kind == 1 ? 20_000 : random.nextInt(100)];
        random.nextBytes(value);
        return value;
    }

    private void put(WindowStore<Bytes, byte[]> store, int key, long time, byte[] value) {
        store.put(TestTask.key(KEYS[key]), value, time);
        if (value == null) {
            model.get(key).remove(time);
        } else {
            model.get(key).put(time, value);
        }
    }

    private int fetchAndCompare(WindowStore<Bytes, byte[]> store) {
        int key = random.nextInt(KEYS.length);
        boolean backward = random.nextBoolean();
        long end = BUCKETS * BUCKET_MILLIS;
        long from = random.nextInt(4) == 0 ? 0 : random.nextInt((int) end);
        long to = random.nextInt(4) == 0 ? end : from + random.nextInt((int) end);
        int writeAfter = random.nextInt(3) == 0 ? random.nextInt(20) : -1;
        Bytes name = TestTask.key(KEYS[key]);
        int seen = 0;
        try (WindowStoreIterator<byte[]> found =
                backward ? store.backwardFetch(name, from, to) : store.fetch(name, from, to)) {
            List<KeyValue<Long, byte[]>> wanted = new ArrayList<>();
            model.get(key)
                    .subMap(from, true, to, true)
                    .forEach((time, value) -> wanted.add(KeyValue.pair(time, value)));
            if (backward) {
                Collections.reverse(wanted);
            }
            for (KeyValue<Long, byte[]> record : wanted) {
                assertThat(found.hasNext()).isTrue();
                KeyValue<Long, byte[]> actual = found.next();
                assertThat(actual.key).isEqualTo(record.key);
                assertThat(Arrays.equals(actual.value, record.value)).isTrue();
                if (seen++ == writeAfter) {
                    writeSome(store);
                }
            }
            assertThat(found.hasNext()).isFalse();
        }
        return seen;
    }

    private void writeSome(WindowStore<Bytes, byte[]> store) {
        for (int i = 0; i < 30; i++) {
            int key = random.nextInt(KEYS.length);
            TreeMap<Long, byte[]> windows = model.get(key);
            Long present = windows.isEmpty() ? null : windows.ceilingKey((long) random.nextInt(2_000_000));
            if (present != null && i % 2 == 0) {
                put(store, key, present, i % 4 == 0 ? null : newValue());
            } else {
                put(store, key, random.nextInt((int) (BUCKETS * BUCKET_MILLIS)), newValue());
            }
        }
    }
}
