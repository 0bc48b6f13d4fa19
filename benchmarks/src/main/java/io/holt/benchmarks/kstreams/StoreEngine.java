package io.holt.benchmarks.kstreams;

import io.holt.kstreams.HoltStores;
import io.holt.kstreams.internal.HoltWindowSupplier;
import io.holt.kstreams.internal.ProcessDatabases;
import io.holt.kstreams.internal.SegmentSettings;
import io.holt.kstreams.internal.StoreKind;
import io.holt.kstreams.internal.WindowSettings;
import java.time.Duration;
import java.util.Locale;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;
import org.apache.kafka.streams.state.internals.RocksDbWindowBytesStoreSupplier;
import org.apache.kafka.streams.state.internals.RocksDbWindowBytesStoreSupplier.WindowStoreTypes;

/** Whose stores are measured, named in results by {@link #label()}. */
enum StoreEngine {
    /** The persistent stores of Kafka Streams. */
    ROCKSDB,
    /** The in-memory stores of Kafka Streams, sorted maps on the heap. */
    INMEMORY,
    HOLT;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isPersistent() {
        return this != INMEMORY;
    }

    KeyValueBytesStoreSupplier keyValue(String name) {
        return switch (this) {
            case ROCKSDB -> Stores.persistentTimestampedKeyValueStore(name);
            case INMEMORY -> Stores.inMemoryKeyValueStore(name);
            case HOLT -> HoltStores.persistentTimestampedKeyValueStore(name);
        };
    }

    WindowBytesStoreSupplier windows(String name, Duration retention, Duration size) {
        return switch (this) {
            case ROCKSDB -> Stores.persistentTimestampedWindowStore(name, retention, size, false);
            case INMEMORY -> Stores.inMemoryWindowStore(name, retention, size, false);
            case HOLT -> HoltStores.persistentTimestampedWindowStore(name, retention, size, false);
        };
    }

    /** As {@link #windows}, with segments or buckets of a given length. */
    WindowBytesStoreSupplier windowsInBuckets(Duration retention, long bucketMillis) {
        long millis = retention.toMillis();
        return switch (this) {
            case ROCKSDB ->
                new RocksDbWindowBytesStoreSupplier(
                        "store", millis, bucketMillis, 1_000, false, WindowStoreTypes.TIMESTAMPED_WINDOW_STORE);
            case INMEMORY -> Stores.inMemoryWindowStore("store", retention, Duration.ofSeconds(1), false);
            case HOLT -> {
                SegmentSettings segments = new SegmentSettings(millis, bucketMillis, false, false);
                yield new HoltWindowSupplier(
                        "store",
                        StoreKind.TIMESTAMPED_WINDOW,
                        new WindowSettings(segments, 1_000, false),
                        ProcessDatabases.instance());
            }
        };
    }
}
