package io.holt.flink.state;

import io.holt.api.HoltTree;
import io.holt.api.TreeView;
import io.holt.flink.layout.StateKeyBuilder;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * The bytes of one value on their way between a tree and a serializer, in buffers that are used again and again.
 * For one thread.
 */
final class ValueBuffer {

    private static final int INITIAL_BYTES = 128;

    /** A buffer that had to hold more than this is dropped after use. */
    private static final int MAX_KEPT_BYTES = 1024 * 1024;

    private final DataInputDeserializer in = new DataInputDeserializer();
    private byte[] readBytes = new byte[INITIAL_BYTES];
    private DataOutputSerializer out = new DataOutputSerializer(INITIAL_BYTES);

    /**
     * Reads the value of the built key.
     *
     * @return the value, valid until the next call, or null if the key is absent
     */
    DataInputDeserializer read(TreeView tree, StateKeyBuilder<?> key) {
        byte[] target = readBytes;
        int length = tree.get(key.array(), 0, key.length(), target, 0);
        while (length > target.length) {
            target = new byte[capacityFor(length)];
            length = tree.get(key.array(), 0, key.length(), target, 0);
        }
        if (target.length <= MAX_KEPT_BYTES) {
            readBytes = target;
        }
        if (length == TreeView.ABSENT) {
            return null;
        }
        in.setBuffer(target, 0, length);
        return in;
    }

    private static int capacityFor(int length) {
        return length <= MAX_KEPT_BYTES / 2 ? Integer.highestOneBit(length) << 1 : length;
    }

    /** A view of bytes that belong to someone else, valid until the next call. */
    DataInputDeserializer view(byte[] bytes, int offset, int length) {
        in.setBuffer(bytes, offset, length);
        return in;
    }

    /** An empty buffer to serialize a value into. */
    DataOutputSerializer begin() {
        if (out.getSharedBuffer().length > MAX_KEPT_BYTES) {
            out = new DataOutputSerializer(INITIAL_BYTES);
        }
        out.clear();
        return out;
    }

    /** Puts what was serialized since {@link #begin} as the value of the built key. */
    void put(HoltTree tree, StateKeyBuilder<?> key) {
        tree.put(key.array(), 0, key.length(), out.getSharedBuffer(), 0, out.length());
    }

    /** Puts what was serialized since {@link #begin} as the value of this key. */
    void put(HoltTree tree, byte[] key) {
        tree.put(key, 0, key.length, out.getSharedBuffer(), 0, out.length());
    }
}
