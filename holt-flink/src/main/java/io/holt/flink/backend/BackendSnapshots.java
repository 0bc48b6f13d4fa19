package io.holt.flink.backend;

import io.holt.flink.snapshot.FullCheckpointStrategy;
import io.holt.flink.snapshot.HoltSnapshotResources;
import io.holt.flink.snapshot.IncrementalCheckpointStrategy;
import io.holt.flink.snapshot.UploadFigures;
import io.holt.flink.snapshot.UploadHistory;
import java.io.IOException;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SavepointResources;
import org.apache.flink.runtime.state.SnapshotExecutionType;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.SnapshotStrategyRunner;

/** The checkpoints and savepoints of a backend: which are of frames and which of records, and what they build on. */
final class BackendSnapshots<K> {

    private final HoltSnapshotResources.Source<K> source;
    private final boolean incremental;
    private final UploadHistory history;
    private final SnapshotStrategyRunner<KeyedStateHandle, HoltSnapshotResources<K>> ofRecords;
    private final SnapshotStrategyRunner<KeyedStateHandle, HoltSnapshotResources<K>> ofFrames;
    private volatile UploadFigures lastUpload = new UploadFigures(0, 0, 0, 0);

    BackendSnapshots(
            HoltSnapshotResources.Source<K> source,
            BackendParts<K> parts,
            BackendSettings settings,
            CloseableRegistry cancellation) {
        this.source = source;
        this.incremental = settings.incremental();
        this.history = parts.restored().history();
        this.ofRecords = new SnapshotStrategyRunner<>(
                "Holt full checkpoint",
                new FullCheckpointStrategy<>(source, parts.localRecovery()),
                cancellation,
                SnapshotExecutionType.ASYNCHRONOUS);
        IncrementalCheckpointStrategy.Settings ofUploads = new IncrementalCheckpointStrategy.Settings(
                parts.restored().backendId(),
                history,
                settings.packBytes(),
                settings.packLiveShare(),
                parts.localRecovery(),
                parts.localPacks(),
                figures -> lastUpload = figures);
        this.ofFrames = new SnapshotStrategyRunner<>(
                "Holt incremental checkpoint",
                new IncrementalCheckpointStrategy<>(source, ofUploads),
                cancellation,
                SnapshotExecutionType.ASYNCHRONOUS);
    }

    /** Takes a checkpoint, or a savepoint in native format. */
    RunnableFuture<SnapshotResult<KeyedStateHandle>> take(
            long checkpointId, long timestamp, CheckpointStreamFactory streams, CheckpointOptions options)
            throws Exception {
        boolean isSavepoint = options.getCheckpointType().isSavepoint();
        return (incremental || isSavepoint ? ofFrames : ofRecords).snapshot(checkpointId, timestamp, streams, options);
    }

    /** Freezes the state for a savepoint in canonical format. */
    SavepointResources<K> canonicalSavepoint() throws IOException {
        return new SavepointResources<>(source.freeze(false), SnapshotExecutionType.ASYNCHRONOUS);
    }

    void confirm(long checkpointId) {
        history.confirm(checkpointId);
    }

    void abort(long checkpointId) {
        history.abort(checkpointId);
    }

    /** The instant up to which changes are in a checkpoint that the next one of frames builds on; 0 if there is none. */
    long confirmedEpoch() {
        return history.confirmedEpoch();
    }

    /** What the last checkpoint of frames wrote. */
    UploadFigures lastUpload() {
        return lastUpload;
    }
}
