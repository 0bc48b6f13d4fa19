package io.holt.flink.backend;

import java.io.IOException;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.runtime.state.HeapPriorityQueuesManager;
import org.apache.flink.runtime.state.KeyExtractorFunction;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupedInternalPriorityQueue;
import org.apache.flink.runtime.state.Keyed;
import org.apache.flink.runtime.state.PriorityComparable;
import org.apache.flink.runtime.state.PriorityQueueSetFactory;
import org.apache.flink.runtime.state.RegisteredPriorityQueueStateBackendMetaInfo;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueElement;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSet;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSetFactory;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueSnapshotRestoreWrapper;
import org.apache.flink.runtime.state.metainfo.StateMetaInfoSnapshot;

/** Timers on the heap, in Flink's own queues; snapshots and restores are this backend's. For the task's thread. */
final class HeapTimers implements PriorityQueueSetFactory {

    private static final int INITIAL_CAPACITY = 128;

    private final KeyGroupRange keyGroupRange;
    private final int numberOfKeyGroups;
    private final HeapPriorityQueueSetFactory queueFactory;
    private final Map<String, HeapPriorityQueueSnapshotRestoreWrapper<?>> queues = new LinkedHashMap<>();
    private final HeapPriorityQueuesManager manager;

    HeapTimers(KeyGroupRange keyGroupRange, int numberOfKeyGroups) {
        this.keyGroupRange = keyGroupRange;
        this.numberOfKeyGroups = numberOfKeyGroups;
        this.queueFactory = new HeapPriorityQueueSetFactory(keyGroupRange, numberOfKeyGroups, INITIAL_CAPACITY);
        this.manager = new HeapPriorityQueuesManager(queues, queueFactory, keyGroupRange, numberOfKeyGroups);
    }

    @Override
    public <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> create(String name, TypeSerializer<T> serializer) {
        return manager.createOrUpdate(name, serializer, false);
    }

    @Override
    public <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> create(
                    String name, TypeSerializer<T> serializer, boolean allowFutureMetadataUpdates) {
        return manager.createOrUpdate(name, serializer, allowFutureMetadataUpdates);
    }

    /** All queues; the collection changes with them. */
    Collection<HeapPriorityQueueSnapshotRestoreWrapper<?>> queues() {
        return Collections.unmodifiableCollection(queues.values());
    }

    /** Where the restored timers of one queue go. */
    RestoreTarget<?> restoreTarget(StateMetaInfoSnapshot metaInfo, int canonicalKeyGroupBytes) {
        HeapPriorityQueueSnapshotRestoreWrapper<?> queue = queues.get(metaInfo.getName());
        if (queue == null) {
            queue = restoredQueue(new RegisteredPriorityQueueStateBackendMetaInfo<>(metaInfo));
            queues.put(metaInfo.getName(), queue);
        }
        return new RestoreTarget<>(queue, canonicalKeyGroupBytes);
    }

    // The element type of a restored queue is known to its serializer only.
    @SuppressWarnings({"unchecked", "rawtypes"})
    private HeapPriorityQueueSnapshotRestoreWrapper<?> restoredQueue(
            RegisteredPriorityQueueStateBackendMetaInfo metaInfo) {
        HeapPriorityQueueSet queue = queueFactory.create(metaInfo.getName(), metaInfo.getElementSerializer());
        return new HeapPriorityQueueSnapshotRestoreWrapper(
                queue, metaInfo, KeyExtractorFunction.forKeyedObjects(), keyGroupRange, numberOfKeyGroups);
    }

    /** Adds canonical records to a queue. */
    static final class RestoreTarget<T extends HeapPriorityQueueElement> {
        private final HeapPriorityQueueSnapshotRestoreWrapper<T> queue;
        private final int canonicalKeyGroupBytes;
        private final DataInputDeserializer in = new DataInputDeserializer();

        RestoreTarget(HeapPriorityQueueSnapshotRestoreWrapper<T> queue, int canonicalKeyGroupBytes) {
            this.queue = queue;
            this.canonicalKeyGroupBytes = canonicalKeyGroupBytes;
        }

        void add(byte[] key, byte[] value) throws IOException {
            in.setBuffer(key, canonicalKeyGroupBytes, key.length - canonicalKeyGroupBytes);
            T timer = queue.getMetaInfo().getElementSerializer().deserialize(in);
            queue.getPriorityQueue().add(timer);
        }
    }
}
