package io.holt.examples.kstreams;

import io.holt.kstreams.HoltStores;
import java.time.Duration;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.SessionBytesStoreSupplier;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;

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

        @Override
        WindowBytesStoreSupplier windows(String store, Duration retention, Duration size) {
            return HoltStores.persistentTimestampedWindowStore(store, retention, size, false);
        }

        @Override
        WindowBytesStoreSupplier joinWindows(String store, Duration retention, Duration size) {
            return HoltStores.persistentWindowStore(store, retention, size, true);
        }

        @Override
        SessionBytesStoreSupplier sessions(String store, Duration retention) {
            return HoltStores.persistentSessionStore(store, retention);
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

        @Override
        WindowBytesStoreSupplier windows(String store, Duration retention, Duration size) {
            return Stores.persistentTimestampedWindowStore(store, retention, size, false);
        }

        @Override
        WindowBytesStoreSupplier joinWindows(String store, Duration retention, Duration size) {
            return Stores.persistentWindowStore(store, retention, size, true);
        }

        @Override
        SessionBytesStoreSupplier sessions(String store, Duration retention) {
            return Stores.persistentSessionStore(store, retention);
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

    abstract WindowBytesStoreSupplier windows(String store, Duration retention, Duration size);

    /** Windows that keep records of the same key and time beside one another, as joins need them. */
    abstract WindowBytesStoreSupplier joinWindows(String store, Duration retention, Duration size);

    abstract SessionBytesStoreSupplier sessions(String store, Duration retention);
}
