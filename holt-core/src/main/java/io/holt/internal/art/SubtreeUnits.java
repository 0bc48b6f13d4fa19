package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;

/**
 * Units that subtrees of one frame take. A node below is gone through once, however often the subtrees above it are
 * asked for. For a frame that nobody changes meanwhile; one thread at a time.
 */
final class SubtreeUnits {

    private final long frame;
    private final int firstUnit;

    /** By unit of an inner node: the units of its subtree, negative if there is a crossing below; 0 if not known. */
    private final int[] ofInner;

    SubtreeUnits(long frame) {
        this.frame = frame;
        this.firstUnit = FrameHeader.PAGE_BYTES >>> FrameHeader.UNIT_SHIFT;
        this.ofInner = new int[(FrameHeader.innerEnd(frame) >>> FrameHeader.UNIT_SHIFT) - firstUnit];
    }

    long frame() {
        return frame;
    }

    /** Units of a node or leaf with all below it. */
    int of(int unit) {
        return Math.abs(signed(unit));
    }

    /** Whether the subtree has a crossing, at its top or below. */
    boolean crosses(int unit) {
        return signed(unit) < 0;
    }

    private int signed(int unit) {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int type = InnerNode.type(header);
        if (type == NodeType.LEAF) {
            return Leaf.units(header);
        }
        if (type == NodeType.CROSSING) {
            return -Crossing.UNITS;
        }
        int known = ofInner[unit - firstUnit];
        if (known == 0) {
            known = measure(node, header);
            ofInner[unit - firstUnit] = known;
        }
        return known;
    }

    private int measure(long node, long header) {
        int sum = Nodes.blockUnits(header);
        boolean crosses = false;
        if (InnerNode.terminal(header) != 0) {
            sum += of(InnerNode.terminal(header));
        }
        int previous = 0;
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            int to = Nodes.childAt(node, header, p);
            if (to != previous) {
                int below = signed(to);
                sum += Math.abs(below);
                crosses |= below < 0;
                previous = to;
            }
        }
        return crosses ? -sum : sum;
    }
}
