package io.holt.flink;

import java.io.IOException;
import java.util.Collection;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.execution.Environment;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateBackendParametersImpl;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;

/** Keyed backends with string keys and ten key groups, outside of jobs. */
final class TestBackends {

    static final int KEY_GROUPS = 10;

    private TestBackends() {}

    static CheckpointableKeyedStateBackend<String> create(
            StateBackend backend, Environment environment, Collection<KeyedStateHandle> handles) throws Exception {
        return backend.createKeyedStateBackend(new KeyedStateBackendParametersImpl<>(
                environment,
                new JobID(),
                "operator",
                StringSerializer.INSTANCE,
                KEY_GROUPS,
                new KeyGroupRange(0, KEY_GROUPS - 1),
                environment.getTaskKvStateRegistry(),
                TtlTimeProvider.DEFAULT,
                new UnregisteredMetricsGroup(),
                handles,
                new CloseableRegistry()));
    }

    static CheckpointableKeyedStateBackend<String> create(StateBackend backend, Environment environment)
            throws Exception {
        return create(backend, environment, List.of());
    }

    static ValueState<Integer> valueState(CheckpointableKeyedStateBackend<String> keyed) throws Exception {
        return keyed.getPartitionedState(
                VoidNamespace.INSTANCE,
                VoidNamespaceSerializer.INSTANCE,
                new ValueStateDescriptor<>("value", IntSerializer.INSTANCE));
    }

    static ValueState<byte[]> bytesState(CheckpointableKeyedStateBackend<String> keyed) throws Exception {
        return keyed.getPartitionedState(
                VoidNamespace.INSTANCE,
                VoidNamespaceSerializer.INSTANCE,
                new ValueStateDescriptor<>("values", BytePrimitiveArraySerializer.INSTANCE));
    }

    /** Gives keys from one number on new values of 100 bytes. */
    static void change(
            CheckpointableKeyedStateBackend<String> keyed,
            ValueState<byte[]> values,
            Random random,
            int from,
            int count)
            throws IOException {
        for (int i = from; i < from + count; i++) {
            byte[] value = new byte[100];
            random.nextBytes(value);
            keyed.setCurrentKey("key-" + i);
            values.update(value);
        }
    }

    static SnapshotResult<KeyedStateHandle> checkpoint(CheckpointableKeyedStateBackend<String> keyed) throws Exception {
        return checkpoint(keyed, 1);
    }

    static SnapshotResult<KeyedStateHandle> checkpoint(CheckpointableKeyedStateBackend<String> keyed, long checkpointId)
            throws Exception {
        return checkpoint(keyed, checkpointId, CheckpointOptions.forCheckpointWithDefaultLocation());
    }

    static SnapshotResult<KeyedStateHandle> checkpoint(
            CheckpointableKeyedStateBackend<String> keyed, long checkpointId, CheckpointOptions options)
            throws Exception {
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future =
                keyed.snapshot(checkpointId, checkpointId, new MemCheckpointStreamFactory(16 * 1024 * 1024), options);
        future.run();
        return future.get();
    }

    /** The backend as what is told of complete and aborted checkpoints. */
    static CheckpointListener listener(CheckpointableKeyedStateBackend<?> keyed) {
        return (CheckpointListener) keyed;
    }

    static void dispose(CheckpointableKeyedStateBackend<?> keyed) throws Exception {
        keyed.close();
        keyed.dispose();
    }
}
