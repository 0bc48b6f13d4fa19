package io.holt.flink.state;

import io.holt.api.HoltTree;
import io.holt.flink.layout.StateKeyBuilder;
import io.holt.flink.layout.StateTree;
import java.io.IOException;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.queryablestate.client.state.serialization.KvStateSerializer;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.internal.InternalKvState;
import org.apache.flink.runtime.state.ttl.TtlAwareSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;

/**
 * What all states have in common: a tree, the shared key builder, a namespace, serializers.
 *
 * <p>For the task's thread; {@link #getSerializedValue} may be called from any thread.
 */
public abstract class AbstractHoltState<K, N, V> implements InternalKvState<K, N, V> {

    final HoltTree tree;
    final StateTree stateTree;
    final StateKeyBuilder<K> keys;
    final ValueBuffer values = new ValueBuffer();

    private TypeSerializer<N> namespaceSerializer;
    private TypeSerializer<V> valueSerializer;
    private V defaultValue;
    private N currentNamespace;

    AbstractHoltState(
            StateTree stateTree,
            RegisteredKeyValueStateBackendMetaInfo<N, V> metaInfo,
            V defaultValue,
            StateKeyBuilder<K> keys) {
        this.tree = stateTree.tree();
        this.stateTree = stateTree;
        this.keys = keys;
        this.namespaceSerializer = metaInfo.getNamespaceSerializer();
        this.valueSerializer = metaInfo.getStateSerializer();
        this.defaultValue = defaultValue;
    }

    /** Takes over the serializers of updated meta information, and what the new descriptor says. */
    @SuppressWarnings("unchecked")
    public void update(RegisteredKeyValueStateBackendMetaInfo<N, ?> metaInfo, StateDescriptor<?, ?> descriptor) {
        keys.forgetNamespace(this);
        this.namespaceSerializer = metaInfo.getNamespaceSerializer();
        this.valueSerializer = (TypeSerializer<V>) metaInfo.getStateSerializer();
        this.defaultValue = (V) descriptor.getDefaultValue();
    }

    @Override
    public TypeSerializer<K> getKeySerializer() {
        return keys.keySerializer();
    }

    @Override
    public TypeSerializer<N> getNamespaceSerializer() {
        return namespaceSerializer;
    }

    @Override
    public TypeSerializer<V> getValueSerializer() {
        return valueSerializer;
    }

    @Override
    public void setCurrentNamespace(N namespace) {
        this.currentNamespace = namespace;
        keys.forgetNamespace(this);
    }

    /** Builds the prefix of the current key and namespace. */
    final void buildPrefix() {
        keys.build(this, currentNamespace, namespaceSerializer);
    }

    /** The prefix of the current key and namespace as an array of its own. */
    final byte[] copyPrefix() {
        buildPrefix();
        return keys.copy();
    }

    final V copyOfDefaultValue() {
        return defaultValue == null ? null : valueSerializer.copy(defaultValue);
    }

    @Override
    public void clear() {
        buildPrefix();
        tree.delete(keys.array(), 0, keys.length());
    }

    /** The value under the built prefix, or null. For states whose value is one record. */
    final V readValue() throws IOException {
        buildPrefix();
        DataInputDeserializer in = values.read(tree, keys);
        return in == null ? null : valueSerializer.deserialize(in);
    }

    /** Sets the value under the prefix. For states whose value is one record. */
    final void writeValue(V value) throws IOException {
        valueSerializer.serialize(value, values.begin());
        buildPrefix();
        values.put(tree, keys);
    }

    @Override
    public byte[] getSerializedValue(
            byte[] serializedKeyAndNamespace,
            TypeSerializer<K> safeKeySerializer,
            TypeSerializer<N> safeNamespaceSerializer,
            TypeSerializer<V> safeValueSerializer)
            throws Exception {
        Tuple2<K, N> keyAndNamespace = KvStateSerializer.deserializeKeyAndNamespace(
                serializedKeyAndNamespace, safeKeySerializer, safeNamespaceSerializer);
        int keyGroup = KeyGroupRangeAssignment.assignToKeyGroup(keyAndNamespace.f0, keys.numberOfKeyGroups());
        StateKeyBuilder<K> ownKeys = new StateKeyBuilder<>(safeKeySerializer, keys.numberOfKeyGroups());
        ownKeys.setKey(keyAndNamespace.f0, keyGroup);
        ownKeys.build(this, keyAndNamespace.f1, safeNamespaceSerializer);
        return serializedValue(ownKeys.copy(), safeValueSerializer);
    }

    /** The value under a prefix in the format that queries expect, or null; called from any thread. */
    byte[] serializedValue(byte[] prefix, TypeSerializer<V> safeValueSerializer) throws IOException {
        return tree.get(prefix);
    }

    @Override
    public StateIncrementalVisitor<K, N, V> getStateIncrementalVisitor(int recommendedMaxNumberOfReturnedRecords) {
        throw new UnsupportedOperationException(
                "incremental clean-up of expired state; expired state is dropped when it is read and from snapshots");
    }

    /**
     * Writes the value of one record as new serializers write it.
     *
     * @param in the record's value, written by {@code prior}
     * @param out where it goes
     */
    public void migrate(
            DataInputDeserializer in,
            DataOutputSerializer out,
            TtlAwareSerializer<V, ?> prior,
            TtlAwareSerializer<V, ?> current,
            TtlTimeProvider time)
            throws IOException {
        current.migrateValueFromPriorSerializer(prior, () -> prior.deserialize(in), out, time);
    }
}
