package io.holt.flink.state;

import io.holt.api.HoltTree;
import io.holt.flink.layout.StateKeyBuilder;
import io.holt.flink.layout.StateTree;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
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
import org.apache.flink.runtime.state.ttl.TtlUtils;

/**
 * What all states have in common: a tree, the shared key builder, a namespace, serializers.
 *
 * <p>For the task's thread; {@link #getSerializedValue} may be called from any thread.
 */
public abstract class AbstractHoltState<K, N, V> implements InternalKvState<K, N, V> {

    /** As Flink's serializer of long values writes it. */
    private static final VarHandle TIMESTAMP = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

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

    /** Visits record by record: a map's entries and a list's leaves are visited one by one, so each step is small. */
    @Override
    public StateIncrementalVisitor<K, N, V> getStateIncrementalVisitor(int recommendedMaxNumberOfReturnedRecords) {
        return new RecordVisitor<>(this, recommendedMaxNumberOfReturnedRecords);
    }

    /**
     * One record as a value of this state that holds nothing else.
     *
     * @param parts reads the record's key; it stands behind the namespace
     * @return null if the record can't expire
     */
    V readRecord(DataInputDeserializer parts, DataInputDeserializer value) throws IOException {
        return valueSerializer.deserialize(value);
    }

    /** Replaces a record by what is left of it. */
    void rewriteRecord(byte[] key, V left) throws IOException {
        valueSerializer.serialize(left, values.begin());
        values.put(tree, key);
    }

    /** The index of a record's time stamp if the state has a time to live; -1 if the record has none. */
    int timestampIndex(byte[] value, int offset) {
        return offset;
    }

    /**
     * Whether a record of this state, which has a time to live, holds something that has expired. For any thread.
     *
     * @param offset where the record's value begins in the array
     */
    public final boolean isExpired(byte[] value, int offset, int length, long ttlMillis, long now) {
        int index = timestampIndex(value, offset);
        return index >= 0
                && index + Long.BYTES <= offset + length
                && TtlUtils.expired((long) TIMESTAMP.get(value, index), ttlMillis, now);
    }

    /** Removes from the tree what has expired of a record. Does nothing if the record is gone or was renewed. */
    public final void dropExpired(byte[] key, long ttlMillis, long now) throws IOException {
        byte[] value = tree.get(key);
        if (value != null && isExpired(value, 0, value.length, ttlMillis, now)) {
            dropExpired(key, value, ttlMillis, now);
        }
    }

    void dropExpired(byte[] key, byte[] value, long ttlMillis, long now) throws IOException {
        tree.delete(key);
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
