package io.holt.kstreams.internal;

import org.apache.kafka.streams.state.TimestampedBytesStore;

/** A window store whose values begin with their timestamp; see {@link HoltTimestampedKeyValueStore}. */
public class HoltTimestampedWindowStore extends HoltWindowStore implements TimestampedBytesStore {

    HoltTimestampedWindowStore(String name, StoreKind kind, WindowSettings settings, StoreDatabases databases) {
        super(name, kind, settings, databases);
    }
}
