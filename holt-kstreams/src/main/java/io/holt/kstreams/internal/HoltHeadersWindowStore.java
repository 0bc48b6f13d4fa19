package io.holt.kstreams.internal;

import org.apache.kafka.streams.state.HeadersBytesStore;

/** A window store whose values begin with headers and timestamp; see {@link HoltTimestampedKeyValueStore}. */
public final class HoltHeadersWindowStore extends HoltTimestampedWindowStore implements HeadersBytesStore {

    HoltHeadersWindowStore(String name, WindowSettings settings, StoreDatabases databases) {
        super(name, StoreKind.HEADERS_WINDOW, settings, databases);
    }
}
