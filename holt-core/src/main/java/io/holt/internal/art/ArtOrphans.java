package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;

/** Lists what a frame that is to be freed refers to: child frames and large values. The frame is still. */
public final class ArtOrphans {

    /** Behind all units of a frame. */
    private static final int NO_UNIT = 1 << 16;

    private ArtOrphans() {}

    /** Tells of each child frame once, and of each leaf with a large value. */
    public static void collect(long frame, ArtErase.Orphans orphans) {
        boolean onlySmall = FrameHeader.hasOnlySmallValues(frame);
        if (onlySmall && FrameHeader.crossings(frame) == 0) {
            return;
        }
        // Leaves without large values need not be read: a reference says by itself whether it is to a leaf.
        int leaves = onlySmall ? FrameHeader.leafStart(frame) >>> FrameHeader.UNIT_SHIFT : NO_UNIT;
        visit(frame, FrameHeader.rootUnit(frame), leaves, orphans);
    }

    /** What is referred to at or behind unit {@code leaves} is passed over. */
    private static void visit(long frame, int unit, int leaves, ArtErase.Orphans orphans) {
        if (unit >= leaves) {
            return;
        }
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int type = InnerNode.type(header);
        if (type == NodeType.LEAF) {
            if (Leaf.isLarge(header)) {
                orphans.largeLeaf(node, header);
            }
            return;
        }
        if (type == NodeType.CROSSING) {
            orphans.frame(Crossing.blobId(header));
            return;
        }
        if (InnerNode.terminal(header) != 0) {
            visit(frame, InnerNode.terminal(header), leaves, orphans);
        }
        int previous = 0;
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            int child = Nodes.childAt(node, header, p);
            if (child != previous) {
                visit(frame, child, leaves, orphans);
                previous = child;
            }
        }
    }
}
