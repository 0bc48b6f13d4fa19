package io.holt.internal.layout;

import io.holt.internal.memory.Memory;

/**
 * What all inner nodes share: a header, and prefix bytes right-aligned before it, so that a path is split by lowering
 * a length.
 *
 * <pre>
 *          0       1       2       3       4       5       6       7
 *  -p  |                    ... prefix, ending right before the header |
 *   0  | type  | 0     | prefix bytes  | terminal      | children      |
 *   8  | keys and children, by type                                    |
 * </pre>
 *
 * <p>A reference to the node is to its header. "Terminal" refers to the leaf of the key that ends here, 0 if none.
 * "Children" counts edges, 0 to 256.
 */
public final class InnerNode {

    public static final int HEADER_BYTES = 8;
    private static final int PREFIX_BYTES_OFFSET = 2;
    private static final int TERMINAL_OFFSET = 4;
    private static final int CHILDREN_OFFSET = 6;

    private InnerNode() {}

    public static long header(int type, int prefixBytes, int terminal, int children) {
        return type | ((long) prefixBytes << 16) | ((long) terminal << 32) | ((long) children << 48);
    }

    public static int type(long header) {
        return (int) header & 0xFF;
    }

    public static int prefixBytes(long header) {
        return (int) (header >>> 16) & 0xFFFF;
    }

    public static int terminal(long header) {
        return (int) (header >>> 32) & 0xFFFF;
    }

    public static int children(long header) {
        return (int) (header >>> 48) & 0xFFFF;
    }

    public static void prefixBytes(long node, int bytes) {
        Memory.putShort(node + PREFIX_BYTES_OFFSET, bytes);
    }

    public static void terminal(long node, int unit) {
        Memory.putShort(node + TERMINAL_OFFSET, unit);
    }

    public static void children(long node, int count) {
        Memory.putShort(node + CHILDREN_OFFSET, count);
    }

    /** Units that a prefix takes before the header. */
    public static int prefixUnits(int prefixBytes) {
        return (prefixBytes + 7) >>> FrameHeader.UNIT_SHIFT;
    }

    /** Units of a node of this type from its header on. */
    public static int bodyUnits(int type) {
        return switch (type) {
            case NodeType.NODE4 -> Node4.UNITS;
            case NodeType.NODE16 -> Node16.UNITS;
            case NodeType.NODE48 -> Node48.UNITS;
            case NodeType.NODE256 -> Node256.UNITS;
            default -> throw new IllegalArgumentException("no inner node type: " + type);
        };
    }

    /** The most children a node of this type can have. */
    public static int capacity(int type) {
        return switch (type) {
            case NodeType.NODE4 -> Node4.CAPACITY;
            case NodeType.NODE16 -> Node16.CAPACITY;
            case NodeType.NODE48 -> Node48.CAPACITY;
            case NodeType.NODE256 -> Node256.CAPACITY;
            default -> throw new IllegalArgumentException("no inner node type: " + type);
        };
    }

    /** The smallest type that holds so many children. */
    public static int typeFor(int children) {
        if (children <= Node4.CAPACITY) {
            return NodeType.NODE4;
        }
        if (children <= Node16.CAPACITY) {
            return NodeType.NODE16;
        }
        return children <= Node48.CAPACITY ? NodeType.NODE48 : NodeType.NODE256;
    }
}
