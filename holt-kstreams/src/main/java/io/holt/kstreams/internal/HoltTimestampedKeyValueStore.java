package io.holt.kstreams.internal;

import org.apache.kafka.streams.state.TimestampedBytesStore;

/**
 * A key-value store whose values begin with their timestamp. The marker interface is what keeps the timestamps: by it
 * Kafka Streams decides what it writes, and how it converts the changelog's records when it restores.
 */
public final class HoltTimestampedKeyValueStore extends HoltKeyValueStore implements TimestampedBytesStore {

    HoltTimestampedKeyValueStore(String name, StoreDatabases databases) {
        super(name, StoreKind.TIMESTAMPED, databases);
    }
}
