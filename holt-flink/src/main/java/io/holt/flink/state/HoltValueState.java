package io.holt.flink.state;

import io.holt.flink.layout.StateKeyBuilder;
import io.holt.flink.layout.StateTree;
import java.io.IOException;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.internal.InternalValueState;

/** One value for a key and namespace: one record. */
public final class HoltValueState<K, N, V> extends AbstractHoltState<K, N, V> implements InternalValueState<K, N, V> {

    public HoltValueState(
            StateTree stateTree,
            RegisteredKeyValueStateBackendMetaInfo<N, V> metaInfo,
            V defaultValue,
            StateKeyBuilder<K> keys) {
        super(stateTree, metaInfo, defaultValue, keys);
    }

    @Override
    public V value() throws IOException {
        V value = readValue();
        return value == null ? copyOfDefaultValue() : value;
    }

    @Override
    public void update(V value) throws IOException {
        if (value == null) {
            clear();
        } else {
            writeValue(value);
        }
    }
}
