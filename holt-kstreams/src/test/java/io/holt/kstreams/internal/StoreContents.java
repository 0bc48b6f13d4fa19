package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.key;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.query.MultiVersionedKeyQuery;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.VersionedBytesStore;
import org.apache.kafka.streams.state.VersionedRecord;
import org.apache.kafka.streams.state.VersionedRecordIterator;
import org.apache.kafka.streams.state.WindowStore;

/** What a store of any kind has to show, as text. */
final class StoreContents {

    private StoreContents() {}

    /**
     * All records of some keys, in the order in which the store gives them.
     *
     * @param keys whose records are asked for one key after the other, where a store can't give all
     */
    @SuppressWarnings("unchecked")
    static List<String> of(StateStore store, List<String> keys) {
        List<String> records = new ArrayList<>();
        switch (store) {
            case WindowStore<?, ?> windows -> {
                WindowStore<Bytes, byte[]> bytes = (WindowStore<Bytes, byte[]>) windows;
                keys.forEach(key -> records.addAll(
                        WindowedText.takeWindows(bytes.fetch(key(key), 0, Long.MAX_VALUE), Integer.MAX_VALUE)));
                records.addAll(WindowedText.all(bytes.all()));
            }
            case SessionStore<?, ?> sessions -> {
                SessionStore<Bytes, byte[]> bytes = (SessionStore<Bytes, byte[]>) sessions;
                keys.forEach(key -> records.addAll(WindowedText.all(bytes.findSessions(key(key), 0, Long.MAX_VALUE))));
            }
            case VersionedBytesStore versions ->
                keys.forEach(key -> {
                    records.add(key + " now " + TestTask.text(versions.get(key(key))));
                    records.addAll(versions(versions, key));
                });
            case KeyValueStore<?, ?> plain -> records.addAll(TestTask.contents((KeyValueStore<Bytes, byte[]>) plain));
            default -> throw new AssertionError("unexpected " + store);
        }
        return records;
    }

    /** The built-in store fails without both bounds. */
    private static List<String> versions(VersionedBytesStore store, String key) {
        List<String> records = new ArrayList<>();
        try (VersionedRecordIterator<byte[]> versions = store.query(
                        MultiVersionedKeyQuery.<Bytes, byte[]>withKey(key(key))
                                .fromTime(Instant.EPOCH)
                                .toTime(Instant.ofEpochMilli(Long.MAX_VALUE)),
                        PositionBound.unbounded(),
                        new QueryConfig(false))
                .getResult()) {
            while (versions.hasNext()) {
                VersionedRecord<byte[]> version = versions.next();
                records.add("%s at %d until %s: %s"
                        .formatted(key, version.timestamp(), version.validTo(), TestTask.text(version.value())));
            }
        }
        return records;
    }
}
