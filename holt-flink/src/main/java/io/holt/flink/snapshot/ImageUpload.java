package io.holt.flink.snapshot;

import io.holt.api.CheckpointImage;
import io.holt.flink.snapshot.IncrementalCheckpointStrategy.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.core.memory.DataOutputViewStreamWrapper;
import org.apache.flink.runtime.checkpoint.SnapshotType.SharingFilesStrategy;
import org.apache.flink.runtime.checkpoint.filemerging.FileMergingSnapshotManager;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.CheckpointStreamWithResultProvider;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.DirectoryStateHandle;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalLocalKeyedStateHandle;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyedBackendSerializationProxy;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.LocalSnapshotDirectoryProvider;
import org.apache.flink.runtime.state.PlaceholderStreamStateHandle;
import org.apache.flink.runtime.state.SnapshotDirectory;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.StateUtil;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.UncompressedStreamCompressionDecorator;
import org.apache.flink.util.FileUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes one checkpoint of frames, in a thread of its own. If it fails it deletes what it wrote.
 */
final class ImageUpload<K> {

    private static final Logger LOG = LoggerFactory.getLogger(ImageUpload.class);

    private final Settings settings;
    private final HoltSnapshotResources<K> resources;
    private final long checkpointId;
    private final CheckpointStreamFactory streams;
    private final SharingFilesStrategy sharing;
    private final UploadHistory.Base base;

    /** Packs of this checkpoint. */
    private final List<Pack> written = new ArrayList<>();

    private SnapshotResult<StreamStateHandle> metadata;

    /** @param base what the checkpoint builds on, or null if it is to have all frames of its own */
    ImageUpload(
            Settings settings,
            HoltSnapshotResources<K> resources,
            long checkpointId,
            CheckpointStreamFactory streams,
            SharingFilesStrategy sharing,
            UploadHistory.Base base) {
        this.settings = settings;
        this.resources = resources;
        this.checkpointId = checkpointId;
        this.streams = streams;
        this.sharing = sharing;
        this.base = base;
    }

    SnapshotResult<KeyedStateHandle> run(CloseableRegistry cancellation) throws Exception {
        resources.awaitRestored();
        boolean completed = false;
        try {
            CheckpointImage whole = resources.snapshot().image(0);
            UploadedImage image = writeFrames(base, whole.epoch(), cancellation);
            metadata = writeMetadata(image, whole.catalog(), cancellation);
            Set<Pack> lost = recorded(image);
            while (!lost.isEmpty()) {
                LOG.info(
                        "Checkpoint {} does without {} packs, which one that was taken before it does not use.",
                        checkpointId,
                        lost.size());
                Set<Pack> kept = new HashSet<>(image.packs());
                kept.removeAll(lost);
                image = writeFrames(new UploadHistory.Base(image, kept), whole.epoch(), cancellation);
                StateUtil.discardStateObjectQuietly(metadata);
                metadata = null;
                metadata = writeMetadata(image, whole.catalog(), cancellation);
                lost = recorded(image);
            }
            SnapshotResult<KeyedStateHandle> result = result(image);
            completed = true;
            return result;
        } finally {
            if (!completed) {
                giveUp();
            }
            if (isShared() && settings.localPacks() != null) {
                settings.localPacks().settle(written.stream().map(Pack::name).toList());
            }
        }
    }

    private boolean isShared() {
        return sharing != SharingFilesStrategy.NO_SHARING;
    }

    /** @return the packs that it must not use; if there are none, later checkpoints may build on it */
    private Set<Pack> recorded(UploadedImage image) {
        return isShared() ? settings.history().uploaded(checkpointId, image, Set.copyOf(written)) : Set.of();
    }

    private UploadedImage writeFrames(UploadHistory.Base building, long epoch, CloseableRegistry cancellation)
            throws IOException {
        try (PackWriter writer = new PackWriter(
                streams,
                isShared() ? CheckpointedStateScope.SHARED : CheckpointedStateScope.EXCLUSIVE,
                settings.packBytes(),
                resources.getStreamCompressionDecorator(),
                cancellation,
                isShared() ? settings.localPacks() : null)) {
            UploadedImage image =
                    new FrameUpload(settings, resources.snapshot(), streams, building, isShared()).write(writer, epoch);
            written.addAll(writer.packs());
            return image;
        }
    }

    private void giveUp() {
        settings.history().abort(checkpointId);
        PackWriter.discard(written);
        if (metadata != null) {
            StateUtil.discardStateObjectQuietly(metadata);
        }
    }

    private SnapshotResult<StreamStateHandle> writeMetadata(
            UploadedImage image, byte[] catalog, CloseableRegistry cancellation) throws Exception {
        ImageMetadata content = new ImageMetadata(image, catalog, resources.sequences(), resources.heapTimers());
        LocalRecoveryConfig local = settings.localRecovery();
        CheckpointStreamWithResultProvider stream = keepsLocalCopy()
                ? CheckpointStreamWithResultProvider.createDuplicatingStream(
                        checkpointId, CheckpointedStateScope.EXCLUSIVE, streams, localDirectories(local))
                : CheckpointStreamWithResultProvider.createSimpleStream(CheckpointedStateScope.EXCLUSIVE, streams);
        cancellation.registerCloseable(stream);
        boolean finished = false;
        try {
            boolean compressed =
                    !(resources.getStreamCompressionDecorator() instanceof UncompressedStreamCompressionDecorator);
            DataOutputViewStreamWrapper out = new DataOutputViewStreamWrapper(stream.getCheckpointOutputStream());
            new KeyedBackendSerializationProxy<>(
                            resources.getKeySerializer(), resources.getMetaInfoSnapshots(), compressed)
                    .write(out);
            content.write(out);
            if (!cancellation.unregisterCloseable(stream)) {
                throw new IOException("the checkpoint was cancelled");
            }
            finished = true;
            return stream.closeAndFinalizeCheckpointStreamResult();
        } finally {
            if (!finished) {
                cancellation.unregisterCloseable(stream);
                stream.close();
            }
        }
    }

    private boolean keepsLocalCopy() {
        return settings.localPacks() != null && isShared();
    }

    private static LocalSnapshotDirectoryProvider localDirectories(LocalRecoveryConfig local) {
        return local.getLocalStateDirectoryProvider().orElseThrow(LocalRecoveryConfig.localRecoveryNotEnabled());
    }

    private SnapshotResult<KeyedStateHandle> result(UploadedImage image) throws IOException {
        // Of packs that were written and then done without, nobody else knows.
        List<Pack> needless = new ArrayList<>(written);
        needless.removeAll(image.packs());
        PackWriter.discard(needless);
        written.removeAll(needless);
        List<HandleAndLocalPath> packs = new ArrayList<>();
        List<StreamStateHandle> reused = new ArrayList<>();
        long bytes = metadata.getStateSize();
        for (Pack pack : image.packs()) {
            StreamStateHandle handle = pack.handle();
            if (written.contains(pack)) {
                bytes += pack.bytes();
            } else {
                // The JobManager has the handle; it need not be sent again.
                handle = new PlaceholderStreamStateHandle(
                        handle.getStreamStateHandleID(),
                        handle.getStateSize(),
                        FileMergingSnapshotManager.isFileMergingHandle(handle));
                reused.add(handle);
            }
            packs.add(HandleAndLocalPath.of(handle, pack.name()));
        }
        streams.reusePreviousStateHandle(reused);
        long uploadedFrames = image.frames().stream()
                .filter(frame -> written.contains(frame.last().pack()))
                .count();
        settings.listener().accept(new UploadFigures(image.frames().size(), uploadedFrames, bytes, packs.size()));
        IncrementalRemoteKeyedStateHandle remote = new IncrementalRemoteKeyedStateHandle(
                settings.backendId(),
                resources.getKeyGroupRange(),
                checkpointId,
                packs,
                List.of(),
                metadata.getJobManagerOwnedSnapshot(),
                bytes);
        KeyedStateHandle local = keepsLocalCopy() ? localHandle(image, packs) : null;
        return local == null ? SnapshotResult.of(remote) : SnapshotResult.withLocalState(remote, local);
    }

    /** A handle of the copies on the local disk; null if there is none of some pack. */
    private KeyedStateHandle localHandle(UploadedImage image, List<HandleAndLocalPath> packs) {
        if (metadata.getTaskLocalSnapshot() == null) {
            return null;
        }
        try {
            Path checkpoint = localDirectories(settings.localRecovery())
                    .subtaskSpecificCheckpointDirectory(checkpointId)
                    .toPath();
            Path directory = checkpoint.resolve("holt-" + settings.backendId());
            // A checkpoint of this number that failed may have left something.
            FileUtils.deleteDirectory(directory.toFile());
            Files.createDirectories(directory);
            SnapshotDirectory local = SnapshotDirectory.permanent(directory);
            settings.localPacks().retain(settings.history()::packs);
            if (!settings.localPacks().link(image.packs(), directory)) {
                LOG.info("Checkpoint {} has no local copy, for there is none of some of its packs.", checkpointId);
                return null;
            }
            DirectoryStateHandle handle = local.completeSnapshotAndGetHandle();
            return new IncrementalLocalKeyedStateHandle(
                    settings.backendId(),
                    checkpointId,
                    handle,
                    resources.getKeyGroupRange(),
                    metadata.getTaskLocalSnapshot(),
                    packs);
        } catch (IOException e) {
            LOG.warn(
                    "The local copy of checkpoint {} can't be made; it can be restored all the same.", checkpointId, e);
            return null;
        }
    }
}
