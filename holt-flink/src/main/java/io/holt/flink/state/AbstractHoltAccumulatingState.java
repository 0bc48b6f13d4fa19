package io.holt.flink.state;

import io.holt.flink.layout.StateKeyBuilder;
import io.holt.flink.layout.StateTree;
import java.io.IOException;
import java.util.Collection;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.internal.InternalMergingState;

/** One accumulator for a key and namespace: one record, read, changed and written back. */
abstract class AbstractHoltAccumulatingState<K, N, IN, ACC, OUT> extends AbstractHoltState<K, N, ACC>
        implements InternalMergingState<K, N, IN, ACC, OUT> {

    AbstractHoltAccumulatingState(
            StateTree stateTree,
            RegisteredKeyValueStateBackendMetaInfo<N, ACC> metaInfo,
            ACC defaultValue,
            StateKeyBuilder<K> keys) {
        super(stateTree, metaInfo, defaultValue, keys);
    }

    /** Two accumulators made one; neither is used afterwards. */
    abstract ACC merge(ACC target, ACC source) throws Exception;

    @Override
    public ACC getInternal() throws IOException {
        return readValue();
    }

    @Override
    public void updateInternal(ACC accumulator) throws IOException {
        if (accumulator == null) {
            clear();
        } else {
            writeValue(accumulator);
        }
    }

    @Override
    public void mergeNamespaces(N target, Collection<N> sources) throws Exception {
        if (sources == null || sources.isEmpty()) {
            return;
        }
        ACC merged = null;
        for (N source : sources) {
            if (source == null) {
                continue;
            }
            setCurrentNamespace(source);
            ACC accumulator = readValue();
            if (accumulator != null) {
                clear();
                merged = merged == null ? accumulator : merge(merged, accumulator);
            }
        }
        setCurrentNamespace(target);
        if (merged != null) {
            ACC own = readValue();
            writeValue(own == null ? merged : merge(own, merged));
        }
    }
}
