package io.holt.kstreams.internal;

import org.apache.kafka.streams.state.HeadersBytesStore;

/** A session store whose values begin with headers; see {@link HoltTimestampedKeyValueStore}. */
public final class HoltHeadersSessionStore extends HoltSessionStore implements HeadersBytesStore {

    HoltHeadersSessionStore(String name, SegmentSettings segments, StoreDatabases databases) {
        super(name, StoreKind.HEADERS_SESSION, segments, databases);
    }
}
