package io.holt.internal.layout;

import io.holt.internal.memory.Memory;

/**
 * A reference to a child frame. It does not consume the branching byte: the child's root dispatches on it again, so
 * neighbouring edges of one node may share one crossing.
 *
 * <pre>
 *      0       1       2       3       4       5       6       7
 * 0 | type  | 0     | edges         | blob id                       |
 * </pre>
 *
 * <p>"Edges" counts how many edges of its node refer to it.
 */
public final class Crossing {

    public static final int UNITS = 1;

    private Crossing() {}

    public static long header(int edges, int blobId) {
        return NodeType.CROSSING | ((long) edges << 16) | ((long) blobId << 32);
    }

    public static int edges(long header) {
        return (int) (header >>> 16) & 0xFFFF;
    }

    public static int blobId(long header) {
        return (int) (header >>> 32);
    }

    public static void addEdges(long crossing, int delta) {
        long header = Memory.getLong(crossing);
        Memory.putLong(crossing, header(edges(header) + delta, blobId(header)));
    }
}
