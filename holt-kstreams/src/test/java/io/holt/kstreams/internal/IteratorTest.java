package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.contents;
import static io.holt.kstreams.internal.TestTask.drain;
import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.common.utils.LogCaptureAppender;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An iterator shows the store as it was when the iterator was made, whatever is written while it is open. */
final class IteratorTest {

    private static final int MANY = 3_000;
    private static final int ROUNDS = 60;

    @TempDir
    Path directory;

    private HoltKeyValueStore store;

    @BeforeEach
    void openStore() {
        store = new TestTask(TestEngine.create(), directory).openPlain();
        for (String name : List.of("a", "b", "c", "d")) {
            store.put(key(name), value("1"));
        }
    }

    @AfterEach
    void closeStore() {
        store.close();
    }

    /** Enough records that no cursor reads them all at once. */
    private List<KeyValue<Bytes, byte[]>> manyRecords(String text) {
        List<KeyValue<Bytes, byte[]>> records = new ArrayList<>();
        for (int i = 0; i < MANY; i++) {
            records.add(KeyValue.pair(key(String.format("many-%05d", i)), value(text)));
        }
        return records;
    }

    @Test
    void aLoopMayWriteToTheStoreItWalksOver() {
        store.putAll(manyRecords("1"));
        try (KeyValueIterator<Bytes, byte[]> iterator = store.all()) {
            int steps = 0;
            while (iterator.hasNext()) {
                Bytes name = iterator.next().key;
                store.delete(name);
                store.put(key("z" + name), value("2"));
                steps++;
                assertThat(steps).isLessThanOrEqualTo(MANY + 4);
            }
            assertThat(steps).isEqualTo(MANY + 4);
        }
        assertThat(store.approximateNumEntries()).isEqualTo(MANY + 4);
        assertThat(contents(store)).allMatch(record -> record.startsWith("z") && record.endsWith("=2"));
    }

    @Test
    void whatWasReadAheadStaysTheNext() {
        try (KeyValueIterator<Bytes, byte[]> iterator = store.reverseAll()) {
            iterator.next();
            assertThat(iterator.peekNextKey()).isEqualTo(key("c"));
            store.delete(key("c"));
            store.put(key("b"), value("2"));
            assertThat(iterator.peekNextKey()).isEqualTo(key("c"));
            assertThat(drain(iterator)).containsExactly("c=1", "b=1", "a=1");
        }
    }

    /** Long walks read ahead; what they show is still that of the beginning, wherever a write comes in between. */
    @Test
    void whatIsReadAheadIsOfTheBeginningToo() {
        store.putAll(manyRecords("1"));
        for (int stop : new int[] {0, 1, 2, 5, 15, 16, 40, 1_000}) {
            try (KeyValueIterator<Bytes, byte[]> iterator = store.prefixScan("many", new StringSerializer())) {
                for (int i = 0; i < stop; i++) {
                    iterator.next();
                }
                store.putAll(manyRecords("2"));
                store.delete(key("many-00016"));
                assertThat(drain(iterator)).hasSize(MANY - stop).allMatch(record -> record.endsWith("=1"));
            }
            store.putAll(manyRecords("1"));
        }
    }

    @Test
    void iteratorsOfDifferentAgesEachShowTheirOwnMoment() {
        KeyValueIterator<Bytes, byte[]> first = store.all();
        store.put(key("a"), value("2"));
        KeyValueIterator<Bytes, byte[]> second = store.prefixScan("a", new StringSerializer());
        KeyValueIterator<Bytes, byte[]> third = store.range(key("a"), key("b"));
        store.put(key("a"), value("3"));
        KeyValueIterator<Bytes, byte[]> fourth = store.reverseRange(null, key("a"));

        assertThat(drain(fourth)).containsExactly("a=3");
        assertThat(drain(third)).containsExactly("a=2", "b=1");
        assertThat(drain(second)).containsExactly("a=2");
        assertThat(drain(first)).containsExactly("a=1", "b=1", "c=1", "d=1");
    }

    @Test
    void theEndIsTheEnd() {
        KeyValueIterator<Bytes, byte[]> iterator = store.range(key("a"), key("a"));
        iterator.next();

        assertThat(iterator.hasNext()).isFalse();
        store.put(key("a0"), value("2"));
        assertThat(iterator.hasNext()).isFalse();
        assertThatThrownBy(iterator::next).isInstanceOf(NoSuchElementException.class);
        assertThatThrownBy(iterator::peekNextKey).isInstanceOf(NoSuchElementException.class);
        iterator.close();
    }

    @Test
    void aClosedIteratorSaysSo() {
        KeyValueIterator<Bytes, byte[]> iterator = store.all();
        iterator.close();
        iterator.close();

        assertThatThrownBy(iterator::hasNext)
                .isInstanceOf(InvalidStateStoreException.class)
                .hasMessage("Holt iterator for store store has closed");
        assertThatThrownBy(iterator::next).isInstanceOf(InvalidStateStoreException.class);
        assertThatThrownBy(iterator::peekNextKey).isInstanceOf(InvalidStateStoreException.class);
    }

    @Test
    void closingTheStoreClosesItsIteratorsAndSaysHowMany() {
        KeyValueIterator<Bytes, byte[]> live = store.all();
        live.next();
        KeyValueIterator<Bytes, byte[]> frozen = store.all();
        store.put(key("e"), value("1"));
        KeyValueIterator<Bytes, byte[]> exhausted = store.prefixScan("nothing", new StringSerializer());
        assertThat(exhausted.hasNext()).isFalse();
        store.all().close();

        try (LogCaptureAppender log = LogCaptureAppender.createAndRegister(OpenStore.class)) {
            store.close();
            assertThat(log.getMessages()).containsExactly("Closing 3 open iterators for store store");
        }
        assertThatThrownBy(live::hasNext).isInstanceOf(InvalidStateStoreException.class);
        assertThatThrownBy(frozen::hasNext).isInstanceOf(InvalidStateStoreException.class);
        assertThatThrownBy(exhausted::hasNext).isInstanceOf(InvalidStateStoreException.class);
    }

    /** Every round writes the same value to all keys, so a reader that sees two values saw two moments. */
    @Test
    void anotherThreadSeesOneMoment() throws Exception {
        int readers = 2;
        store.putAll(manyRecords("0"));
        try (ExecutorService pool = Executors.newFixedThreadPool(readers)) {
            List<Future<Integer>> walks = new ArrayList<>();
            for (int i = 0; i < readers; i++) {
                walks.add(pool.submit(this::walkUntilLastRound));
            }
            for (int round = 1; round <= ROUNDS; round++) {
                store.putAll(manyRecords(String.valueOf(round)));
            }
            for (Future<Integer> walk : walks) {
                assertThat(walk.get()).isPositive();
            }
        }
    }

    private int walkUntilLastRound() {
        for (int walks = 1; ; walks++) {
            Set<String> seen = new HashSet<>();
            try (KeyValueIterator<Bytes, byte[]> records = store.prefixScan("many", new StringSerializer())) {
                records.forEachRemaining(record -> seen.add(TestTask.text(record.value)));
            }
            assertThat(seen).hasSize(1);
            if (seen.contains(String.valueOf(ROUNDS))) {
                return walks;
            }
        }
    }
}
