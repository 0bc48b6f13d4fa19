package io.holt.flink.state;

import java.io.IOException;
import java.util.Map;
import java.util.Objects;
import org.apache.flink.util.FlinkRuntimeException;

/** An entry that an iterator over map state gave; it stays usable when the iterator has gone on. */
final class MapEntry<UK, UV> implements Map.Entry<UK, UV> {

    private final HoltMapState<?, ?, UK, UV> state;
    private final byte[] prefix;
    private final UK key;
    private UV value;
    private boolean removed;

    MapEntry(HoltMapState<?, ?, UK, UV> state, byte[] prefix, UK key, UV value) {
        this.state = state;
        this.prefix = prefix;
        this.key = key;
        this.value = value;
    }

    void markRemoved() {
        removed = true;
    }

    @Override
    public UK getKey() {
        return key;
    }

    @Override
    public UV getValue() {
        return value;
    }

    @Override
    public UV setValue(UV newValue) {
        if (removed) {
            throw new IllegalStateException("the entry was removed from the map");
        }
        try {
            state.putEntry(prefix, key, newValue);
        } catch (IOException e) {
            throw new FlinkRuntimeException("an entry of map state can't be serialized", e);
        }
        UV old = value;
        value = newValue;
        return old;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Map.Entry<?, ?> entry
                && Objects.equals(key, entry.getKey())
                && Objects.equals(value, entry.getValue());
    }

    @Override
    public int hashCode() {
        return Objects.hashCode(key) ^ Objects.hashCode(value);
    }

    @Override
    public String toString() {
        return key + "=" + value;
    }
}
