package io.holt.flink.snapshot;

import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.SnapshotType;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.CheckpointStreamWithResultProvider;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.FullSnapshotAsyncWriter;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.SnapshotStrategy;
import org.apache.flink.util.function.SupplierWithException;

/** Checkpoints that hold all state: one stream of canonical records, and a copy of it for local recovery. */
public final class FullCheckpointStrategy<K> implements SnapshotStrategy<KeyedStateHandle, HoltSnapshotResources<K>> {

    private final HoltSnapshotResources.Source<K> source;
    private final LocalRecoveryConfig localRecovery;

    public FullCheckpointStrategy(HoltSnapshotResources.Source<K> source, LocalRecoveryConfig localRecovery) {
        this.source = source;
        this.localRecovery = localRecovery;
    }

    @Override
    public HoltSnapshotResources<K> syncPrepareResources(long checkpointId) throws Exception {
        return source.freeze(true);
    }

    @Override
    public SnapshotResultSupplier<KeyedStateHandle> asyncSnapshot(
            HoltSnapshotResources<K> resources,
            long checkpointId,
            long timestamp,
            CheckpointStreamFactory streamFactory,
            CheckpointOptions checkpointOptions) {
        if (resources.getMetaInfoSnapshots().isEmpty()) {
            return registry -> SnapshotResult.empty();
        }
        SnapshotType type = checkpointOptions.getCheckpointType();
        SupplierWithException<CheckpointStreamWithResultProvider, Exception> streams =
                () -> openStream(checkpointId, streamFactory);
        return new FullSnapshotAsyncWriter<>(type, streams, resources);
    }

    private CheckpointStreamWithResultProvider openStream(long checkpointId, CheckpointStreamFactory streamFactory)
            throws Exception {
        if (!localRecovery.isLocalBackupEnabled()) {
            return CheckpointStreamWithResultProvider.createSimpleStream(
                    CheckpointedStateScope.EXCLUSIVE, streamFactory);
        }
        return CheckpointStreamWithResultProvider.createDuplicatingStream(
                checkpointId,
                CheckpointedStateScope.EXCLUSIVE,
                streamFactory,
                localRecovery
                        .getLocalStateDirectoryProvider()
                        .orElseThrow(LocalRecoveryConfig.localRecoveryNotEnabled()));
    }
}
