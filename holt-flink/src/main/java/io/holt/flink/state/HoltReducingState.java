package io.holt.flink.state;

import io.holt.flink.layout.StateKeyBuilder;
import io.holt.flink.layout.StateTree;
import java.io.IOException;
import org.apache.flink.api.common.functions.ReduceFunction;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.internal.InternalReducingState;

/** The values of a key and namespace, reduced to one. */
public final class HoltReducingState<K, N, V> extends AbstractHoltAccumulatingState<K, N, V, V, V>
        implements InternalReducingState<K, N, V> {

    private ReduceFunction<V> reduceFunction;

    public HoltReducingState(
            StateTree stateTree,
            RegisteredKeyValueStateBackendMetaInfo<N, V> metaInfo,
            ReducingStateDescriptor<V> descriptor,
            StateKeyBuilder<K> keys) {
        super(stateTree, metaInfo, descriptor.getDefaultValue(), keys);
        this.reduceFunction = descriptor.getReduceFunction();
    }

    @Override
    @SuppressWarnings("unchecked")
    public void update(RegisteredKeyValueStateBackendMetaInfo<N, ?> metaInfo, StateDescriptor<?, ?> descriptor) {
        super.update(metaInfo, descriptor);
        this.reduceFunction = ((ReducingStateDescriptor<V>) descriptor).getReduceFunction();
    }

    @Override
    public V get() throws IOException {
        return readValue();
    }

    @Override
    public void add(V value) throws Exception {
        V reduced = readValue();
        writeValue(reduced == null ? value : reduceFunction.reduce(reduced, value));
    }

    @Override
    V merge(V target, V source) throws Exception {
        return reduceFunction.reduce(target, source);
    }
}
