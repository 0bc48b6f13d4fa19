package io.holt.internal.layout;

/**
 * An inner node of up to 4 children; keys ascend.
 *
 * <pre>
 *       0       1       2       3       4       5       6       7
 *  0 | header (see InnerNode)                                        |
 *  8 | key 0 | key 1 | key 2 | key 3 | child 0       | child 1       |
 * 16 | child 2       | child 3       | unused                        |
 * </pre>
 */
public final class Node4 {

    public static final int CAPACITY = 4;
    public static final int KEYS_OFFSET = InnerNode.HEADER_BYTES;
    public static final int CHILDREN_OFFSET = KEYS_OFFSET + CAPACITY;
    public static final int UNITS = (CHILDREN_OFFSET + 2 * CAPACITY + 7) / FrameHeader.UNIT_BYTES;

    private Node4() {}
}
