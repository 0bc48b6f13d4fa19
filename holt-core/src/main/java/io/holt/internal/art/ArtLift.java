package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;

/**
 * Moves the only node below a frame's root up into the parent's frame, and roots the frame there.
 *
 * <p>Before: a node of the parent's frame has an edge to the crossing; the child's root has that one edge, to a node.
 * After: the parent's edge leads to a copy of that node, all of whose edges lead to the crossing, and the child's root
 * is the node itself. A key that ends at the node is a record of the parent's frame from then on: a child's root never
 * has a terminal.
 */
public final class ArtLift {

    private ArtLift() {}

    /** Whether the parent's frame has room for the node that {@link #lift} would move there. */
    public static boolean fits(long frame, long parent) {
        long header = Memory.getLong(onlyChild(frame));
        int nodeUnits = Links.resizedUnits(header, InnerNode.typeFor(InnerNode.children(header)));
        int leafUnits = 0;
        if (InnerNode.terminal(header) != 0) {
            long leaf = Memory.getLong(Nodes.address(frame, InnerNode.terminal(header)));
            int keyBytes = Leaf.keyBytes(leaf) + FrameHeader.basePathBytes(frame);
            leafUnits = Links.leafUnits(parent, keyBytes, Leaf.flags(leaf), Leaf.valueBytes(leaf));
        }
        return FrameAllocator.fits(parent, nodeUnits, 0, leafUnits);
    }

    /**
     * Carries it out; the source frame is not changed.
     *
     * @param successor fresh frame that takes the source's place
     * @param path key bytes above the source's root
     */
    public static void lift(long frame, long successor, long parent, byte[] path) {
        long root = Nodes.address(frame, FrameHeader.rootUnit(frame));
        int edge = firstKey(root);
        long node = onlyChild(frame);
        long header = Memory.getLong(node);
        int prefix = InnerNode.prefixBytes(header);
        byte[] deeper = java.util.Arrays.copyOf(path, path.length + 1 + prefix);
        deeper[path.length] = (byte) edge;
        Memory.copyToArray(node - prefix, deeper, path.length + 1, prefix);

        FrameHeader.format(
                successor,
                FrameHeader.KIND_TREE,
                FrameHeader.blobId(frame),
                FrameHeader.treeId(frame),
                FrameHeader.epoch(frame));
        FrameHeader.lsn(successor, FrameHeader.lsn(frame));
        FrameHeader.path(successor, deeper, deeper.length);
        int nodeUnit = (int) ((node - frame) >>> FrameHeader.UNIT_SHIFT);
        new SubtreeCopier(frame, successor).copyRangeAsRoot(nodeUnit, 0, 255);

        long above = Nodes.address(parent, NodeAt.depth(parent, path, path.length));
        int crossing = dropOtherEdges(parent, above, edge);
        Nodes.replace(above, edge, moveUp(frame, parent, node, crossing));
    }

    /** Writes the copy of a node to the parent's frame, with all edges leading to the crossing; returns its unit. */
    private static int moveUp(long frame, long parent, long node, int crossing) {
        long header = Memory.getLong(node);
        int prefix = InnerNode.prefixBytes(header);
        int edges = InnerNode.children(header);
        int unit = Links.newNode(parent, InnerNode.typeFor(edges), prefix, 0);
        long copy = Nodes.address(parent, unit);
        Memory.copy(node - prefix, copy - prefix, prefix);
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            Nodes.add(copy, Nodes.keyAt(node, header, p), crossing);
        }
        if (InnerNode.terminal(header) != 0) {
            InnerNode.terminal(copy, new SubtreeCopier(frame, parent).copyLeafAt(InnerNode.terminal(header)));
        }
        long address = Nodes.address(parent, crossing);
        Memory.putLong(address, Crossing.header(edges, Crossing.blobId(Memory.getLong(address))));
        return unit;
    }

    /**
     * Removes the edges, but one, that lead to the same crossing: nothing is behind them any more, and the crossing is
     * about to lead deeper.
     *
     * @return unit of the crossing
     */
    private static int dropOtherEdges(long parent, long above, int edge) {
        long header = Memory.getLong(above);
        int crossing = Nodes.find(above, header, edge);
        assert InnerNode.type(Memory.getLong(Nodes.address(parent, crossing))) == NodeType.CROSSING;
        int p = Nodes.ceiling(above, header, 0);
        while (p != Nodes.NONE) {
            int key = Nodes.keyAt(above, header, p);
            if (key != edge && Nodes.childAt(above, header, p) == crossing) {
                Nodes.remove(above, key);
                header = Memory.getLong(above);
            }
            p = Nodes.ceiling(above, header, key + 1);
        }
        return crossing;
    }

    private static long onlyChild(long frame) {
        long root = Nodes.address(frame, FrameHeader.rootUnit(frame));
        long header = Memory.getLong(root);
        return Nodes.address(frame, Nodes.childAt(root, header, Nodes.ceiling(root, header, 0)));
    }

    private static int firstKey(long root) {
        long header = Memory.getLong(root);
        return Nodes.keyAt(root, header, Nodes.ceiling(root, header, 0));
    }
}
