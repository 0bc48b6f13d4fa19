package io.holt.examples.kstreams;

import io.holt.kstreams.HoltStores;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;

/** What the stores of the topology are made of. */
enum Engine {
    HOLT("holt") {
        @Override
        KeyValueBytesStoreSupplier plain(String store) {
            return HoltStores.persistentKeyValueStore(store);
        }

        @Override
        KeyValueBytesStoreSupplier timestamped(String store) {
            return HoltStores.persistentTimestampedKeyValueStore(store);
        }
    },
    ROCKSDB("rocksdb") {
        @Override
        KeyValueBytesStoreSupplier plain(String store) {
            return Stores.persistentKeyValueStore(store);
        }

        @Override
        KeyValueBytesStoreSupplier timestamped(String store) {
            return Stores.persistentTimestampedKeyValueStore(store);
        }
    };

    private final String label;

    Engine(String label) {
        this.label = label;
    }

    /** Its name, and that of the directory of a task in which it keeps its stores. */
    String label() {
        return label;
    }

    abstract KeyValueBytesStoreSupplier plain(String store);

    abstract KeyValueBytesStoreSupplier timestamped(String store);
}
