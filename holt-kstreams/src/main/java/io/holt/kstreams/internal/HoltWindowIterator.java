package io.holt.kstreams.internal;

import java.util.function.Supplier;
import org.apache.kafka.streams.state.WindowStoreIterator;

/** Walks over the windows of one key; the keys given out are the starts of the windows. */
final class HoltWindowIterator extends HoltIterator<Long> implements WindowStoreIterator<byte[]> {

    HoltWindowIterator(String storeName, Supplier<Walk> plan, OpenIterators registry, Object storeLock) {
        super(storeName, plan, WindowKey::timestamp, registry, storeLock, false);
    }
}
