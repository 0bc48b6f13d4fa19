package io.holt.internal.layout;

/**
 * An inner node of up to 48 children: for each key byte the number of its child, 1 to 48, or 0 if it has none.
 * Children 1 to n are in use, in no order.
 *
 * <pre>
 *        0       1       2       3       4       5       6       7
 *   0 | header (see InnerNode)                                        |
 *   8 | child number of key byte 0 .. 255, a byte each                |
 * 264 | child 1       | child 2       | ..                            |
 * 352 | ..                                            | child 48      |
 * </pre>
 */
public final class Node48 {

    public static final int CAPACITY = 48;
    public static final int INDEX_OFFSET = InnerNode.HEADER_BYTES;
    public static final int CHILDREN_OFFSET = INDEX_OFFSET + 256;
    public static final int UNITS = (CHILDREN_OFFSET + 2 * CAPACITY) / FrameHeader.UNIT_BYTES;

    private Node48() {}
}
