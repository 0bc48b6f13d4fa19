package org.apache.kafka.streams.state.internals;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.holt.kstreams.internal.HoltSessionSupplier;
import io.holt.kstreams.internal.SegmentSettings;
import io.holt.kstreams.internal.StoreKind;
import io.holt.kstreams.internal.TestEngine;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.test.StreamsTestUtils;
import org.junit.jupiter.api.Test;

/**
 * Kafka's own tests of what a session store must do, on Holt's stores behind Kafka's wrappers. In Kafka's package, for
 * the hooks are visible only there.
 */
abstract class HoltSessionContract extends AbstractSessionBytesStoreTest {

    private final TestEngine engine = TestEngine.create();
    private int built;

    /** What the store is asked to be. */
    abstract SegmentSettings segments(long retentionPeriod);

    @Override
    <K, V> SessionStore<K, V> buildSessionStore(long retentionPeriod, Serde<K> keySerde, Serde<V> valueSerde) {
        return Stores.sessionStoreBuilder(
                        new HoltSessionSupplier(
                                "sessions-" + built++,
                                StoreKind.SESSION,
                                segments(retentionPeriod),
                                engine.databases()),
                        keySerde,
                        valueSerde)
                .build();
    }

    /** The type of which most is expected: one that finds sessions by time. */
    @Override
    StoreType storeType() {
        return StoreType.RocksDBTimeOrderedSessionStoreWithIndex;
    }

    /** The built-in stores look empty and can be restored when they are closed; Holt's say that they are closed. */
    @Test
    @Override
    public void shouldRestore() {
        sessionStore.put(new Windowed<>("a", new SessionWindow(0, 0)), 1L);
        sessionStore.put(new Windowed<>("a", new SessionWindow(10, 10)), 2L);
        List<KeyValue<Windowed<String>, Long>> expected =
                StreamsTestUtils.toListAndCloseIterator(sessionStore.fetch("a"));
        List<KeyValue<byte[], byte[]>> changelog = List.of(
                KeyValue.pair(
                        SessionKeySchema.toBinary(Bytes.wrap(bytes("a")), 0, 0).get(), aggregate(1)),
                KeyValue.pair(
                        SessionKeySchema.toBinary(Bytes.wrap(bytes("a")), 10, 10)
                                .get(),
                        aggregate(2)));

        sessionStore.close();
        assertThrows(InvalidStateStoreException.class, () -> sessionStore.fetch("a"));
        assertThrows(InvalidStateStoreException.class, () -> context.restore(sessionStore.name(), changelog));

        sessionStore = buildSessionStore(RETENTION_PERIOD, Serdes.String(), Serdes.Long());
        sessionStore.init(context, sessionStore);
        context.restore(sessionStore.name(), changelog);
        assertEquals(2, expected.size());
        assertEquals(expected, StreamsTestUtils.toListAndCloseIterator(sessionStore.fetch("a")));
    }

    private static byte[] bytes(String key) {
        return Serdes.String().serializer().serialize(null, key);
    }

    private static byte[] aggregate(long value) {
        return Serdes.Long().serializer().serialize(null, value);
    }
}
