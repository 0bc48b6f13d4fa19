package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.key;
import static org.assertj.core.api.Assertions.assertThat;

import io.holt.kstreams.internal.PeerStores.Kind;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.query.MultiVersionedKeyQuery;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.RangeQuery;
import org.apache.kafka.streams.query.WindowKeyQuery;
import org.apache.kafka.streams.query.WindowRangeQuery;
import org.apache.kafka.streams.state.VersionedRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The iterator that a query answers shows one moment, whatever is written while it is open. */
final class QueryIteratorTest {

    /** Enough that no iterator has read them all with the first one. */
    private static final int RECORDS = 500;

    private static final long TIME = 1_000_000;
    private static final long STEP_MILLIS = 400;

    @TempDir
    Path holtDirectory;

    @TempDir
    Path rocksDirectory;

    private PeerStores<?> stores;

    @AfterEach
    void closeStores() {
        stores.close();
    }

    private static String name(Kind kind, int number) {
        return kind == Kind.KEY_VALUE ? "k%03d".formatted(number) : "k";
    }

    private static long time(int number) {
        return TIME + number * STEP_MILLIS;
    }

    private void put(Kind kind, int number, String value) {
        PeerStores.put(stores.holt, name(kind, number), value, time(number));
    }

    /** Asks a store as the metered one around it does, which fills in both times. */
    private static Iterator<?> query(Kind kind, StateStore store) {
        Instant first = Instant.ofEpochMilli(TIME);
        Instant last = Instant.ofEpochMilli(time(RECORDS));
        Query<?> query = switch (kind) {
            case KEY_VALUE -> RangeQuery.withNoBounds();
            // This query's two times change places when it is made; the metered store changes them back.
            case WINDOW, INDEXED_WINDOW -> WindowKeyQuery.withKeyAndWindowStartRange(key("k"), last, first);
            case SESSION, INDEXED_SESSION -> WindowRangeQuery.withKey(key("k"));
            case VERSIONED ->
                MultiVersionedKeyQuery.withKey(key("k")).fromTime(first).toTime(last);
        };
        QueryResult<?> result = store.query(query, PositionBound.unbounded(), new QueryConfig(false));
        return (Iterator<?>) result.getResult();
    }

    private static String text(Object record) {
        return TestTask.text(
                record instanceof VersionedRecord<?> version
                        ? (byte[]) version.value()
                        : (byte[]) ((KeyValue<?, ?>) record).value);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsWrittenMeanwhileIsNotSeen(Kind kind) throws Exception {
        stores = PeerStores.open(kind, holtDirectory, rocksDirectory, task -> {});
        for (int i = 0; i < RECORDS; i++) {
            put(kind, i, "old");
        }
        List<String> seen = new ArrayList<>();
        Iterator<?> records = query(kind, stores.holt);
        seen.add(text(records.next()));
        for (int i = 0; i < RECORDS; i++) {
            put(kind, i, i % 2 == 0 ? "new" : null);
        }
        records.forEachRemaining(record -> seen.add(text(record)));
        ((AutoCloseable) records).close();
        assertThat(seen).hasSize(RECORDS).containsOnly("old");

        List<String> after = new ArrayList<>();
        Iterator<?> again = query(kind, stores.holt);
        again.forEachRemaining(record -> after.add(text(record)));
        ((AutoCloseable) again).close();
        assertThat(after).hasSize(RECORDS / 2).containsOnly("new");
    }

    /** All versions of a key are read when they are asked for, so that there is nothing to end. */
    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "VERSIONED")
    void closingTheStoreEndsIt(Kind kind) {
        stores = PeerStores.open(kind, holtDirectory, rocksDirectory, task -> {});
        assertThat(closed(kind, stores.holt)).isEqualTo(closed(kind, stores.rocks));
    }

    /** What becomes of an iterator that has given one record, when its store is closed. */
    private static String closed(Kind kind, StateStore store) {
        for (int i = 0; i < RECORDS; i++) {
            PeerStores.put(store, name(kind, i), "old", time(i));
        }
        Iterator<?> records = query(kind, store);
        records.next();
        store.close();
        try {
            return records.hasNext() ? "goes on" : "ends";
        } catch (InvalidStateStoreException e) {
            return "fails";
        }
    }
}
