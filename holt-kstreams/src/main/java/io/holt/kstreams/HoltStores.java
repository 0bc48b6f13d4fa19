package io.holt.kstreams;

import io.holt.kstreams.internal.HoltKeyValueSupplier;
import io.holt.kstreams.internal.ProcessDatabases;
import io.holt.kstreams.internal.StoreKind;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;

/**
 * Suppliers of state stores that keep their records in Holt, named as their counterparts in
 * {@link org.apache.kafka.streams.state.Stores} are: a topology changes its stores by changing the class it takes
 * them from.
 *
 * <p>All stores of a process share one off-heap memory budget, see {@link HoltStoreConfig#MEMORY_BYTES_CONFIG}. Each
 * store and task has a database of its own in {@code <task directory>/holt/<store name>}.
 */
public final class HoltStores {

    private HoltStores() {}

    /**
     * Supplies persistent key-value stores for {@code Stores.keyValueStoreBuilder}.
     *
     * <p>In the DSL, which keeps a timestamp with each value, use {@link #persistentTimestampedKeyValueStore}: with
     * this one the timestamps are lost, as they are with the built-in store of the same name.
     *
     * @param name the store's name, as the topology knows it
     */
    public static KeyValueBytesStoreSupplier persistentKeyValueStore(String name) {
        return new HoltKeyValueSupplier(name, StoreKind.PLAIN, ProcessDatabases.instance());
    }

    /**
     * Supplies persistent stores of timestamped values, for {@code Stores.timestampedKeyValueStoreBuilder} and for
     * {@code Materialized.as} in the DSL.
     *
     * @param name the store's name, as the topology knows it
     */
    public static KeyValueBytesStoreSupplier persistentTimestampedKeyValueStore(String name) {
        return new HoltKeyValueSupplier(name, StoreKind.TIMESTAMPED, ProcessDatabases.instance());
    }
}
