package io.holt.flink.backend;

import io.holt.flink.layout.StateKeyBuilder;
import io.holt.flink.layout.StateTree;
import io.holt.flink.layout.StateTrees;
import io.holt.flink.snapshot.HoltSnapshotResources;
import io.holt.flink.state.KeyScan;
import io.holt.flink.state.KeyStreams;
import io.holt.flink.timer.HoltTimerQueues;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.RunnableFuture;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.AbstractStateBackend;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.InternalKeyContextImpl;
import org.apache.flink.runtime.state.KeyGroupedInternalPriorityQueue;
import org.apache.flink.runtime.state.Keyed;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.PriorityComparable;
import org.apache.flink.runtime.state.PriorityQueueSetFactory;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.SavepointResources;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.StateBackend.KeyedStateBackendParameters;
import org.apache.flink.runtime.state.StateSnapshotTransformer.StateSnapshotTransformFactory;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueElement;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.IOUtils;

/**
 * Keyed state in a Holt database: a tree a state, a tree a timer queue, with keys of
 * {@link io.holt.flink.layout.StateKeyDescriptor}'s layout.
 *
 * <p>A snapshot freezes the database in the task's thread, in a time that does not depend on its size, and is written
 * by another thread. Checkpoints hold frames, or all records if they are not to be incremental.
 *
 * <p>For the task's thread, but for what Flink's interfaces allow other threads.
 */
public final class HoltKeyedStateBackend<K> extends AbstractKeyedStateBackend<K> {

    /** What {@link #getBackendTypeIdentifier} answers. */
    public static final String TYPE_IDENTIFIER = "holt";

    private final OpenDatabase database;
    private final StateTrees trees;
    private final boolean timersOnHeap;
    private final PriorityQueueSetFactory timers;
    private final StateKeyBuilder<K> keys;
    private final TtlSweeper sweeper;
    private final KeyedStates<K> states;
    private final BackendSnapshots<K> snapshots;
    private boolean disposed;

    HoltKeyedStateBackend(KeyedStateBackendParameters<K> parameters, BackendParts<K> parts, BackendSettings settings) {
        super(
                parameters.getKvStateRegistry(),
                parts.keySerializer(),
                parameters.getEnv().getUserCodeClassLoader().asClassLoader(),
                parameters.getEnv().getExecutionConfig(),
                parameters.getTtlTimeProvider(),
                settings.latencyTracking(),
                settings.sizeTracking(),
                new CloseableRegistry(),
                AbstractStateBackend.getCompressionDecorator(parameters.getEnv().getExecutionConfig()),
                new InternalKeyContextImpl<>(parameters.getKeyGroupRange(), parameters.getNumberOfKeyGroups()));
        this.database = parts.database();
        this.trees = parts.restored().trees();
        HeapTimers heapTimers = parts.heapTimers();
        this.timersOnHeap = heapTimers != null;
        this.timers = timersOnHeap ? heapTimers : new HoltTimerQueues(trees, keyGroupRange, numberOfKeyGroups);
        this.keys = new StateKeyBuilder<>(keySerializer, numberOfKeyGroups);
        this.sweeper = new TtlSweeper(settings.ttlSweepInterval(), ttlTimeProvider, parameters.getOperatorIdentifier());
        this.states = new KeyedStates<>(trees, keys, ttlTimeProvider, sweeper);
        HoltSnapshotResources.Source<K> source = new HoltSnapshotResources.Source<>(
                database.db(),
                database::awaitRestored,
                trees,
                timersOnHeap ? heapTimers.queues() : Collections.emptyList(),
                database.guard(),
                keyGroupRange,
                numberOfKeyGroups,
                keySerializer,
                keyGroupCompressionDecorator);
        this.snapshots = new BackendSnapshots<>(source, parts, settings, cancelStreamRegistry);
        if (settings.metrics()) {
            DatabaseMetrics.register(parameters.getMetricGroup(), database, snapshots, keys::built, sweeper);
        }
    }

    @Override
    public void setCurrentKey(K newKey) {
        sweeper.removeSome();
        super.setCurrentKey(newKey);
        keys.setKey(newKey, getCurrentKeyGroupIndex());
    }

    @Override
    public void setCurrentKeyAndKeyGroup(K newKey, int newKeyGroupIndex) {
        sweeper.removeSome();
        super.setCurrentKeyAndKeyGroup(newKey, newKeyGroupIndex);
        keys.setKey(newKey, newKeyGroupIndex);
    }

    @Override
    @SuppressWarnings("TypeParameterUnusedInFormals")
    public <N, SV, SEV, S extends State, IS extends S> IS createOrUpdateInternalState(
            TypeSerializer<N> namespaceSerializer,
            StateDescriptor<S, SV> descriptor,
            StateSnapshotTransformFactory<SEV> transforms)
            throws Exception {
        return createOrUpdateInternalState(namespaceSerializer, descriptor, transforms, false);
    }

    // The state is of the kind that the descriptor stands for.
    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <N, SV, SEV, S extends State, IS extends S> IS createOrUpdateInternalState(
            TypeSerializer<N> namespaceSerializer,
            StateDescriptor<S, SV> descriptor,
            StateSnapshotTransformFactory<SEV> transforms,
            boolean allowFutureMetadataUpdates)
            throws Exception {
        return (IS) states.createOrUpdate(namespaceSerializer, descriptor, transforms, allowFutureMetadataUpdates);
    }

    @Override
    public <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> create(String name, TypeSerializer<T> serializer) {
        return timers.create(name, serializer);
    }

    @Override
    public <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> create(
                    String name, TypeSerializer<T> serializer, boolean allowFutureMetadataUpdates) {
        return timers.create(name, serializer, allowFutureMetadataUpdates);
    }

    @Override
    public <N> Stream<K> getKeys(String state, N namespace) {
        KeyScan<K, N> scan = keyScan(state, namespace);
        return scan == null ? Stream.empty() : KeyStreams.keys(scan);
    }

    @Override
    public <N> Stream<K> getKeys(List<String> stateNames, N namespace) {
        List<KeyScan<K, ?>> scans = new ArrayList<>();
        try {
            for (String stateName : stateNames) {
                KeyScan<K, N> scan = keyScan(stateName, namespace);
                if (scan != null) {
                    scans.add(scan);
                }
            }
        } catch (RuntimeException | Error e) {
            IOUtils.closeAllQuietly(scans);
            throw e;
        }
        return KeyStreams.union(scans);
    }

    /** A walk over the keys of a state that have a namespace; null if there is no such state. */
    private <N> KeyScan<K, N> keyScan(String stateName, N namespace) {
        StateTree tree = trees.get(stateName);
        if (tree == null || !tree.isKeyValue()) {
            return null;
        }
        try {
            return KeyScan.ofKeys(tree.tree(), keySerializer, namespaceSerializer(tree), namespace);
        } catch (IOException e) {
            throw new FlinkRuntimeException("the namespace of state " + stateName + " can't be serialized", e);
        }
    }

    @Override
    public <N> Stream<Tuple2<K, N>> getKeysAndNamespaces(String stateName) {
        StateTree tree = trees.get(stateName);
        if (tree == null || !tree.isKeyValue()) {
            return Stream.empty();
        }
        TypeSerializer<N> namespaceSerializer = namespaceSerializer(tree);
        return KeyStreams.keysAndNamespaces(
                KeyScan.ofKeysAndNamespaces(tree.tree(), keySerializer, namespaceSerializer));
    }

    @SuppressWarnings("unchecked")
    private static <N> TypeSerializer<N> namespaceSerializer(StateTree tree) {
        return ((RegisteredKeyValueStateBackendMetaInfo<N, ?>) tree.metaInfo()).getNamespaceSerializer();
    }

    /** Values, lists and map entries; walks over all of them. */
    @Override
    public int numKeyValueStateEntries() {
        long entries = 0;
        for (StateTree tree : trees.all()) {
            if (tree.isList()) {
                try (Stream<?> lists = getKeysAndNamespaces(tree.name())) {
                    entries += lists.count();
                }
            } else if (tree.isKeyValue()) {
                entries += tree.tree().prefixCount(new byte[0], Integer.MAX_VALUE);
            }
        }
        return (int) Math.min(entries, Integer.MAX_VALUE);
    }

    @Override
    public RunnableFuture<SnapshotResult<KeyedStateHandle>> snapshot(
            long checkpointId,
            long timestamp,
            CheckpointStreamFactory streamFactory,
            CheckpointOptions checkpointOptions)
            throws Exception {
        sweeper.removeFound();
        return snapshots.take(checkpointId, timestamp, streamFactory, checkpointOptions);
    }

    @Override
    public SavepointResources<K> savepoint() throws Exception {
        return snapshots.canonicalSavepoint();
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        snapshots.confirm(checkpointId);
    }

    @Override
    public void notifyCheckpointAborted(long checkpointId) {
        snapshots.abort(checkpointId);
    }

    @Override
    public boolean isSafeToReuseKVState() {
        return !timersOnHeap;
    }

    @Override
    public String getBackendTypeIdentifier() {
        return TYPE_IDENTIFIER;
    }

    /**
     * Returns when nothing is read any more of the checkpoint that this backend was restored from. Threads: any.
     *
     * @throws IOException if that checkpoint can't be read, or the backend was closed
     */
    public void awaitRestored() throws IOException {
        database.awaitRestored();
    }

    /** Ends what is under way in other threads: the task is cancelled. */
    @Override
    public void close() throws IOException {
        try {
            super.close();
        } finally {
            database.stopReading();
        }
    }

    /** Ends snapshots that are being written, closes the database and removes its files. */
    @Override
    public void dispose() {
        if (disposed) {
            return;
        }
        disposed = true;
        super.dispose();
        // A sweep may wait for a frame of a slow storage.
        database.stopReading();
        sweeper.close();
        database.close();
    }
}
