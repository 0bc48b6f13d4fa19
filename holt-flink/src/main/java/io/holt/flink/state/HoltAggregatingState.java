package io.holt.flink.state;

import io.holt.flink.layout.StateKeyBuilder;
import io.holt.flink.layout.StateTree;
import java.io.IOException;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.api.common.state.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.internal.InternalAggregatingState;

/** The values of a key and namespace, aggregated in an accumulator. */
public final class HoltAggregatingState<K, N, IN, ACC, OUT> extends AbstractHoltAccumulatingState<K, N, IN, ACC, OUT>
        implements InternalAggregatingState<K, N, IN, ACC, OUT> {

    private AggregateFunction<IN, ACC, OUT> aggregateFunction;

    public HoltAggregatingState(
            StateTree stateTree,
            RegisteredKeyValueStateBackendMetaInfo<N, ACC> metaInfo,
            AggregatingStateDescriptor<IN, ACC, OUT> descriptor,
            StateKeyBuilder<K> keys) {
        super(stateTree, metaInfo, descriptor.getDefaultValue(), keys);
        this.aggregateFunction = descriptor.getAggregateFunction();
    }

    @Override
    @SuppressWarnings("unchecked")
    public void update(RegisteredKeyValueStateBackendMetaInfo<N, ?> metaInfo, StateDescriptor<?, ?> descriptor) {
        super.update(metaInfo, descriptor);
        this.aggregateFunction = ((AggregatingStateDescriptor<IN, ACC, OUT>) descriptor).getAggregateFunction();
    }

    @Override
    public OUT get() throws IOException {
        ACC accumulator = readValue();
        return accumulator == null ? null : aggregateFunction.getResult(accumulator);
    }

    @Override
    public void add(IN value) throws IOException {
        ACC accumulator = readValue();
        if (accumulator == null) {
            accumulator = aggregateFunction.createAccumulator();
        }
        updateInternal(aggregateFunction.add(value, accumulator));
    }

    @Override
    ACC merge(ACC target, ACC source) {
        return aggregateFunction.merge(target, source);
    }
}
