package io.holt.internal.layout;

/** What a node's first byte says it is. Zero is never a node: freed memory and a null reference read as zero. */
public final class NodeType {

    public static final int LEAF = 1;
    public static final int CROSSING = 2;
    public static final int NODE4 = 3;
    public static final int NODE16 = 4;
    public static final int NODE48 = 5;
    public static final int NODE256 = 6;

    private NodeType() {}

    public static boolean isInner(int type) {
        return type >= NODE4 && type <= NODE256;
    }
}
