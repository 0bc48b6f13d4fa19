package io.holt.internal.layout;

/**
 * An inner node with a child reference for each key byte, 0 where there is none.
 *
 * <pre>
 *        0       1       2       3       4       5       6       7
 *   0 | header (see InnerNode)                                        |
 *   8 | child 0       | child 1       | ..                            |
 * 512 | ..                                            | child 255     |
 * </pre>
 */
public final class Node256 {

    public static final int CAPACITY = 256;
    public static final int CHILDREN_OFFSET = InnerNode.HEADER_BYTES;
    public static final int UNITS = (CHILDREN_OFFSET + 2 * CAPACITY) / FrameHeader.UNIT_BYTES;

    private Node256() {}
}
