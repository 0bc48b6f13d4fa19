package org.apache.kafka.streams.state.internals;

import io.holt.kstreams.internal.HoltWindowSupplier;
import io.holt.kstreams.internal.SegmentSettings;
import io.holt.kstreams.internal.StoreKind;
import io.holt.kstreams.internal.TestEngine;
import io.holt.kstreams.internal.WindowSettings;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowStore;

/**
 * Kafka's own tests of what a window store must do, on Holt's stores behind Kafka's wrappers. In Kafka's package, for
 * the hooks are visible only there.
 */
abstract class HoltWindowContract extends AbstractWindowBytesStoreTest {

    private final TestEngine engine = TestEngine.create();
    private int built;

    /** What the store is asked to be. */
    abstract SegmentSettings segments(long retentionPeriod, long windowSize);

    @Override
    <K, V> WindowStore<K, V> buildWindowStore(
            long retentionPeriod, long windowSize, boolean retainDuplicates, Serde<K> keySerde, Serde<V> valueSerde) {
        WindowSettings settings =
                new WindowSettings(segments(retentionPeriod, windowSize), windowSize, retainDuplicates);
        return Stores.windowStoreBuilder(
                        new HoltWindowSupplier("windows-" + built++, StoreKind.WINDOW, settings, engine.databases()),
                        keySerde,
                        valueSerde)
                .build();
    }
}
