package io.holt.flink.state;

import io.holt.api.Cursor;
import io.holt.api.Scan;
import io.holt.flink.layout.StateKeyDescriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;
import org.apache.flink.runtime.state.StateEntry;
import org.apache.flink.runtime.state.internal.InternalKvState.StateIncrementalVisitor;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Walks over all records of a state, a few at a time, between which the state is used: no cursor stays open. For the
 * task's thread.
 */
final class RecordVisitor<K, N, V> implements StateIncrementalVisitor<K, N, V> {

    private final AbstractHoltState<K, N, V> state;
    private final TypeSerializer<K> keySerializer;
    private final TypeSerializer<N> namespaceSerializer;
    private final boolean lengths;
    private final int recordsAtOnce;
    private final DataInputDeserializer parts = new DataInputDeserializer();
    private final DataInputDeserializer value = new DataInputDeserializer();
    private Scan rest;

    RecordVisitor(AbstractHoltState<K, N, V> state, int recordsAtOnce) {
        this.state = state;
        this.keySerializer = state.getKeySerializer();
        this.namespaceSerializer = state.getNamespaceSerializer();
        this.lengths = StateKeyDescriptor.hasLengths(keySerializer, namespaceSerializer);
        this.recordsAtOnce = Math.max(1, recordsAtOnce);
        this.rest = Scan.all().limit(this.recordsAtOnce);
    }

    @Override
    public boolean hasNext() {
        return rest != null;
    }

    @Override
    public Collection<StateEntry<K, N, V>> nextEntries() {
        List<StateEntry<K, N, V>> entries = new ArrayList<>(recordsAtOnce);
        byte[] last = null;
        int records = 0;
        try (Cursor cursor = state.tree.scan(rest)) {
            while (cursor.next()) {
                records++;
                last = cursor.key();
                VisitedRecord record = read(last, cursor);
                if (record != null) {
                    entries.add(record);
                }
            }
        } catch (IOException e) {
            throw new FlinkRuntimeException("a record of state " + state.tree.name() + " can't be deserialized", e);
        }
        rest = records < recordsAtOnce ? null : Scan.all().startAfter(last).limit(recordsAtOnce);
        return entries;
    }

    private VisitedRecord read(byte[] key, Cursor cursor) throws IOException {
        parts.setBuffer(key, StateKeyDescriptor.KEY_OFFSET, key.length - StateKeyDescriptor.KEY_OFFSET);
        K ofKey = CompositeKeySerializationUtils.readKey(keySerializer, parts, lengths);
        N namespace = CompositeKeySerializationUtils.readNamespace(namespaceSerializer, parts, lengths);
        value.setBuffer(cursor.valueArray(), cursor.valueOffset(), cursor.valueLength());
        V content = state.readRecord(parts, value);
        return content == null ? null : new VisitedRecord(key, ofKey, namespace, content);
    }

    @Override
    @SuppressWarnings("unchecked")
    public void remove(StateEntry<K, N, V> entry) {
        state.tree.delete(((VisitedRecord) entry).record);
    }

    @Override
    @SuppressWarnings("unchecked")
    public void update(StateEntry<K, N, V> entry, V left) {
        try {
            state.rewriteRecord(((VisitedRecord) entry).record, left);
        } catch (IOException e) {
            throw new FlinkRuntimeException("a record of state " + state.tree.name() + " can't be serialized", e);
        }
    }

    private final class VisitedRecord extends StateEntry.SimpleStateEntry<K, N, V> {
        private final byte[] record;

        VisitedRecord(byte[] record, K key, N namespace, V content) {
            super(key, namespace, content);
            this.record = record;
        }
    }
}
