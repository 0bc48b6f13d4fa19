package io.holt.kstreams.internal;

import org.apache.kafka.streams.state.HeadersBytesStore;

/**
 * A key-value store whose values begin with the record's headers and its timestamp. The marker interface is what keeps
 * both, as in {@link HoltTimestampedKeyValueStore}.
 */
public final class HoltHeadersKeyValueStore extends HoltKeyValueStore implements HeadersBytesStore {

    HoltHeadersKeyValueStore(String name, StoreDatabases databases) {
        super(name, StoreKind.HEADERS, databases);
    }
}
