package io.holt.internal.art;

import static io.holt.internal.layout.FrameHeader.UNIT_BYTES;
import static io.holt.internal.layout.FrameHeader.UNIT_SHIFT;

import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Node16;
import io.holt.internal.layout.Node256;
import io.holt.internal.layout.Node4;
import io.holt.internal.layout.Node48;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;

/**
 * Edges of one inner node: find, walk in order, add, remove.
 *
 * <p>An edge's <em>position</em> is its index for Node4 and Node16 and its key byte for Node48 and Node256; positions
 * ascend with key bytes. Reading methods may see torn bytes: they stay within the node and end, whatever they see.
 */
final class Nodes {

    /** No edge: neither a position nor a reference. */
    static final int NONE = -1;

    private Nodes() {}

    /** The child of an edge, or 0. Node header in {@code header}. */
    static int find(long node, long header, int key) {
        return switch (InnerNode.type(header)) {
            case NodeType.NODE4 -> {
                int index = ByteSearch.find4(Memory.getInt(node + Node4.KEYS_OFFSET), key);
                yield index < clampedChildren(header, Node4.CAPACITY)
                        ? Memory.getUnsignedShort(node + Node4.CHILDREN_OFFSET + 2L * index)
                        : 0;
            }
            case NodeType.NODE16 -> {
                int index = ByteSearch.find16(
                        Memory.getLong(node + Node16.KEYS_OFFSET), Memory.getLong(node + Node16.KEYS_OFFSET + 8), key);
                yield index < clampedChildren(header, Node16.CAPACITY)
                        ? Memory.getUnsignedShort(node + Node16.CHILDREN_OFFSET + 2L * index)
                        : 0;
            }
            case NodeType.NODE48 -> {
                int number = Memory.getUnsignedByte(node + Node48.INDEX_OFFSET + key);
                yield number == 0 ? 0 : Memory.getUnsignedShort(node + Node48.CHILDREN_OFFSET + 2L * (number - 1));
            }
            case NodeType.NODE256 -> Memory.getUnsignedShort(node + Node256.CHILDREN_OFFSET + 2L * key);
            default -> 0;
        };
    }

    /** Position of the first edge whose key is at least {@code key} (0 to 256), or {@link #NONE}. */
    static int ceiling(long node, long header, int key) {
        return switch (InnerNode.type(header)) {
            case NodeType.NODE4 -> ceilingSorted(node + Node4.KEYS_OFFSET, header, Node4.CAPACITY, key);
            case NodeType.NODE16 -> ceilingSorted(node + Node16.KEYS_OFFSET, header, Node16.CAPACITY, key);
            case NodeType.NODE48 -> atOrAfter(node + Node48.INDEX_OFFSET, 0, key);
            case NodeType.NODE256 -> atOrAfter(node + Node256.CHILDREN_OFFSET, 1, key);
            default -> NONE;
        };
    }

    /**
     * The first of 256 slots, from one on, that is not 0, or {@link #NONE}; eight bytes at a time.
     *
     * @param shift a slot has {@code 1 << shift} bytes
     */
    private static int atOrAfter(long slots, int shift, int first) {
        int perWord = 8 >>> shift;
        for (int i = first; i < 256; i = (i & -perWord) + perWord) {
            long word =
                    Memory.getLong(slots + ((long) (i & -perWord) << shift)) >>> ((i & (perWord - 1)) << (3 + shift));
            if (word != 0) {
                return i + (Long.numberOfTrailingZeros(word) >>> (3 + shift));
            }
        }
        return NONE;
    }

    /** As {@link #atOrAfter}, backwards. */
    private static int atOrBefore(long slots, int shift, int last) {
        int perWord = 8 >>> shift;
        for (int i = last; i >= 0; i = (i & -perWord) - 1) {
            long word = Memory.getLong(slots + ((long) (i & -perWord) << shift))
                    << ((perWord - 1 - (i & (perWord - 1))) << (3 + shift));
            if (word != 0) {
                return i - (Long.numberOfLeadingZeros(word) >>> (3 + shift));
            }
        }
        return NONE;
    }

    private static int ceilingSorted(long keys, long header, int capacity, int key) {
        int count = clampedChildren(header, capacity);
        int index = ByteSearch.lowerBound(keys, count, key);
        return index < count ? index : NONE;
    }

    /** Position of the last edge whose key is at most {@code key} (-1 to 255), or {@link #NONE}. */
    static int floor(long node, long header, int key) {
        return switch (InnerNode.type(header)) {
            case NodeType.NODE4 ->
                ByteSearch.lowerBound(node + Node4.KEYS_OFFSET, clampedChildren(header, Node4.CAPACITY), key + 1) - 1;
            case NodeType.NODE16 ->
                ByteSearch.lowerBound(node + Node16.KEYS_OFFSET, clampedChildren(header, Node16.CAPACITY), key + 1) - 1;
            case NodeType.NODE48 -> atOrBefore(node + Node48.INDEX_OFFSET, 0, key);
            case NodeType.NODE256 -> atOrBefore(node + Node256.CHILDREN_OFFSET, 1, key);
            default -> NONE;
        };
    }

    /** Position after one, or {@link #NONE}. */
    static int next(long node, long header, int position) {
        return switch (InnerNode.type(header)) {
            case NodeType.NODE4 -> position + 1 < clampedChildren(header, 4) ? position + 1 : NONE;
            case NodeType.NODE16 -> position + 1 < clampedChildren(header, 16) ? position + 1 : NONE;
            default -> ceiling(node, header, position + 1);
        };
    }

    /** Position before one, or {@link #NONE}. */
    static int previous(long node, long header, int position) {
        return switch (InnerNode.type(header)) {
            case NodeType.NODE4, NodeType.NODE16 -> position - 1;
            default -> floor(node, header, position - 1);
        };
    }

    /** Key byte of the edge at a position. */
    static int keyAt(long node, long header, int position) {
        return switch (InnerNode.type(header)) {
            case NodeType.NODE4 -> Memory.getUnsignedByte(node + Node4.KEYS_OFFSET + position);
            case NodeType.NODE16 -> Memory.getUnsignedByte(node + Node16.KEYS_OFFSET + position);
            default -> position;
        };
    }

    /** Child of the edge at a position; 0 only in a torn read. */
    static int childAt(long node, long header, int position) {
        return switch (InnerNode.type(header)) {
            case NodeType.NODE4 -> Memory.getUnsignedShort(node + Node4.CHILDREN_OFFSET + 2L * position);
            case NodeType.NODE16 -> Memory.getUnsignedShort(node + Node16.CHILDREN_OFFSET + 2L * position);
            case NodeType.NODE48 -> {
                int number = Memory.getUnsignedByte(node + Node48.INDEX_OFFSET + position);
                yield number == 0 ? 0 : Memory.getUnsignedShort(node + Node48.CHILDREN_OFFSET + 2L * (number - 1));
            }
            case NodeType.NODE256 -> Memory.getUnsignedShort(node + Node256.CHILDREN_OFFSET + 2L * position);
            default -> 0;
        };
    }

    /** Points an edge that exists to another child. */
    static void replace(long node, int key, int child) {
        long header = Memory.getLong(node);
        int position = ceiling(node, header, key);
        assert position != NONE && keyAt(node, header, position) == key : "no edge " + key;
        Memory.putShort(childAddress(node, header, position), child);
    }

    /** Adds an edge that does not exist to a node that has room. */
    static void add(long node, int key, int child) {
        long header = Memory.getLong(node);
        int type = InnerNode.type(header);
        int count = InnerNode.children(header);
        assert count < InnerNode.capacity(type) : "node is full";
        assert find(node, header, key) == 0 : "edge exists: " + key;
        switch (type) {
            case NodeType.NODE4 -> addSorted(node + Node4.KEYS_OFFSET, node + Node4.CHILDREN_OFFSET, count, key, child);
            case NodeType.NODE16 ->
                addSorted(node + Node16.KEYS_OFFSET, node + Node16.CHILDREN_OFFSET, count, key, child);
            case NodeType.NODE48 -> {
                Memory.putShort(node + Node48.CHILDREN_OFFSET + 2L * count, child);
                Memory.putByte(node + Node48.INDEX_OFFSET + key, count + 1);
            }
            default -> Memory.putShort(node + Node256.CHILDREN_OFFSET + 2L * key, child);
        }
        InnerNode.children(node, count + 1);
    }

    /**
     * Writes an edge, beyond those that are there, to a node that is being made; how many it has is written by the
     * caller at the end.
     */
    static void append(long node, int type, int count, int key, int child) {
        switch (type) {
            case NodeType.NODE4 -> {
                Memory.putByte(node + Node4.KEYS_OFFSET + count, key);
                Memory.putShort(node + Node4.CHILDREN_OFFSET + 2L * count, child);
            }
            case NodeType.NODE16 -> {
                Memory.putByte(node + Node16.KEYS_OFFSET + count, key);
                Memory.putShort(node + Node16.CHILDREN_OFFSET + 2L * count, child);
            }
            case NodeType.NODE48 -> {
                Memory.putShort(node + Node48.CHILDREN_OFFSET + 2L * count, child);
                Memory.putByte(node + Node48.INDEX_OFFSET + key, count + 1);
            }
            default -> Memory.putShort(node + Node256.CHILDREN_OFFSET + 2L * key, child);
        }
    }

    /** Removes an edge that exists. */
    static void remove(long node, int key) {
        long header = Memory.getLong(node);
        int type = InnerNode.type(header);
        int count = InnerNode.children(header);
        assert find(node, header, key) != 0 : "no edge " + key;
        switch (type) {
            case NodeType.NODE4 -> removeSorted(node + Node4.KEYS_OFFSET, node + Node4.CHILDREN_OFFSET, count, key);
            case NodeType.NODE16 -> removeSorted(node + Node16.KEYS_OFFSET, node + Node16.CHILDREN_OFFSET, count, key);
            case NodeType.NODE48 -> removeNumbered(node, count, key);
            default -> Memory.putShort(node + Node256.CHILDREN_OFFSET + 2L * key, 0);
        }
        InnerNode.children(node, count - 1);
    }

    /** Writes the header of a node without edges and clears its body; its prefix is the caller's to write. */
    static void format(long node, int type, int prefixBytes, int terminal) {
        Memory.fill(node, (long) InnerNode.bodyUnits(type) * UNIT_BYTES, 0);
        Memory.putLong(node, InnerNode.header(type, prefixBytes, terminal, 0));
    }

    /** Adds all edges of one node to another, empty one that has room. */
    static void copyEdges(long from, long to) {
        long header = Memory.getLong(from);
        for (int p = ceiling(from, header, 0); p != NONE; p = next(from, header, p)) {
            add(to, keyAt(from, header, p), childAt(from, header, p));
        }
    }

    /** First unit of the block that a node and its prefix take. */
    static int blockUnit(int nodeUnit, long header) {
        return nodeUnit - InnerNode.prefixUnits(InnerNode.prefixBytes(header));
    }

    /** Units of the block that a node and its prefix take. */
    static int blockUnits(long header) {
        return InnerNode.prefixUnits(InnerNode.prefixBytes(header)) + InnerNode.bodyUnits(InnerNode.type(header));
    }

    static long address(long frame, int unit) {
        return frame + ((long) unit << UNIT_SHIFT);
    }

    private static int clampedChildren(long header, int capacity) {
        return Math.min(InnerNode.children(header), capacity);
    }

    private static long childAddress(long node, long header, int position) {
        return switch (InnerNode.type(header)) {
            case NodeType.NODE4 -> node + Node4.CHILDREN_OFFSET + 2L * position;
            case NodeType.NODE16 -> node + Node16.CHILDREN_OFFSET + 2L * position;
            case NodeType.NODE48 ->
                node
                        + Node48.CHILDREN_OFFSET
                        + 2L * (Memory.getUnsignedByte(node + Node48.INDEX_OFFSET + position) - 1);
            default -> node + Node256.CHILDREN_OFFSET + 2L * position;
        };
    }

    private static void addSorted(long keys, long children, int count, int key, int child) {
        int at = ByteSearch.lowerBound(keys, count, key);
        Memory.copy(keys + at, keys + at + 1, count - at);
        Memory.copy(children + 2L * at, children + 2L * (at + 1), 2L * (count - at));
        Memory.putByte(keys + at, key);
        Memory.putShort(children + 2L * at, child);
    }

    private static void removeSorted(long keys, long children, int count, int key) {
        int at = ByteSearch.lowerBound(keys, count, key);
        Memory.copy(keys + at + 1, keys + at, count - at - 1);
        Memory.copy(children + 2L * (at + 1), children + 2L * at, 2L * (count - at - 1));
    }

    /** The last child takes the number of the removed one, so that numbers 1 to n stay in use. */
    private static void removeNumbered(long node, int count, int key) {
        int number = Memory.getUnsignedByte(node + Node48.INDEX_OFFSET + key);
        Memory.putByte(node + Node48.INDEX_OFFSET + key, 0);
        if (number == count) {
            return;
        }
        int last = 0;
        while (Memory.getUnsignedByte(node + Node48.INDEX_OFFSET + last) != count) {
            last++;
        }
        Memory.putByte(node + Node48.INDEX_OFFSET + last, number);
        Memory.putShort(
                node + Node48.CHILDREN_OFFSET + 2L * (number - 1),
                Memory.getShort(node + Node48.CHILDREN_OFFSET + 2L * (count - 1)));
    }
}
