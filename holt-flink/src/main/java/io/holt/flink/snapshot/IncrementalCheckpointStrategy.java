package io.holt.flink.snapshot;

import java.util.UUID;
import java.util.function.Consumer;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.SnapshotType.SharingFilesStrategy;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.SnapshotStrategy;

/**
 * Checkpoints of frames: those that changed since the last confirmed one are written, the others are named. Also
 * savepoints in native format, which write all frames and share none.
 */
public final class IncrementalCheckpointStrategy<K>
        implements SnapshotStrategy<KeyedStateHandle, HoltSnapshotResources<K>> {

    private final HoltSnapshotResources.Source<K> source;
    private final Settings settings;

    public IncrementalCheckpointStrategy(HoltSnapshotResources.Source<K> source, Settings settings) {
        this.source = source;
        this.settings = settings;
    }

    /**
     * How checkpoints of frames are taken.
     *
     * @param backendId tells the backend, and those restored from its checkpoints as a whole, from others
     * @param history what was written before
     * @param packBytes a pack is closed once it has so many bytes
     * @param liveShare packs are written again if less than this share of them, 0 to 1, is in use
     * @param localPacks where local copies are kept, or null if there are none
     * @param listener told of each checkpoint that was written, in the thread that wrote it
     */
    public record Settings(
            UUID backendId,
            UploadHistory history,
            long packBytes,
            double liveShare,
            LocalRecoveryConfig localRecovery,
            LocalPacks localPacks,
            Consumer<UploadFigures> listener) {}

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
        SharingFilesStrategy sharing = checkpointOptions.getCheckpointType().getSharingFilesStrategy();
        UploadHistory.Base base = begin(checkpointId, sharing);
        return registry ->
                new ImageUpload<>(settings, resources, checkpointId, streamFactory, sharing, base).run(registry);
    }

    private UploadHistory.Base begin(long checkpointId, SharingFilesStrategy sharing) {
        UploadHistory history = settings.history();
        return switch (sharing) {
            case FORWARD_BACKWARD -> history.begin(checkpointId);
            case FORWARD -> {
                history.beginWhole(checkpointId);
                yield null;
            }
            case NO_SHARING -> null;
        };
    }
}
