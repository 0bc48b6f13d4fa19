package io.holt.flink.state;

import io.holt.flink.layout.StateKeyBuilder;
import io.holt.flink.layout.StateTree;
import java.io.IOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.Map;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.api.common.typeutils.base.MapSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.queryablestate.client.state.serialization.KvStateSerializer;
import org.apache.flink.runtime.state.RegisteredKeyValueStateBackendMetaInfo;
import org.apache.flink.runtime.state.internal.InternalMapState;
import org.apache.flink.runtime.state.ttl.TtlAwareSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;

/**
 * A map for a key and namespace: an entry is a record. Its value is one byte that tells whether the map's value is
 * null, and the value.
 */
public final class HoltMapState<K, N, UK, UV> extends AbstractHoltState<K, N, Map<UK, UV>>
        implements InternalMapState<K, N, UK, UV> {

    private TypeSerializer<UK> mapKeySerializer;
    private TypeSerializer<UV> mapValueSerializer;

    public HoltMapState(
            StateTree stateTree,
            RegisteredKeyValueStateBackendMetaInfo<N, Map<UK, UV>> metaInfo,
            Map<UK, UV> defaultValue,
            StateKeyBuilder<K> keys) {
        super(stateTree, metaInfo, defaultValue, keys);
        takeSerializers();
    }

    @Override
    public void update(RegisteredKeyValueStateBackendMetaInfo<N, ?> metaInfo, StateDescriptor<?, ?> descriptor) {
        super.update(metaInfo, descriptor);
        takeSerializers();
    }

    private void takeSerializers() {
        MapSerializer<UK, UV> mapSerializer = (MapSerializer<UK, UV>) getValueSerializer();
        this.mapKeySerializer = mapSerializer.getKeySerializer();
        this.mapValueSerializer = mapSerializer.getValueSerializer();
    }

    private void buildEntryKey(UK mapKey) throws IOException {
        buildPrefix();
        keys.appendMapKey(mapKey, mapKeySerializer);
    }

    @Override
    public UV get(UK mapKey) throws IOException {
        buildEntryKey(mapKey);
        DataInputDeserializer in = values.read(tree, keys);
        return in == null ? null : readMapValue(in, mapValueSerializer);
    }

    static <UV> UV readMapValue(DataInputDeserializer in, TypeSerializer<UV> mapValueSerializer) throws IOException {
        boolean isNull = in.readBoolean();
        return isNull ? null : mapValueSerializer.deserialize(in);
    }

    @Override
    public void put(UK mapKey, UV mapValue) throws IOException {
        serializeMapValue(mapValue);
        buildEntryKey(mapKey);
        values.put(tree, keys);
    }

    private void serializeMapValue(UV mapValue) throws IOException {
        DataOutputSerializer out = values.begin();
        out.writeBoolean(mapValue == null);
        if (mapValue != null) {
            mapValueSerializer.serialize(mapValue, out);
        }
    }

    /** Sets the value of an entry of the map with this prefix. */
    void putEntry(byte[] prefix, UK mapKey, UV mapValue) throws IOException {
        DataOutputSerializer entryKey = new DataOutputSerializer(2 * prefix.length);
        entryKey.write(prefix);
        mapKeySerializer.serialize(mapKey, entryKey);
        serializeMapValue(mapValue);
        values.put(tree, entryKey.getCopyOfBuffer());
    }

    @Override
    public void putAll(Map<UK, UV> entries) throws IOException {
        if (entries == null) {
            return;
        }
        for (Map.Entry<UK, UV> entry : entries.entrySet()) {
            put(entry.getKey(), entry.getValue());
        }
    }

    @Override
    public void remove(UK mapKey) throws IOException {
        buildEntryKey(mapKey);
        tree.delete(keys.array(), 0, keys.length());
    }

    @Override
    public boolean contains(UK mapKey) throws IOException {
        buildEntryKey(mapKey);
        return tree.containsKey(keys.array(), 0, keys.length());
    }

    @Override
    public Iterable<Map.Entry<UK, UV>> entries() {
        byte[] prefix = copyPrefix();
        return () -> entryIterator(prefix);
    }

    @Override
    public Iterable<UK> keys() {
        byte[] prefix = copyPrefix();
        return () -> new MapIterator.Keys<>(tree, prefix, mapKeySerializer);
    }

    @Override
    public Iterable<UV> values() {
        byte[] prefix = copyPrefix();
        return () -> new MapIterator.Values<>(tree, prefix, mapValueSerializer);
    }

    @Override
    public Iterator<Map.Entry<UK, UV>> iterator() {
        return entryIterator(copyPrefix());
    }

    private Iterator<Map.Entry<UK, UV>> entryIterator(byte[] prefix) {
        return new MapIterator.Entries<>(this, prefix, mapKeySerializer, mapValueSerializer);
    }

    @Override
    public boolean isEmpty() {
        return tree.isPrefixEmpty(copyPrefix());
    }

    @Override
    public void clear() {
        tree.deletePrefix(copyPrefix());
    }

    /** A map of one entry; null if its value is, for null has no time stamp. */
    @Override
    Map<UK, UV> readRecord(DataInputDeserializer parts, DataInputDeserializer in) throws IOException {
        UV mapValue = readMapValue(in, mapValueSerializer);
        return mapValue == null ? null : Collections.singletonMap(mapKeySerializer.deserialize(parts), mapValue);
    }

    /** Does nothing: an entry has expired or not, so none is left in part. */
    @Override
    void rewriteRecord(byte[] key, Map<UK, UV> left) {}

    @Override
    int timestampIndex(byte[] value, int offset) {
        boolean isNull = value[offset] != 0;
        return isNull ? -1 : offset + 1;
    }

    @Override
    byte[] serializedValue(byte[] prefix, TypeSerializer<Map<UK, UV>> safeValueSerializer) throws IOException {
        MapSerializer<UK, UV> safe = (MapSerializer<UK, UV>) safeValueSerializer;
        Iterator<Map.Entry<UK, UV>> entries =
                new MapIterator.Entries<>(this, prefix, safe.getKeySerializer(), safe.getValueSerializer());
        if (!entries.hasNext()) {
            return null;
        }
        return KvStateSerializer.serializeMap(() -> entries, safe.getKeySerializer(), safe.getValueSerializer());
    }

    @Override
    public void migrate(
            DataInputDeserializer in,
            DataOutputSerializer out,
            TtlAwareSerializer<Map<UK, UV>, ?> prior,
            TtlAwareSerializer<Map<UK, UV>, ?> current,
            TtlTimeProvider time)
            throws IOException {
        TtlAwareSerializer<UV, ?> priorValue = valueOf(prior);
        TtlAwareSerializer<UV, ?> currentValue = valueOf(current);
        boolean isNull = in.readBoolean();
        out.writeBoolean(isNull);
        if (!isNull) {
            currentValue.migrateValueFromPriorSerializer(priorValue, () -> priorValue.deserialize(in), out, time);
        }
    }

    @SuppressWarnings("unchecked")
    private static <UK, UV> TtlAwareSerializer<UV, ?> valueOf(TtlAwareSerializer<Map<UK, UV>, ?> mapSerializer) {
        return ((TtlAwareSerializer.TtlAwareMapSerializer<UK, UV>) mapSerializer).getValueSerializer();
    }
}
