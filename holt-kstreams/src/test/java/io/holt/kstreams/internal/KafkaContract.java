package io.holt.kstreams.internal;

import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.internals.AbstractKeyValueStoreTest;

/** Kafka's own tests of what a key-value store must do, on Holt's stores behind Kafka's wrappers. */
abstract class KafkaContract extends AbstractKeyValueStoreTest {

    private final TestEngine engine = TestEngine.create();
    private final StoreKind kind;
    private final boolean isCached;

    KafkaContract(StoreKind kind, boolean isCached) {
        this.kind = kind;
        this.isCached = isCached;
    }

    @Override
    @SuppressWarnings("unchecked")
    protected <K, V> KeyValueStore<K, V> createKeyValueStore(StateStoreContext context) {
        // The context in which the tests run is one of the test jar's own, whose serdes have no types.
        var typed = (org.apache.kafka.test.InternalMockProcessorContext<?, ?>) context;
        StoreBuilder<KeyValueStore<K, V>> builder = Stores.keyValueStoreBuilder(
                new HoltKeyValueSupplier("my-store", kind, engine.databases()), (Serde<K>) typed.keySerde(), (Serde<V>)
                        typed.valueSerde());
        KeyValueStore<K, V> built = (isCached ? builder.withCachingEnabled() : builder).build();
        built.init(context, built);
        return built;
    }
}
