package io.holt.flink.timer;

import io.holt.api.HoltTree;
import io.holt.flink.layout.StateTree;
import io.holt.flink.layout.StateTrees;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.KeyExtractorFunction;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupedInternalPriorityQueue;
import org.apache.flink.runtime.state.Keyed;
import org.apache.flink.runtime.state.PriorityComparable;
import org.apache.flink.runtime.state.PriorityComparator;
import org.apache.flink.runtime.state.PriorityQueueSetFactory;
import org.apache.flink.runtime.state.RegisteredPriorityQueueStateBackendMetaInfo;
import org.apache.flink.runtime.state.heap.HeapPriorityQueueElement;
import org.apache.flink.runtime.state.heap.KeyGroupPartitionedPriorityQueue;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.StateMigrationException;

/** Makes priority queues whose elements are in trees: a tree a queue. For the task's thread. */
public final class HoltTimerQueues implements PriorityQueueSetFactory {

    private final StateTrees trees;
    private final KeyGroupRange keyGroupRange;
    private final int numberOfKeyGroups;

    /** Queues by name: each keeps its first elements on the heap, so there must be only one of a tree in use. */
    private final Map<String, Queue<?>> queues = new HashMap<>();

    public HoltTimerQueues(StateTrees trees, KeyGroupRange keyGroupRange, int numberOfKeyGroups) {
        this.trees = trees;
        this.keyGroupRange = keyGroupRange;
        this.numberOfKeyGroups = numberOfKeyGroups;
    }

    @Override
    public <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> create(String name, TypeSerializer<T> serializer) {
        return create(name, serializer, false);
    }

    @Override
    @SuppressWarnings("unchecked")
    public <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> create(
                    String name, TypeSerializer<T> serializer, boolean allowFutureMetadataUpdates) {
        Queue<?> existing = queues.get(name);
        if (existing != null && existing.serializer.equals(serializer)) {
            return (KeyGroupedInternalPriorityQueue<T>) existing.queue;
        }
        HoltTree tree = register(name, serializer, allowFutureMetadataUpdates);
        KeyGroupedInternalPriorityQueue<T> queue = newQueue(tree, serializer);
        queues.put(name, new Queue<>(serializer, queue));
        return queue;
    }

    private <T extends HeapPriorityQueueElement & PriorityComparable<? super T> & Keyed<?>>
            KeyGroupedInternalPriorityQueue<T> newQueue(HoltTree tree, TypeSerializer<T> serializer) {
        DataOutputSerializer out = new DataOutputSerializer(128);
        DataInputDeserializer in = new DataInputDeserializer();
        return new KeyGroupPartitionedPriorityQueue<T, TimerPartition<T>>(
                KeyExtractorFunction.forKeyedObjects(),
                PriorityComparator.forPriorityComparableObjects(),
                (keyGroup, keyGroups, keyExtractor, comparator) ->
                        new TimerPartition<>(tree, keyGroup, serializer, out, in),
                keyGroupRange,
                numberOfKeyGroups);
    }

    @SuppressWarnings("unchecked")
    private <T> HoltTree register(String name, TypeSerializer<T> serializer, boolean allowFutureMetadataUpdates) {
        StateTree stateTree = trees.get(name);
        if (stateTree == null) {
            return trees.create(metaInfo(name, serializer, allowFutureMetadataUpdates))
                    .tree();
        }
        if (!stateTree.isTimers()) {
            throw new FlinkRuntimeException("state " + name + " holds no timers but keyed state; rename one of them");
        }
        RegisteredPriorityQueueStateBackendMetaInfo<T> known =
                (RegisteredPriorityQueueStateBackendMetaInfo<T>) stateTree.metaInfo();
        TypeSerializer<T> previous = known.getPreviousElementSerializer();
        if (!serializer.equals(previous)) {
            // Elements are keys, ordered by their bytes: they can be read by a new serializer or not, never migrated.
            if (known.updateElementSerializer(serializer).isIncompatible()) {
                throw new FlinkRuntimeException(new StateMigrationException("the new serializer of timers " + name
                        + " (" + serializer + ") can't read those of the old one (" + previous + ")"));
            }
            stateTree.metaInfo(metaInfo(name, serializer, allowFutureMetadataUpdates));
        }
        return stateTree.tree();
    }

    private static <T> RegisteredPriorityQueueStateBackendMetaInfo<T> metaInfo(
            String name, TypeSerializer<T> serializer, boolean allowFutureMetadataUpdates) {
        RegisteredPriorityQueueStateBackendMetaInfo<T> metaInfo =
                new RegisteredPriorityQueueStateBackendMetaInfo<>(name, serializer);
        return allowFutureMetadataUpdates ? metaInfo.withSerializerUpgradesAllowed() : metaInfo;
    }

    private record Queue<T>(TypeSerializer<T> serializer, KeyGroupedInternalPriorityQueue<T> queue) {}
}
