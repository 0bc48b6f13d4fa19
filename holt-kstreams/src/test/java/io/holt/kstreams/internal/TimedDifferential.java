package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the tests have in common that do the same random operations on a Holt store of windows or sessions, a RocksDB
 * store and an in-memory store. Holt must answer as RocksDB, in the same order. The in-memory store gives the same
 * records in another order, if all keys are of one length: else RocksDB's ranges leave out keys that are others'
 * beginnings.
 */
abstract class TimedDifferential<S extends StateStore> {

    static final Duration RETENTION = Duration.ofMinutes(5);

    private static final int HELD_MAX = 4;
    private static final int OPERATIONS_OF_A_LIFE = 700;

    @TempDir
    Path holtDirectory;

    @TempDir
    Path rocksDirectory;

    @TempDir
    Path heapDirectory;

    final TestEngine engine = TestEngine.create();

    SplittableRandom random;
    S holt;
    S rocks;
    S heap;

    /** The time of the newest record. */
    long now;

    boolean oneLength;

    private TestTask holtTask;
    private TestTask rocksTask;
    private final List<Held> held = new ArrayList<>();

    /** An iterator that stays open while the store is written to, and what it must show yet. */
    private record Held(KeyValueIterator<Windowed<Bytes>, byte[]> iterator, Iterator<String> expected) {}

    abstract S newHolt();

    abstract S newRocks();

    abstract S newHeap();

    /** One random operation on all three. */
    abstract void operate();

    /** Puts a record of the newest time. */
    abstract void putNow();

    /** Opens the stores and operates on them. */
    final void run(long seed, boolean keysOfOneLength, boolean reopening) {
        random = new SplittableRandom(seed);
        oneLength = keysOfOneLength;
        holtTask = new TestTask(engine, holtDirectory);
        rocksTask = new TestTask(engine, rocksDirectory);
        openPersistent();
        heap = new TestTask(engine, heapDirectory).open(newHeap());
        int operations = Operations.count();
        for (int i = 0; i < operations; i++) {
            operate();
            if (reopening && i % OPERATIONS_OF_A_LIFE == OPERATIONS_OF_A_LIFE - 1) {
                reopen();
            }
        }
    }

    private void openPersistent() {
        holt = holtTask.open(newHolt());
        rocks = rocksTask.open(newRocks());
    }

    private void reopen() {
        releaseHeld();
        holt.commit(Map.of(TestTask.CHANGELOG, 7L));
        rocks.commit(Map.of(TestTask.CHANGELOG, 7L));
        holt.close();
        rocks.close();
        openPersistent();
        // After a start the persistent stores learn the time from the first record, the in-memory store knows it.
        putNow();
    }

    @AfterEach
    void closeStores() {
        releaseHeld();
        holt.close();
        rocks.close();
        heap.close();
    }

    final Bytes key() {
        return oneLength ? Operations.keyOfOneLength(random) : Operations.key(random);
    }

    /** Keeps an iterator open. It shows the moment of its first use, which is now. */
    final void hold(List<String> expected, KeyValueIterator<Windowed<Bytes>, byte[]> iterator) {
        if (held.size() > HELD_MAX) {
            releaseHeld();
        }
        assertThat(iterator.hasNext()).isEqualTo(!expected.isEmpty());
        held.add(new Held(iterator, expected.iterator()));
    }

    /** Goes on with one of the open iterators. */
    final void stepHeld() {
        if (held.isEmpty()) {
            return;
        }
        Held one = held.get(random.nextInt(held.size()));
        for (int i = random.nextInt(30); i > 0; i--) {
            assertThat(one.iterator.hasNext()).isEqualTo(one.expected.hasNext());
            if (!one.expected.hasNext()) {
                return;
            }
            KeyValue<Windowed<Bytes>, byte[]> record = one.iterator.next();
            assertThat(WindowedText.of(record.key) + "=" + WindowedText.text(record.value))
                    .isEqualTo(one.expected.next());
        }
    }

    private void releaseHeld() {
        held.forEach(one -> one.iterator.close());
        held.clear();
    }
}
