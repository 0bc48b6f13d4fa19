package io.holt.flink.layout;

import java.io.IOException;
import java.util.List;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.core.memory.DataInputDeserializer;
import org.apache.flink.core.memory.DataOutputSerializer;

/**
 * The value of a list's leaf: one or more elements.
 *
 * <pre>
 *  +-----------+-----+-----------+-----+----
 *  | element 0 | ',' | element 1 | ',' | ...
 *  +-----------+-----+-----------+-----+----
 * </pre>
 *
 * <p>{@code add} appends a leaf of one element, so it reads nothing and rewrites nothing; {@code addAll} and
 * {@code update} put up to {@value #TARGET_BYTES} bytes of elements into a leaf. The leaves of a list, joined by the
 * same delimiter, are its value in a canonical savepoint, and that value is a leaf: neither way needs the element
 * serializer.
 */
public final class ListLeaf {

    public static final byte DELIMITER = ',';

    /** Bytes after which a leaf that is being filled is closed. */
    public static final int TARGET_BYTES = 8 * 1024;

    private ListLeaf() {}

    /** Reads the elements of a leaf and appends them to a list. */
    public static <T> void read(DataInputDeserializer leaf, TypeSerializer<T> elementSerializer, List<T> target)
            throws IOException {
        while (leaf.available() > 0) {
            target.add(elementSerializer.deserialize(leaf));
            skipDelimiter(leaf);
        }
    }

    /** Appends an element to a leaf. */
    public static <T> void write(T element, TypeSerializer<T> elementSerializer, DataOutputSerializer leaf)
            throws IOException {
        if (leaf.length() > 0) {
            leaf.write(DELIMITER);
        }
        elementSerializer.serialize(element, leaf);
    }

    public static void skipDelimiter(DataInputDeserializer leaf) throws IOException {
        if (leaf.available() > 0) {
            leaf.readByte();
        }
    }
}
