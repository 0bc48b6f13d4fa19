package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;

/**
 * Takes out of a frame, under its exclusive latch (I1), what has been copied to another one. The caller has marked all
 * pages (P1).
 */
final class ArtDrop {

    private static final ArtErase.Orphans MOVED = new ArtErase.Orphans() {
        @Override
        public void frame(int blobId) {
            // The copy refers to it.
        }

        @Override
        public void largeLeaf(long leaf, long header) {
            // The copy has its value frames.
        }
    };

    private ArtDrop() {}

    /** Removes a node's edges from a key byte on, whose subtrees, and nothing else, a copier has copied. */
    static void edgesFrom(long frame, int unit, int low, SubtreeCopier copier) {
        boolean tail = copier.copiedLeafTail();
        int leafStart = FrameHeader.leafStart(frame);
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int position = Nodes.ceiling(node, header, low);
        while (position != Nodes.NONE) {
            int key = Nodes.keyAt(node, header, position);
            int child = Nodes.childAt(node, header, position);
            Nodes.remove(node, key);
            if (tail) {
                freeInner(frame, child, leafStart);
            } else {
                ArtErase.freeSubtree(frame, child, MOVED);
            }
            header = Memory.getLong(node);
            position = Nodes.ceiling(node, header, key);
        }
        if (tail) {
            FrameHeader.addRecords(frame, -copier.copiedLeaves());
            FrameAllocator.freeLeafTail(frame, copier.copiedLeafUnits());
        }
    }

    /** Frees a subtree's blocks, but for leaves: those lie from {@code leafStart} on. */
    private static void freeInner(long frame, int unit, int leafStart) {
        if (unit << FrameHeader.UNIT_SHIFT >= leafStart) {
            return;
        }
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        if (InnerNode.type(header) == NodeType.CROSSING) {
            ArtErase.freeSubtree(frame, unit, MOVED);
            return;
        }
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            freeInner(frame, Nodes.childAt(node, header, p), leafStart);
        }
        FrameAllocator.freeInner(frame, Nodes.blockUnit(unit, header), Nodes.blockUnits(header));
    }
}
