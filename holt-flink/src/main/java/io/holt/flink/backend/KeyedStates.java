package io.holt.flink.backend;

import io.holt.flink.layout.StateKeyBuilder;
import io.holt.flink.layout.StateTree;
import io.holt.flink.layout.StateTrees;
import io.holt.flink.snapshot.SerializedTransforms;
import io.holt.flink.state.AbstractHoltState;
import io.holt.flink.state.HoltAggregatingState;
import io.holt.flink.state.HoltListState;
import io.holt.flink.state.HoltMapState;
import io.holt.flink.state.HoltReducingState;
import io.holt.flink.state.HoltValueState;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.state.AggregatingStateDescriptor;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.TypeSerializerSchemaCompatibility;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.StateSnapshotTransformer.StateSnapshotTransformFactory;
import org.apache.flink.runtime.state.ttl.TtlAwareSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.util.FlinkRuntimeException;
import org.apache.flink.util.StateMigrationException;

/**
 * Makes the states of a backend, and brings those that were restored or made before up to what a new descriptor
 * says. For the task's thread.
 */
final class KeyedStates<K> {

    private final StateTrees trees;
    private final StateKeyBuilder<K> keys;
    private final TtlTimeProvider time;
    private final TtlSweeper sweeper;
    private final Map<String, AbstractHoltState<K, ?, ?>> states = new HashMap<>();

    KeyedStates(StateTrees trees, StateKeyBuilder<K> keys, TtlTimeProvider time, TtlSweeper sweeper) {
        this.trees = trees;
        this.keys = keys;
        this.time = time;
        this.sweeper = sweeper;
    }

    /**
     * The state a descriptor asks for.
     *
     * @throws StateMigrationException if the state was written by serializers whose format the new ones can't take over
     */
    <N, SV, E> AbstractHoltState<K, N, SV> createOrUpdate(
            TypeSerializer<N> namespaceSerializer,
            StateDescriptor<?, SV> descriptor,
            StateSnapshotTransformFactory<E> transforms,
            boolean allowFutureMetadataUpdates)
            throws Exception {
        StateTree tree = trees.get(descriptor.getName());
        RegisteredKeyValueStateBackendMetaInfo<N, SV> metaInfo;
        if (tree == null) {
            metaInfo = new RegisteredKeyValueStateBackendMetaInfo<>(
                    descriptor.getType(), descriptor.getName(), namespaceSerializer, descriptor.getSerializer());
        } else {
            metaInfo = metaInfoOf(tree);
            updateSerializers(tree, metaInfo, namespaceSerializer, descriptor);
        }
        if (allowFutureMetadataUpdates) {
            metaInfo = metaInfo.withSerializerUpgradesAllowed();
        }
        metaInfo.updateSnapshotTransformFactory(
                SerializedTransforms.forRecords(descriptor.getType(), transforms, metaInfo.getStateSerializer()));
        if (tree == null) {
            tree = trees.create(metaInfo);
        } else {
            tree.metaInfo(metaInfo);
        }
        AbstractHoltState<K, N, SV> state = state(tree, metaInfo, descriptor);
        cleanUpInBackground(tree, state, descriptor.getTtlConfig());
        return state;
    }

    /** The strategy that Flink names after RocksDB's compaction is the one that works in the background. */
    private void cleanUpInBackground(StateTree tree, AbstractHoltState<K, ?, ?> state, StateTtlConfig ttl) {
        if (ttl.isEnabled()
                && ttl.getCleanupStrategies().inRocksdbCompactFilter()
                && TtlAwareSerializer.isSerializerTtlEnabled(state.getValueSerializer())) {
            sweeper.watch(tree.name(), tree.tree(), state, ttl.getTimeToLive().toMillis());
        }
    }

    @SuppressWarnings("unchecked")
    private static <N, SV> RegisteredKeyValueStateBackendMetaInfo<N, SV> metaInfoOf(StateTree tree) {
        if (!tree.isKeyValue()) {
            throw new FlinkRuntimeException("state " + tree.name() + " holds timers; rename one of them");
        }
        return (RegisteredKeyValueStateBackendMetaInfo<N, SV>) tree.metaInfo();
    }

    private <N, SV> void updateSerializers(
            StateTree tree,
            RegisteredKeyValueStateBackendMetaInfo<N, SV> metaInfo,
            TypeSerializer<N> namespaceSerializer,
            StateDescriptor<?, SV> descriptor)
            throws Exception {
        // The previous serializers are read before the update: an incompatible one makes them unreadable.
        TypeSerializer<N> previousNamespaceSerializer = metaInfo.getNamespaceSerializer();
        TypeSerializerSchemaCompatibility<N> namespaces = metaInfo.updateNamespaceSerializer(namespaceSerializer);
        if (namespaces.isCompatibleAfterMigration() || namespaces.isIncompatible()) {
            throw new StateMigrationException("The new namespace serializer (" + namespaceSerializer + ") of state "
                    + tree.name() + " must be compatible with the old namespace serializer ("
                    + previousNamespaceSerializer + ").");
        }
        metaInfo.checkStateMetaInfo(descriptor);
        TypeSerializer<SV> previousSerializer = metaInfo.getStateSerializer();
        TypeSerializer<SV> serializer = descriptor.getSerializer();
        TypeSerializerSchemaCompatibility<SV> values = metaInfo.updateStateSerializer(serializer);
        if (values.isIncompatible()) {
            throw new StateMigrationException("The new state serializer (" + serializer + ") of state " + tree.name()
                    + " must not be incompatible with the old state serializer (" + previousSerializer + ").");
        }
        if (values.isCompatibleAfterMigration()) {
            StateMigration.migrate(tree, metaInfo, state(tree, metaInfo, descriptor), time);
        }
    }

    /** The state's object: the one there is, updated, or a new one. */
    @SuppressWarnings("unchecked")
    private <N, SV> AbstractHoltState<K, N, SV> state(
            StateTree tree, RegisteredKeyValueStateBackendMetaInfo<N, SV> metaInfo, StateDescriptor<?, SV> descriptor) {
        AbstractHoltState<K, N, SV> existing = (AbstractHoltState<K, N, SV>) states.get(tree.name());
        if (existing != null) {
            existing.update(metaInfo, descriptor);
            return existing;
        }
        AbstractHoltState<K, N, SV> created = newState(tree, metaInfo, descriptor);
        states.put(tree.name(), created);
        return created;
    }

    @SuppressWarnings("unchecked")
    private <N, SV, T> AbstractHoltState<K, N, SV> newState(
            StateTree tree, RegisteredKeyValueStateBackendMetaInfo<N, SV> metaInfo, StateDescriptor<?, SV> descriptor) {
        SV defaultValue = descriptor.getDefaultValue();
        AbstractHoltState<K, N, ?> created = switch (descriptor.getType()) {
            case VALUE -> new HoltValueState<>(tree, metaInfo, defaultValue, keys);
            case LIST ->
                new HoltListState<>(
                        tree,
                        (RegisteredKeyValueStateBackendMetaInfo<N, List<T>>)
                                (RegisteredKeyValueStateBackendMetaInfo<N, ?>) metaInfo,
                        (List<T>) defaultValue,
                        keys);
            case MAP ->
                new HoltMapState<>(
                        tree,
                        (RegisteredKeyValueStateBackendMetaInfo<N, Map<T, Object>>)
                                (RegisteredKeyValueStateBackendMetaInfo<N, ?>) metaInfo,
                        (Map<T, Object>) defaultValue,
                        keys);
            case REDUCING -> new HoltReducingState<>(tree, metaInfo, (ReducingStateDescriptor<SV>) descriptor, keys);
            case AGGREGATING ->
                new HoltAggregatingState<>(tree, metaInfo, (AggregatingStateDescriptor<T, SV, ?>) descriptor, keys);
            default ->
                throw new UnsupportedOperationException("state " + tree.name() + " of type " + descriptor.getType());
        };
        return (AbstractHoltState<K, N, SV>) created;
    }
}
