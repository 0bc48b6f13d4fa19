package io.holt.kstreams.internal;

import java.util.NoSuchElementException;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.WindowStoreIterator;

/**
 * The iterator over nothing.
 *
 * @param <K> what its keys would be
 */
class EmptyIterator<K> implements KeyValueIterator<K, byte[]> {

    /** The iterator over no windows of a key. */
    static final class OfWindows extends EmptyIterator<Long> implements WindowStoreIterator<byte[]> {}

    @Override
    public boolean hasNext() {
        return false;
    }

    @Override
    public KeyValue<K, byte[]> next() {
        throw new NoSuchElementException();
    }

    @Override
    public K peekNextKey() {
        throw new NoSuchElementException();
    }

    @Override
    public void close() {
        // holds nothing
    }
}
