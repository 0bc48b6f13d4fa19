package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;

/** Lists what a frame that is to be freed refers to: child frames and large values. The frame is still. */
public final class ArtOrphans {

    private ArtOrphans() {}

    /** Tells of each child frame once, and of each leaf with a large value. */
    public static void collect(long frame, ArtErase.Orphans orphans) {
        visit(frame, FrameHeader.rootUnit(frame), orphans);
    }

    private static void visit(long frame, int unit, ArtErase.Orphans orphans) {
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
            visit(frame, InnerNode.terminal(header), orphans);
        }
        int previous = 0;
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            int child = Nodes.childAt(node, header, p);
            if (child != previous) {
                visit(frame, child, orphans);
                previous = child;
            }
        }
    }
}
