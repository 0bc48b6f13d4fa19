package io.holt.flink.layout;

import java.io.IOException;
import java.util.Arrays;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.state.CompositeKeySerializationUtils;
import org.apache.flink.util.FlinkRuntimeException;

/**
 * Builds keys of {@link StateKeyDescriptor}'s layout in one buffer that is used again and again. All states of a
 * backend share one: the current key is serialized once, when it is set; the namespace once for each state that is
 * used with it. For one thread.
 *
 * <p>A built key is {@code array()[0, length())}; it is valid until the next call of a method that builds.
 */
public final class StateKeyBuilder<K> {

    private static final int INITIAL_BYTES = 128;

    private final TypeSerializer<K> keySerializer;
    private final int numberOfKeyGroups;
    private final DataOutputSerializer out = new DataOutputSerializer(INITIAL_BYTES);

    /** Where the key ends; 0 as long as there is none. */
    private int keyEnd;

    /** Where the namespace ends, if {@link #namespaceOwner} is not null. */
    private int namespaceEnd;

    /** How often a prefix was built: once for each use of a state. */
    private long built;

    /** The state whose namespace the buffer holds. */
    private Object namespaceOwner;

    public StateKeyBuilder(TypeSerializer<K> keySerializer, int numberOfKeyGroups) {
        this.keySerializer = keySerializer;
        this.numberOfKeyGroups = numberOfKeyGroups;
    }

    public TypeSerializer<K> keySerializer() {
        return keySerializer;
    }

    public int numberOfKeyGroups() {
        return numberOfKeyGroups;
    }

    public void setKey(K key, int keyGroup) {
        namespaceOwner = null;
        keyEnd = 0;
        out.clear();
        try {
            CompositeKeySerializationUtils.writeKeyGroup(keyGroup, StateKeyDescriptor.KEY_GROUP_BYTES, out);
            keySerializer.serialize(key, out);
        } catch (IOException e) {
            throw new FlinkRuntimeException("the current key can't be serialized by " + keySerializer, e);
        }
        keyEnd = out.length();
    }

    /** How often a state was used; for other threads a number of the recent past. */
    public long built() {
        return built;
    }

    /** Must be called when the owner's namespace changes. */
    public void forgetNamespace(Object owner) {
        if (namespaceOwner == owner) {
            namespaceOwner = null;
        }
    }

    /** Builds key group, key and namespace: the prefix of all records of a key and namespace. */
    public <N> void build(Object owner, N namespace, TypeSerializer<N> namespaceSerializer) {
        built++;
        if (namespaceOwner == owner) {
            out.setPositionUnsafe(namespaceEnd);
            return;
        }
        if (keyEnd == 0) {
            throw new IllegalStateException("no current key is set; keyed state can be used in a keyed context only");
        }
        namespaceOwner = null;
        out.setPositionUnsafe(keyEnd);
        try {
            writeNamespace(namespace, namespaceSerializer);
        } catch (IOException e) {
            throw new FlinkRuntimeException("the namespace can't be serialized by " + namespaceSerializer, e);
        }
        namespaceEnd = out.length();
        namespaceOwner = owner;
    }

    private <N> void writeNamespace(N namespace, TypeSerializer<N> namespaceSerializer) throws IOException {
        boolean lengths = StateKeyDescriptor.hasLengths(keySerializer, namespaceSerializer);
        if (lengths) {
            CompositeKeySerializationUtils.writeVariableIntBytes(keyEnd - StateKeyDescriptor.KEY_OFFSET, out);
        }
        CompositeKeySerializationUtils.writeNameSpace(namespace, namespaceSerializer, out, lengths);
    }

    /** Appends a map key to what {@link #build} has built. */
    public <UK> void appendMapKey(UK mapKey, TypeSerializer<UK> mapKeySerializer) throws IOException {
        mapKeySerializer.serialize(mapKey, out);
    }

    /** Appends the sequence number of a list's leaf to what {@link #build} has built. */
    public void appendSequence(long sequence) throws IOException {
        out.writeLong(sequence);
    }

    public byte[] array() {
        return out.getSharedBuffer();
    }

    public int length() {
        return out.length();
    }

    public byte[] copy() {
        return Arrays.copyOf(out.getSharedBuffer(), out.length());
    }

    /** Whether the built key is this one. */
    public boolean equalTo(byte[] key) {
        return Arrays.equals(key, 0, key.length, out.getSharedBuffer(), 0, out.length());
    }
}
