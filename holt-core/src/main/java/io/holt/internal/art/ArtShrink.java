package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;

/**
 * Makes a node that lost an edge as small as it can be: a smaller type, or joined with its only child, or gone. The
 * limits lie below the capacity of the smaller type, so that a node at the edge does not change to and fro.
 */
final class ArtShrink {

    private static final int NODE256_MIN = 40;
    private static final int NODE48_MIN = 13;
    private static final int NODE16_MIN = 4;

    private ArtShrink() {}

    /**
     * Looks after a node that lost an edge or its terminal.
     *
     * @param above node that refers to it, by {@code edge}; {@link Links#ROOT} if it is the root, which only shrinks
     * @return whether the node is gone, so that {@code above} lost an edge itself
     */
    static boolean afterRemoval(long frame, long above, int edge, int unit) {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int children = InnerNode.children(header);
        int terminal = InnerNode.terminal(header);
        if (above != Links.ROOT && children == 0) {
            if (terminal == 0) {
                Links.mark(frame, above);
                Nodes.remove(above, edge);
            } else {
                Links.link(frame, above, edge, terminal);
            }
            FrameAllocator.freeInner(frame, Nodes.blockUnit(unit, header), Nodes.blockUnits(header));
            return terminal == 0;
        }
        if (above != Links.ROOT && children == 1 && terminal == 0) {
            joinWithChild(frame, above, edge, unit, header);
            return false;
        }
        int smaller = smallerType(InnerNode.type(header), children);
        if (smaller != 0 && FrameAllocator.fits(frame, Links.resizedUnits(header, smaller), 0, 0)) {
            Links.resize(frame, above, edge, unit, smaller);
        }
        return false;
    }

    /**
     * Looks after the last node on a path, which lost edges, and after those above it that lose theirs by this. All
     * nodes above it, but the root, have a terminal, or two edges, or one edge that could not be joined.
     *
     * @param depth no node further down is looked at
     */
    static void along(long frame, byte[] key, int offset, int depth) {
        boolean vanished = true;
        while (vanished) {
            vanished = lastNode(frame, key, offset, depth);
        }
    }

    private static boolean lastNode(long frame, byte[] key, int offset, int depth) {
        long above = Links.ROOT;
        int aboveEdge = 0;
        int unit = FrameHeader.rootUnit(frame);
        int at = FrameHeader.rootDepth(frame);
        while (true) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            at += InnerNode.prefixBytes(header);
            int child = at < depth ? Nodes.find(node, header, key[offset + at] & 0xFF) : 0;
            if (child == 0 || !continues(frame, child, key, offset + at + 1, depth - at - 1)) {
                return afterRemoval(frame, above, aboveEdge, unit);
            }
            above = node;
            aboveEdge = key[offset + at] & 0xFF;
            unit = child;
            at++;
        }
    }

    /** Whether a child is a node whose prefix is on the path. */
    private static boolean continues(long frame, int child, byte[] key, int from, int bytes) {
        long node = Nodes.address(frame, child);
        long header = Memory.getLong(node);
        int prefix = InnerNode.prefixBytes(header);
        return NodeType.isInner(InnerNode.type(header))
                && prefix <= bytes
                && ByteSearch.equal(node - prefix, key, from, prefix);
    }

    private static int smallerType(int type, int children) {
        return switch (type) {
            case NodeType.NODE256 -> children < NODE256_MIN ? NodeType.NODE48 : 0;
            case NodeType.NODE48 -> children < NODE48_MIN ? NodeType.NODE16 : 0;
            case NodeType.NODE16 -> children < NODE16_MIN ? NodeType.NODE4 : 0;
            default -> 0;
        };
    }

    private static void joinWithChild(long frame, long above, int edge, int unit, long header) {
        long node = Nodes.address(frame, unit);
        int position = Nodes.ceiling(node, header, 0);
        int childUnit = Nodes.childAt(node, header, position);
        long child = Nodes.address(frame, childUnit);
        long childHeader = Memory.getLong(child);
        int childType = InnerNode.type(childHeader);
        if (childType == NodeType.CROSSING) {
            // The child frame's root stays at its depth, so the node above it can't be lengthened past it.
            return;
        }
        if (childType == NodeType.LEAF) {
            Links.link(frame, above, edge, childUnit);
        } else {
            int prefix = InnerNode.prefixBytes(header);
            int childPrefix = InnerNode.prefixBytes(childHeader);
            int joined = prefix + 1 + childPrefix;
            int body = InnerNode.bodyUnits(childType);
            if (!FrameAllocator.fits(frame, InnerNode.prefixUnits(joined) + body, 0, 0)) {
                return;
            }
            int copyUnit = Links.newNode(frame, childType, joined, 0);
            long copy = Nodes.address(frame, copyUnit);
            Memory.copy(child, copy, (long) body * 8);
            InnerNode.prefixBytes(copy, joined);
            Memory.copy(node - prefix, copy - joined, prefix);
            Memory.putByte(copy - childPrefix - 1, Nodes.keyAt(node, header, position));
            Memory.copy(child - childPrefix, copy - childPrefix, childPrefix);
            Links.link(frame, above, edge, copyUnit);
            FrameAllocator.freeInner(frame, Nodes.blockUnit(childUnit, childHeader), Nodes.blockUnits(childHeader));
        }
        FrameAllocator.freeInner(frame, Nodes.blockUnit(unit, header), Nodes.blockUnits(header));
    }
}
