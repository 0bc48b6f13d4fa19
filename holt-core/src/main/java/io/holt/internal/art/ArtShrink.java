package io.holt.internal.art;

import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.NodeType;
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
