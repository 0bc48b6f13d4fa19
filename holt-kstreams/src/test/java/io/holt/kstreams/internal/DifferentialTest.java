package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The same random operations on a Holt store, a RocksDB store and an in-memory store: all answers must agree. Where
 * the two built-in stores differ from one another, Holt must do as RocksDB, which it replaces.
 */
final class DifferentialTest {

    private static final int OPERATIONS = 100_000;
    private static final int KEY_BYTES_MAX = 5;
    private static final int ITERATION_MAX = 40;

    @TempDir
    Path holtDirectory;

    @TempDir
    Path rocksDirectory;

    @TempDir
    Path heapDirectory;

    private final TestEngine engine = TestEngine.create();
    private final List<HeldPair> held = new ArrayList<>();

    private SplittableRandom random;
    private TestTask holtTask;
    private TestTask rocksTask;
    private KeyValueStore<Bytes, byte[]> holt;
    private KeyValueStore<Bytes, byte[]> rocks;
    private KeyValueStore<Bytes, byte[]> heap;

    /** Iterators that stay open while the stores are written to. */
    private record HeldPair(KeyValueIterator<Bytes, byte[]> holt, KeyValueIterator<Bytes, byte[]> rocks) {}

    @AfterEach
    void closeStores() {
        releaseHeld();
        holt.close();
        rocks.close();
        heap.close();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 20_261_122})
    void plainStoresAgree(long seed) {
        run(seed, StoreKind.PLAIN);
    }

    @ParameterizedTest
    @ValueSource(longs = 4_711)
    void timestampedStoresAgree(long seed) {
        run(seed, StoreKind.TIMESTAMPED);
    }

    @ParameterizedTest
    @ValueSource(longs = 31)
    void storesWithHeadersAgree(long seed) {
        run(seed, StoreKind.HEADERS);
    }

    private void run(long seed, StoreKind kind) {
        random = new SplittableRandom(seed);
        holtTask = new TestTask(engine, holtDirectory);
        rocksTask = new TestTask(engine, rocksDirectory);
        KeyValueBytesStoreSupplier rocksSupplier = switch (kind) {
            case PLAIN -> Stores.persistentKeyValueStore("store");
            case TIMESTAMPED -> Stores.persistentTimestampedKeyValueStore("store");
            default -> Stores.persistentTimestampedKeyValueStoreWithHeaders("store");
        };
        holt = holtTask.open("store", kind);
        rocks = open(rocksTask, rocksSupplier);
        heap = open(new TestTask(engine, heapDirectory), Stores.inMemoryKeyValueStore("store"));
        for (int i = 0; i < OPERATIONS; i++) {
            operate(i);
            if (i % 25_000 == 24_999) {
                reopen(kind, rocksSupplier);
            }
        }
        compareAll();
    }

    private static KeyValueStore<Bytes, byte[]> open(TestTask task, KeyValueBytesStoreSupplier supplier) {
        KeyValueStore<Bytes, byte[]> store = supplier.get();
        store.init(task.context(), store);
        return store;
    }

    private void reopen(StoreKind kind, KeyValueBytesStoreSupplier rocksSupplier) {
        releaseHeld();
        Map<org.apache.kafka.common.TopicPartition, Long> offsets =
                Map.of(TestTask.CHANGELOG, random.nextLong(1 << 20));
        holt.commit(offsets);
        rocks.commit(offsets);
        holt.close();
        rocks.close();
        holt = holtTask.open("store", kind);
        rocks = open(rocksTask, rocksSupplier);
        assertThat(holt.committedOffset(TestTask.CHANGELOG)).isEqualTo(rocks.committedOffset(TestTask.CHANGELOG));
    }

    private void operate(int index) {
        switch (random.nextInt(25)) {
            case 0, 1, 2, 3, 4, 5, 6 -> put(key(), value());
            case 7, 8 -> put(key(), null);
            case 9, 10, 11 -> get(key());
            case 12 -> delete(key());
            case 13 -> putIfAbsent(key(), random.nextInt(8) == 0 ? null : value());
            case 14 -> putAll();
            case 15, 16, 17, 18 -> range(random.nextBoolean());
            case 19, 20 -> prefixScan();
            case 21 -> hold();
            case 22 -> stepHeld();
            case 23 -> burst();
            default -> count(index);
        }
    }

    private void put(Bytes key, byte[] value) {
        holt.put(key, value);
        rocks.put(key, value);
        heap.put(key, value);
    }

    /** Single writes in a row, which a store may gather, with reads among them. */
    private void burst() {
        int writes = 2 + random.nextInt(40);
        for (int i = 0; i < writes; i++) {
            put(key(), random.nextInt(4) == 0 ? null : value());
            if (random.nextInt(3) == 0) {
                get(key());
            }
        }
    }

    private void get(Bytes key) {
        byte[] expected = rocks.get(key);
        assertThat(holt.get(key)).isEqualTo(expected);
        assertThat(heap.get(key)).isEqualTo(expected);
    }

    private void delete(Bytes key) {
        byte[] expected = rocks.delete(key);
        assertThat(holt.delete(key)).isEqualTo(expected);
        assertThat(heap.delete(key)).isEqualTo(expected);
    }

    private void putIfAbsent(Bytes key, byte[] value) {
        byte[] expected = rocks.putIfAbsent(key, value);
        assertThat(holt.putIfAbsent(key, value)).isEqualTo(expected);
        assertThat(heap.putIfAbsent(key, value)).isEqualTo(expected);
    }

    private void putAll() {
        List<KeyValue<Bytes, byte[]>> entries = new ArrayList<>();
        for (int i = random.nextInt(20); i > 0; i--) {
            entries.add(KeyValue.pair(key(), random.nextInt(4) == 0 ? null : value()));
        }
        holt.putAll(entries);
        rocks.putAll(entries);
        heap.putAll(entries);
    }

    private void range(boolean reverse) {
        Bytes from = random.nextInt(6) == 0 ? null : key();
        Bytes to = random.nextInt(6) == 0 ? null : key();
        if (from != null && to != null && from.compareTo(to) > 0) {
            Bytes smaller = to;
            to = from;
            from = smaller;
        }
        int limit = random.nextInt(ITERATION_MAX);
        List<String> expected = take(range(rocks, from, to, reverse), limit);
        assertThat(take(range(holt, from, to, reverse), limit)).isEqualTo(expected);
        assertThat(take(range(heap, from, to, reverse), limit)).isEqualTo(expected);
    }

    private static KeyValueIterator<Bytes, byte[]> range(
            KeyValueStore<Bytes, byte[]> store, Bytes from, Bytes to, boolean reverse) {
        if (from == null && to == null) {
            return reverse ? store.reverseAll() : store.all();
        }
        return reverse ? store.reverseRange(from, to) : store.range(from, to);
    }

    private void prefixScan() {
        byte[] key = key().get();
        byte[] prefix = Arrays.copyOf(key, Math.min(key.length, 1 + random.nextInt(3)));
        int limit = random.nextInt(ITERATION_MAX);
        List<String> expected = take(rocks.prefixScan(prefix, new ByteArraySerializer()), limit);
        assertThat(take(holt.prefixScan(prefix, new ByteArraySerializer()), limit))
                .isEqualTo(expected);
        if (hasSuccessor(prefix)) {
            assertThat(take(heap.prefixScan(prefix, new ByteArraySerializer()), limit))
                    .isEqualTo(expected);
        }
    }

    /** The in-memory store refuses prefixes of which no key comes after all others with the same prefix. */
    private static boolean hasSuccessor(byte[] prefix) {
        for (byte b : prefix) {
            if (b != (byte) 0xFF) {
                return true;
            }
        }
        return false;
    }

    /** The in-memory store's iterators follow later writes, so only RocksDB says what a held one must show. */
    private void hold() {
        if (held.size() > 6) {
            releaseHeld();
        }
        Bytes from = random.nextBoolean() ? null : key();
        boolean reverse = random.nextBoolean();
        held.add(new HeldPair(range(holt, from, null, reverse), range(rocks, from, null, reverse)));
    }

    private void stepHeld() {
        if (held.isEmpty()) {
            return;
        }
        int index = random.nextInt(held.size());
        HeldPair pair = held.get(index);
        for (int i = random.nextInt(60); i > 0; i--) {
            assertThat(pair.holt.hasNext()).isEqualTo(pair.rocks.hasNext());
            if (!pair.rocks.hasNext()) {
                pair.holt.close();
                pair.rocks.close();
                held.remove(index);
                return;
            }
            assertThat(pair.holt.peekNextKey()).isEqualTo(pair.rocks.peekNextKey());
            assertThat(text(pair.holt.next())).isEqualTo(text(pair.rocks.next()));
        }
    }

    private void releaseHeld() {
        held.forEach(pair -> {
            pair.holt.close();
            pair.rocks.close();
        });
        held.clear();
    }

    private void count(int index) {
        if (index % 50 == 0) {
            assertThat(holt.approximateNumEntries()).isEqualTo(heap.approximateNumEntries());
        }
    }

    private void compareAll() {
        List<String> expected = take(rocks.all(), Integer.MAX_VALUE);
        assertThat(expected).hasSizeGreaterThan(300);
        assertThat(take(holt.all(), Integer.MAX_VALUE)).isEqualTo(expected);
        assertThat(take(heap.all(), Integer.MAX_VALUE)).isEqualTo(expected);
        assertThat(take(holt.reverseAll(), Integer.MAX_VALUE)).isEqualTo(expected.reversed());
    }

    private static List<String> take(KeyValueIterator<Bytes, byte[]> iterator, int limit) {
        List<String> records = new ArrayList<>();
        try (iterator) {
            while (records.size() < limit && iterator.hasNext()) {
                records.add(text(iterator.next()));
            }
        }
        return records;
    }

    private static String text(KeyValue<Bytes, byte[]> record) {
        return record.key + "=" + new String(record.value, StandardCharsets.ISO_8859_1);
    }

    /** Keys of few different bytes, so that they are often equal, prefixes of one another, and at the ends of order. */
    private Bytes key() {
        byte[] alphabet = {0, 1, 'a', 'b', (byte) 0x7F, (byte) 0x80, (byte) 0xFF};
        byte[] key = new byte[1 + random.nextInt(KEY_BYTES_MAX)];
        for (int i = 0; i < key.length; i++) {
            key[i] = i < 4 ? alphabet[random.nextInt(3)] : alphabet[random.nextInt(alphabet.length)];
        }
        if (random.nextInt(10) == 0) {
            Arrays.fill(key, (byte) 0xFF);
        }
        return Bytes.wrap(key);
    }

    private byte[] value() {
        // Large enough for several frames.
        byte[] value = new byte[random.nextInt(10) == 0 ? 0 : random.nextInt(4_000)];
        random.nextBytes(value);
        return value;
    }
}
