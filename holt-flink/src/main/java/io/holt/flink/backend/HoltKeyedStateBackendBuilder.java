package io.holt.flink.backend;

import io.holt.flink.layout.StateTrees;
import io.holt.flink.snapshot.LocalPacks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.runtime.execution.CancelTaskException;
import org.apache.flink.runtime.metrics.MetricNames;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.StateBackend.KeyedStateBackendParameters;
import org.apache.flink.runtime.state.StateSerializerProvider;
import org.apache.flink.runtime.state.restore.FullSnapshotRestoreOperation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds a keyed state backend on an open database and restores its state. If it fails, the database is closed. */
public final class HoltKeyedStateBackendBuilder<K> {

    private static final Logger LOG = LoggerFactory.getLogger(HoltKeyedStateBackendBuilder.class);

    private final KeyedStateBackendParameters<K> parameters;
    private final OpenDatabase database;
    private final BackendSettings settings;

    public HoltKeyedStateBackendBuilder(
            KeyedStateBackendParameters<K> parameters, OpenDatabase database, BackendSettings settings) {
        this.parameters = parameters;
        this.database = database;
        this.settings = settings;
    }

    /**
     * Restores the state, if there is any.
     *
     * @throws BackendBuildingException if the state can't be restored
     */
    public HoltKeyedStateBackend<K> build() throws BackendBuildingException {
        try {
            HeapTimers heapTimers = settings.timersOnHeap()
                    ? new HeapTimers(parameters.getKeyGroupRange(), parameters.getNumberOfKeyGroups())
                    : null;
            StateSerializerProvider<K> keySerializers =
                    StateSerializerProvider.fromNewRegisteredSerializer(parameters.getKeySerializer());
            LocalRecoveryConfig localRecovery =
                    parameters.getEnv().getTaskStateManager().createLocalRecoveryConfig();
            LocalPacks localPacks =
                    settings.incremental() && localRecovery.isLocalBackupEnabled() ? localPacks(localRecovery) : null;
            RestoredState restored = restore(heapTimers, keySerializers, localPacks);
            // Only now: restoring may reconfigure the serializer.
            TypeSerializer<K> keySerializer = keySerializers.currentSchemaSerializer();
            BackendParts<K> parts =
                    new BackendParts<>(database, restored, heapTimers, keySerializer, localRecovery, localPacks);
            HoltKeyedStateBackend<K> backend = new HoltKeyedStateBackend<>(parameters, parts, settings);
            database.startReading(
                    parameters.getOperatorIdentifier(),
                    cause -> parameters.getEnv().failExternally(cause));
            return backend;
        } catch (Exception | Error e) {
            database.close();
            if (parameters.getCancelStreamRegistry().isClosed()) {
                throw new BackendBuildingException(
                        "the task was cancelled while its state was restored", new CancelTaskException(e));
            }
            throw new BackendBuildingException(
                    "the keyed state of operator " + parameters.getOperatorIdentifier() + " can't be restored: "
                            + e.getMessage(),
                    e);
        }
    }

    /** Null, which is said, if checkpoints could not have links to the copies: they would cost and be of no use. */
    private LocalPacks localPacks(LocalRecoveryConfig localRecovery) throws IOException {
        LocalPacks packs = new LocalPacks(database.packDirectory());
        Path checkpoints = localRecovery
                .getLocalStateDirectoryProvider()
                .orElseThrow(LocalRecoveryConfig.localRecoveryNotEnabled())
                .subtaskBaseDirectory(0)
                .toPath();
        if (packs.canLinkTo(checkpoints)) {
            return packs;
        }
        LOG.warn(
                "Operator {}: local recovery is off, for {} and {} are not on one file system. Let {} and the backend's"
                        + " local directories be on one.",
                parameters.getOperatorIdentifier(),
                checkpoints,
                packs.directory(),
                CheckpointingOptions.LOCAL_RECOVERY_TASK_MANAGER_STATE_ROOT_DIRS.key());
        return null;
    }

    private RestoredState restore(
            HeapTimers heapTimers, StateSerializerProvider<K> keySerializers, LocalPacks localPacks) throws Exception {
        List<KeyedStateHandle> handles =
                parameters.getStateHandles().stream().filter(Objects::nonNull).toList();
        if (handles.isEmpty()) {
            database.openEmpty();
            return RestoredState.withoutHistory(new StateTrees(database.db()));
        }
        long start = System.nanoTime();
        boolean ofFrames = handles.stream().allMatch(IncrementalKeyedStateHandle.class::isInstance);
        RestoredState restored = ofFrames
                ? restoreFrames(handles, heapTimers, keySerializers, localPacks)
                : restoreRecords(handles, heapTimers, keySerializers);
        long millis = (System.nanoTime() - start) / 1_000_000;
        LOG.info("Operator {}: state was restored in {} ms.", parameters.getOperatorIdentifier(), millis);
        parameters.getCustomInitializationMetrics().addMetric(MetricNames.RESTORE_STATE_DURATION, millis);
        return restored;
    }

    private RestoredState restoreFrames(
            List<KeyedStateHandle> handles,
            HeapTimers heapTimers,
            StateSerializerProvider<K> keySerializers,
            LocalPacks localPacks)
            throws Exception {
        List<IncrementalKeyedStateHandle> ofFrames =
                handles.stream().map(IncrementalKeyedStateHandle.class::cast).toList();
        RestoredState restored = new IncrementalRestore<K>(
                        database,
                        heapTimers,
                        parameters.getKeyGroupRange(),
                        parameters.getNumberOfKeyGroups(),
                        parameters.getCancelStreamRegistry(),
                        settings.lazyRestoreBytes())
                .restore(
                        ofFrames,
                        keySerializers,
                        parameters.getEnv().getUserCodeClassLoader().asClassLoader(),
                        localPacks);
        // Flink closes the registry when the backend is made; from then on the backend itself is closed.
        if (!database.outlives(parameters.getCancelStreamRegistry())) {
            throw new CancelTaskException("the task was cancelled while its state was restored");
        }
        return restored;
    }

    private RestoredState restoreRecords(
            List<KeyedStateHandle> handles, HeapTimers heapTimers, StateSerializerProvider<K> keySerializers)
            throws Exception {
        FullSnapshotRestoreOperation<K> operation = new FullSnapshotRestoreOperation<>(
                parameters.getKeyGroupRange(),
                parameters.getEnv().getUserCodeClassLoader().asClassLoader(),
                FullRestore.readable(handles),
                keySerializers);
        database.openEmpty();
        StateTrees trees = new StateTrees(database.db());
        new FullRestore(trees, heapTimers, parameters.getNumberOfKeyGroups(), parameters.getCancelStreamRegistry())
                .restore(operation, handles);
        return RestoredState.withoutHistory(trees);
    }
}
