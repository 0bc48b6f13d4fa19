package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.memory.Memory;

/**
 * The inverse of {@link ArtSplit}: joins the frames of two neighbouring groups of edges, see {@link ArtJoin}, or moves
 * a frame's content up to its parent's frame.
 *
 * <p>The frames to be merged and their parent's are latched by the caller; whether the outcome fits is the caller's to
 * ask before. Nothing here fails.
 */
public final class ArtMerge {

    private ArtMerge() {}

    /** The blob that a crossing names; 0 for any other node. */
    static int blobBehind(long frame, int unit) {
        long header = Memory.getLong(Nodes.address(frame, unit));
        return InnerNode.type(header) == NodeType.CROSSING ? Crossing.blobId(header) : 0;
    }

    /** Bytes that a frame's content would take in its parent's frame; more are never needed. */
    public static int bytesAbove(long frame, long parent) {
        return (int) unitsUnder(frame, FrameHeader.basePathBytes(parent)) * FrameHeader.UNIT_BYTES;
    }

    /** Whether so many bytes can be had in a frame as it is, whatever the sizes of the blocks. */
    public static boolean fits(long frame, int bytes) {
        return bytes <= FrameHeader.gapBytes(frame);
    }

    /**
     * Moves all that a frame holds to its parent's frame: each edge of its group leads to what was behind it, or is
     * removed. The frame itself is not changed, and nothing refers to it any more.
     */
    public static void moveUp(long frame, long parent, byte[] path, int depth) {
        int blobId = FrameHeader.blobId(frame);
        long node = Nodes.address(parent, NodeAt.depth(parent, path, depth));
        long root = Nodes.address(frame, FrameHeader.rootUnit(frame));
        long rootHeader = Memory.getLong(root);
        assert InnerNode.terminal(rootHeader) == 0 : "a child's root never has a terminal";
        SubtreeCopier copier = new SubtreeCopier(frame, parent);
        int crossing = 0;
        int moved = 0;
        long header = Memory.getLong(node);
        int p = Nodes.ceiling(node, header, 0);
        while (p != Nodes.NONE) {
            int key = Nodes.keyAt(node, header, p);
            int child = Nodes.childAt(node, header, p);
            if (blobBehind(parent, child) == blobId && (crossing == 0 || child == crossing)) {
                crossing = child;
                int from = Nodes.find(root, rootHeader, key);
                int copy = from == 0 ? 0 : copier.copyTarget(from);
                moved += from == 0 ? 0 : 1;
                if (copy == 0) {
                    Nodes.remove(node, key);
                    header = Memory.getLong(node);
                } else {
                    Nodes.replace(node, key, copy);
                }
            }
            p = Nodes.ceiling(node, header, key + 1);
        }
        assert crossing != 0 : "no edge leads to blob " + blobId;
        assert moved == InnerNode.children(rootHeader) : "a record of blob " + blobId + " could not be reached";
        freeCrossing(parent, crossing);
        ArtShrink.along(parent, path, 0, depth);
    }

    /** Whether no key of a frame is less than this one, whose path leads through it. */
    public static boolean isBeforeAll(long frame, byte[] key, int offset, int bytes) {
        int unit = FrameHeader.rootUnit(frame);
        int depth = FrameHeader.rootDepth(frame);
        while (true) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            int type = InnerNode.type(header);
            if (type == NodeType.CROSSING) {
                return true;
            }
            if (type == NodeType.LEAF) {
                int skipped = depth - FrameHeader.basePathBytes(frame);
                int rest = Leaf.keyBytes(header) - skipped;
                return ByteSearch.compare(Leaf.key(node, header) + skipped, rest, key, offset + depth, bytes - depth)
                        >= 0;
            }
            int prefix = InnerNode.prefixBytes(header);
            int comparable = Math.min(prefix, bytes - depth);
            int order = ByteSearch.compare(node - prefix, prefix, key, offset + depth, comparable);
            if (order != 0 || depth + prefix >= bytes) {
                return order >= 0;
            }
            depth += prefix;
            int edge = key[offset + depth] & 0xFF;
            if (InnerNode.terminal(header) != 0 || Nodes.floor(node, header, edge - 1) != Nodes.NONE) {
                return false;
            }
            unit = Nodes.find(node, header, edge);
            if (unit == 0) {
                return true;
            }
            depth++;
        }
    }

    static void freeCrossing(long frame, int unit) {
        FrameAllocator.freeInner(frame, unit, Crossing.UNITS);
        FrameHeader.addCrossings(frame, -1);
    }

    /**
     * The child frame that holds the greatest keys below a key of this frame, if nothing of this frame itself lies
     * between them.
     *
     * @return its blob id, or 0 if there is none
     */
    public static int crossingBefore(long frame, byte[] key, int offset, int bytes) {
        int unit = FrameHeader.rootUnit(frame);
        int depth = FrameHeader.rootDepth(frame);
        int smaller = 0;
        while (true) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            if (!NodeType.isInner(InnerNode.type(header))) {
                break;
            }
            depth += InnerNode.prefixBytes(header);
            if (depth >= bytes) {
                break;
            }
            int edge = key[offset + depth] & 0xFF;
            int child = Nodes.find(node, header, edge);
            int p = Nodes.floor(node, header, edge - 1);
            while (p != Nodes.NONE && child != 0 && Nodes.childAt(node, header, p) == child) {
                p = Nodes.previous(node, header, p);
            }
            smaller = p == Nodes.NONE ? smaller : Nodes.childAt(node, header, p);
            if (child == 0) {
                break;
            }
            unit = child;
            depth++;
        }
        return smaller == 0 ? 0 : blobBehind(frame, lastBelow(frame, smaller));
    }

    private static int lastBelow(long frame, int from) {
        int unit = from;
        while (true) {
            long node = Nodes.address(frame, unit);
            long header = Memory.getLong(node);
            int last = NodeType.isInner(InnerNode.type(header)) ? Nodes.floor(node, header, 255) : Nodes.NONE;
            if (last == Nodes.NONE) {
                return unit;
            }
            unit = Nodes.childAt(node, header, last);
        }
    }

    /** Units that what is below a frame's root takes in a frame with so long a base path. */
    static long unitsUnder(long frame, int basePathBytes) {
        long root = Nodes.address(frame, FrameHeader.rootUnit(frame));
        return unitsOfEdges(frame, root, Memory.getLong(root), FrameHeader.basePathBytes(frame) - basePathBytes);
    }

    private static long unitsOfEdges(long frame, long node, long header, int longerKeys) {
        long sum = 0;
        int previous = 0;
        for (int p = Nodes.ceiling(node, header, 0); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            int child = Nodes.childAt(node, header, p);
            sum += child == previous ? 0 : units(frame, child, longerKeys);
            previous = child;
        }
        return sum;
    }

    private static long units(long frame, int unit, int longerKeys) {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int type = InnerNode.type(header);
        if (type == NodeType.LEAF) {
            return Leaf.units(Leaf.flags(header), Leaf.keyBytes(header) + longerKeys, Leaf.valueBytes(header));
        }
        if (type == NodeType.CROSSING) {
            return Crossing.UNITS;
        }
        long own = Links.resizedUnits(header, InnerNode.typeFor(InnerNode.children(header)));
        int terminal = InnerNode.terminal(header);
        long ending = terminal == 0 ? 0 : units(frame, terminal, longerKeys);
        return own + ending + unitsOfEdges(frame, node, header, longerKeys);
    }
}
