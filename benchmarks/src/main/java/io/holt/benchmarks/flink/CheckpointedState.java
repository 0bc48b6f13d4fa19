package io.holt.benchmarks.flink;

import io.holt.flink.backend.HoltKeyedStateBackend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;

/** Bytes by key, in the backend of one subtask. */
final class CheckpointedState implements AutoCloseable {

    private final KeyedState keyed;
    private final ValueState<byte[]> state;

    CheckpointedState(
            BackendKind kind,
            long managedBytes,
            Path work,
            int keyGroups,
            KeyGroupRange range,
            List<KeyedStateHandle> handles)
            throws Exception {
        this.keyed = new KeyedState(kind, managedBytes, work, keyGroups, range, handles);
        this.state = keyed.state(new ValueStateDescriptor<>("bytes", BytePrimitiveArraySerializer.INSTANCE));
    }

    void update(long key, byte[] value) throws IOException {
        keyed.backend().setCurrentKey(key);
        state.update(value);
    }

    byte[] value(long key) throws IOException {
        keyed.backend().setCurrentKey(key);
        return state.value();
    }

    /** The synchronous part of an incremental checkpoint; running the future is the rest of it. */
    RunnableFuture<SnapshotResult<KeyedStateHandle>> freeze(long checkpointId, CheckpointStreamFactory streams)
            throws Exception {
        return keyed.backend()
                .snapshot(checkpointId, checkpointId, streams, CheckpointOptions.forCheckpointWithDefaultLocation());
    }

    /** Returns when all state is local; answers whether it might have been not. */
    boolean awaitRestored() throws IOException {
        if (keyed.backend() instanceof HoltKeyedStateBackend<?> holt) {
            holt.awaitRestored();
            return true;
        }
        return false;
    }

    void confirm(long checkpointId) throws Exception {
        if (keyed.backend() instanceof CheckpointListener listener) {
            listener.notifyCheckpointComplete(checkpointId);
        }
    }

    @Override
    public void close() throws IOException {
        keyed.close();
    }
}
