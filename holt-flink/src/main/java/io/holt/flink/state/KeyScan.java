package io.holt.flink.state;

import io.holt.api.Cursor;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import io.holt.flink.layout.StateKeyDescriptor;
import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;

/**
 * Walks over the distinct keys, or keys and namespaces, of a state, however many records each of them has: after an
 * answer the cursor is sent behind all records that would repeat it.
 */
public final class KeyScan<K, N> implements AutoCloseable {

    private final TypeSerializer<K> keySerializer;
    private final TypeSerializer<N> namespaceSerializer;
    private final boolean lengths;
    private final byte[] wantedNamespace;

    /** Whether the cursor itself goes on to the next key. */
    private final boolean distinct;

    private final Cursor cursor;
    private final DataInputDeserializer in = new DataInputDeserializer();

    private K key;
    private N namespace;

    /** So many first bytes of the cursor's key are key group and key. */
    private int keyLength;

    private KeyScan(
            TreeView tree,
            TypeSerializer<K> keySerializer,
            TypeSerializer<N> namespaceSerializer,
            byte[] wantedNamespace) {
        this.keySerializer = keySerializer;
        this.namespaceSerializer = namespaceSerializer;
        this.lengths = StateKeyDescriptor.hasLengths(keySerializer, namespaceSerializer);
        this.wantedNamespace = wantedNamespace;
        // Without namespaces, keys of a fixed length are what distinct prefixes of that length are.
        this.distinct = keySerializer.getLength() > 0 && namespaceSerializer instanceof VoidNamespaceSerializer;
        Scan scan = Scan.all().keysOnly();
        this.cursor =
                tree.scan(distinct ? scan.distinct(StateKeyDescriptor.KEY_OFFSET + keySerializer.getLength()) : scan);
    }

    /** The keys that have records under a namespace. */
    public static <K, N> KeyScan<K, N> ofKeys(
            TreeView tree, TypeSerializer<K> keySerializer, TypeSerializer<N> namespaceSerializer, N namespace)
            throws IOException {
        DataOutputSerializer out = new DataOutputSerializer(16);
        boolean lengths = StateKeyDescriptor.hasLengths(keySerializer, namespaceSerializer);
        CompositeKeySerializationUtils.writeNameSpace(namespace, namespaceSerializer, out, lengths);
        return new KeyScan<>(tree, keySerializer, namespaceSerializer, out.getCopyOfBuffer());
    }

    /** All pairs of a key and a namespace. */
    public static <K, N> KeyScan<K, N> ofKeysAndNamespaces(
            TreeView tree, TypeSerializer<K> keySerializer, TypeSerializer<N> namespaceSerializer) {
        return new KeyScan<>(tree, keySerializer, namespaceSerializer, null);
    }

    /** Moves to the next key, or key and namespace; false at the end. */
    public boolean next() throws IOException {
        while (cursor.next()) {
            byte[] array = cursor.keyArray();
            int offset = cursor.keyOffset();
            int length = cursor.keyLength();
            readKey(array, offset, length);
            if (wantedNamespace == null) {
                readNamespace();
                answer(length - in.available());
                return true;
            }
            int compared = compareNamespace(array, offset + keyLength, length - keyLength);
            if (compared == 0) {
                answer(keyLength);
                return true;
            }
            if (compared > 0) {
                cursor.skipPrefix(keyLength);
            } else {
                cursor.seek(wanted(array, offset));
            }
        }
        return false;
    }

    private void readKey(byte[] array, int offset, int length) throws IOException {
        in.setBuffer(array, offset + StateKeyDescriptor.KEY_OFFSET, length - StateKeyDescriptor.KEY_OFFSET);
        key = CompositeKeySerializationUtils.readKey(keySerializer, in, lengths);
        keyLength = length - in.available();
    }

    private void readNamespace() throws IOException {
        namespace = CompositeKeySerializationUtils.readNamespace(namespaceSerializer, in, lengths);
    }

    /** Below 0 if the wanted namespace can only come later among this key's records, above 0 if it can't any more. */
    private int compareNamespace(byte[] array, int offset, int length) {
        int common = Math.min(length, wantedNamespace.length);
        return Arrays.compareUnsigned(array, offset, offset + common, wantedNamespace, 0, wantedNamespace.length);
    }

    /** Where the wanted namespace of the present key begins. */
    private byte[] wanted(byte[] array, int offset) {
        byte[] wanted = Arrays.copyOfRange(array, offset, offset + keyLength + wantedNamespace.length);
        System.arraycopy(wantedNamespace, 0, wanted, keyLength, wantedNamespace.length);
        return wanted;
    }

    /** The cursor stays where it is until the next answer is asked for. */
    private void answer(int length) {
        if (!distinct) {
            cursor.skipPrefix(length);
        }
    }

    public K key() {
        return key;
    }

    /** The namespace, in a walk over keys and namespaces. */
    public N namespace() {
        return namespace;
    }

    /** Compares the present keys of two walks by key group and serialized key. */
    public int compareKey(KeyScan<K, ?> other) {
        int from = cursor.keyOffset();
        int otherFrom = other.cursor.keyOffset();
        return Arrays.compareUnsigned(
                cursor.keyArray(),
                from,
                from + keyLength,
                other.cursor.keyArray(),
                otherFrom,
                otherFrom + other.keyLength);
    }

    @Override
    public void close() {
        cursor.close();
    }
}
