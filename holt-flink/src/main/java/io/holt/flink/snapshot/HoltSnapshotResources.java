package io.holt.flink.snapshot;

import io.holt.api.HoltDb;
import io.holt.api.Snapshot;
import io.holt.api.TreeView;
import io.holt.flink.layout.StateKeyDescriptor;
import io.holt.flink.layout.StateTree;
import io.holt.flink.layout.StateTrees;
import io.holt.flink.snapshot.ImageMetadata.HeapTimer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.runtime.state.FullSnapshotResources;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyValueStateIterator;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.StateSnapshotTransformer;
import org.apache.flink.runtime.state.StreamCompressionDecorator;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSnapshotRestoreWrapper;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueStateSnapshot;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;
import org.apache.flink.util.IOUtils;
import org.apache.flink.util.ResourceGuard;

/**
 * All state of a backend, frozen: a snapshot of the database, and copies of what Flink knows of the states. Made by
 * the task's thread, read by another one.
 */
public final class HoltSnapshotResources<K> implements FullSnapshotResources<K> {

    private final ResourceGuard.Lease lease;
    private final Snapshot snapshot;
    private final List<FrozenState> states;
    private final Map<String, Long> sequences;
    private final List<HeapPriorityQueueStateSnapshot<?>> heapTimers;
    private final List<StateMetaInfoSnapshot> metaInfos;
    private final KeyGroupRange keyGroupRange;
    private final int canonicalKeyGroupBytes;
    private final TypeSerializer<K> keySerializer;
    private final StreamCompressionDecorator compression;
    private final Restored restored;

    private HoltSnapshotResources(
            ResourceGuard.Lease lease,
            Snapshot snapshot,
            List<FrozenState> states,
            Map<String, Long> sequences,
            List<HeapPriorityQueueStateSnapshot<?>> heapTimers,
            List<StateMetaInfoSnapshot> metaInfos,
            TypeSerializer<K> keySerializer,
            Source<K> source) {
        this.lease = lease;
        this.snapshot = snapshot;
        this.states = states;
        this.sequences = sequences;
        this.heapTimers = heapTimers;
        this.metaInfos = metaInfos;
        this.keyGroupRange = source.keyGroupRange;
        this.canonicalKeyGroupBytes = StateKeyDescriptor.canonicalKeyGroupBytes(source.numberOfKeyGroups);
        this.keySerializer = keySerializer;
        this.compression = source.compression;
        this.restored = source.restored;
    }

    /**
     * What snapshots are taken of.
     *
     * @param heapTimers timers that are kept on the heap; changes with the backend
     * @param restored the checkpoint that the backend was restored from
     * @param guard held while a snapshot is open
     */
    public record Source<K>(
            HoltDb db,
            Restored restored,
            StateTrees trees,
            Collection<HeapPriorityQueueSnapshotRestoreWrapper<?>> heapTimers,
            ResourceGuard guard,
            KeyGroupRange keyGroupRange,
            int numberOfKeyGroups,
            TypeSerializer<K> keySerializer,
            StreamCompressionDecorator compression) {

        /**
         * Freezes the state.
         *
         * @param asCheckpoint whether this backend only is to read it
         */
        public HoltSnapshotResources<K> freeze(boolean asCheckpoint) throws IOException {
            List<FrozenState> states = new ArrayList<>();
            Map<String, Long> sequences = new HashMap<>();
            List<StateMetaInfoSnapshot> metaInfos = new ArrayList<>();
            for (StateTree tree : trees.all()) {
                states.add(FrozenState.of(tree));
                if (tree.isList()) {
                    sequences.put(tree.name(), tree.lastSequence());
                }
                metaInfos.add(tree.metaInfo().snapshot());
            }
            List<HeapPriorityQueueStateSnapshot<?>> timers = new ArrayList<>();
            for (HeapPriorityQueueSnapshotRestoreWrapper<?> queue : heapTimers) {
                timers.add(queue.stateSnapshot());
                metaInfos.add(queue.getMetaInfo().snapshot());
            }
            List<StateMetaInfoSnapshot> written = asCheckpoint ? CheckpointMark.mark(metaInfos) : metaInfos;
            TypeSerializer<K> ownSerializer = keySerializer.duplicate();
            ResourceGuard.Lease lease = guard.acquireResource();
            try {
                return new HoltSnapshotResources<>(
                        lease, db.snapshot(), states, sequences, timers, written, ownSerializer, this);
            } catch (RuntimeException | Error e) {
                lease.close();
                throw e;
            }
        }
    }

    /** What may still be read from a checkpoint. */
    @FunctionalInterface
    public interface Restored {

        /**
         * Returns when nothing is.
         *
         * @throws IOException if it can't be read, or the backend was closed
         */
        void await() throws IOException;
    }

    /** @param transformer what drops expired records, or null */
    private record FrozenState(
            String treeName, boolean isList, boolean isTimers, StateSnapshotTransformer<byte[]> transformer) {

        static FrozenState of(StateTree tree) {
            StateSnapshotTransformer<byte[]> transformer = null;
            if (tree.metaInfo() instanceof RegisteredKeyValueStateBackendMetaInfo<?, ?> keyValue) {
                transformer = keyValue.getStateSnapshotTransformFactory()
                        .createForSerializedState()
                        .orElse(null);
            }
            return new FrozenState(tree.tree().name(), tree.isList(), tree.isTimers(), transformer);
        }
    }

    /**
     * Returns when the checkpoint that the backend was restored from is not needed any more: once the one that is to be
     * written is complete, the other may be deleted.
     *
     * @throws IOException if that checkpoint can't be read, or the backend was closed
     */
    void awaitRestored() throws IOException {
        restored.await();
    }

    @Override
    public KeyValueStateIterator createKVStateIterator() throws IOException {
        awaitRestored();
        List<StateRecords> records = new ArrayList<>();
        try {
            for (FrozenState state : states) {
                TreeView tree = snapshot.tree(state.treeName);
                records.add(
                        state.isList
                                ? new ListRecords(tree, canonicalKeyGroupBytes, state.transformer)
                                : new TreeRecords(tree, state.isTimers, canonicalKeyGroupBytes, state.transformer));
            }
            for (HeapPriorityQueueStateSnapshot<?> timers : heapTimers) {
                records.add(new HeapTimerRecords<>(timers, keyGroupRange, canonicalKeyGroupBytes));
            }
            return new KeyGroupMerge(records);
        } catch (RuntimeException | Error e) {
            IOUtils.closeAllQuietly(records);
            throw e;
        }
    }

    /** The frozen database. */
    Snapshot snapshot() {
        return snapshot;
    }

    /** The last sequence numbers of list states, by name. */
    Map<String, Long> sequences() {
        return sequences;
    }

    /** The timers that are kept on the heap; their states follow the others in {@link #getMetaInfoSnapshots()}. */
    List<HeapTimer> heapTimers() {
        List<HeapTimer> timers = new ArrayList<>();
        for (int i = 0; i < heapTimers.size(); i++) {
            HeapTimerRecords<?> records =
                    new HeapTimerRecords<>(heapTimers.get(i), keyGroupRange, canonicalKeyGroupBytes);
            while (records.next()) {
                timers.add(new HeapTimer(states.size() + i, records.key()));
            }
        }
        return timers;
    }

    @Override
    public List<StateMetaInfoSnapshot> getMetaInfoSnapshots() {
        return metaInfos;
    }

    @Override
    public KeyGroupRange getKeyGroupRange() {
        return keyGroupRange;
    }

    @Override
    public TypeSerializer<K> getKeySerializer() {
        return keySerializer;
    }

    @Override
    public StreamCompressionDecorator getStreamCompressionDecorator() {
        return compression;
    }

    @Override
    public void release() {
        try {
            snapshot.close();
        } finally {
            lease.close();
        }
    }
}
