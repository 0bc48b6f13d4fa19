package io.holt.internal.layout;

/**
 * An inner node of up to 16 children; keys ascend.
 *
 * <pre>
 *       0       1       2       3       4       5       6       7
 *  0 | header (see InnerNode)                                        |
 *  8 | key 0 .. key 15                                               |
 * 24 | child 0       | child 1       | ..                            |
 * 48 | ..                                            | child 15      |
 * </pre>
 */
public final class Node16 {

    public static final int CAPACITY = 16;
    public static final int KEYS_OFFSET = InnerNode.HEADER_BYTES;
    public static final int CHILDREN_OFFSET = KEYS_OFFSET + CAPACITY;
    public static final int UNITS = (CHILDREN_OFFSET + 2 * CAPACITY) / FrameHeader.UNIT_BYTES;

    private Node16() {}
}
