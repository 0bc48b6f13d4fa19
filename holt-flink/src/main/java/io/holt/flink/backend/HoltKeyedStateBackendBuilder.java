package io.holt.flink.backend;

import io.holt.flink.layout.StateTrees;
import java.util.Collection;
import java.util.Objects;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.execution.CancelTaskException;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.runtime.state.KeyedStateHandle;
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
            StateTrees trees = new StateTrees(database.db());
            HeapTimers heapTimers = settings.timersOnHeap()
                    ? new HeapTimers(parameters.getKeyGroupRange(), parameters.getNumberOfKeyGroups())
                    : null;
            TypeSerializer<K> keySerializer = restore(trees, heapTimers);
            return new HoltKeyedStateBackend<>(parameters, database, trees, heapTimers, keySerializer, settings);
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

    /** Restores the state and answers the key serializer to go on with. */
    private TypeSerializer<K> restore(StateTrees trees, HeapTimers heapTimers) throws Exception {
        StateSerializerProvider<K> keySerializers =
                StateSerializerProvider.fromNewRegisteredSerializer(parameters.getKeySerializer());
        Collection<KeyedStateHandle> handles = parameters.getStateHandles();
        if (handles.stream().anyMatch(Objects::nonNull)) {
            FullSnapshotRestoreOperation<K> operation = new FullSnapshotRestoreOperation<>(
                    parameters.getKeyGroupRange(),
                    parameters.getEnv().getUserCodeClassLoader().asClassLoader(),
                    FullRestore.readable(handles),
                    keySerializers);
            long start = System.nanoTime();
            new FullRestore(trees, heapTimers, parameters.getNumberOfKeyGroups(), parameters.getCancelStreamRegistry())
                    .restore(operation, handles);
            long millis = (System.nanoTime() - start) / 1_000_000;
            LOG.info("Operator {}: state was restored in {} ms.", parameters.getOperatorIdentifier(), millis);
        }
        // Only now: restoring may reconfigure the serializer.
        return keySerializers.currentSchemaSerializer();
    }
}
