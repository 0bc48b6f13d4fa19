package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;
import java.util.Arrays;

/**
 * Joins the frames of two neighbours under one node of their parent's frame.
 *
 * <p>A neighbour is either a group of the node's edges that lead to one crossing, or one edge to an inner node all of
 * whose edges do: what {@link ArtLift} leaves. Such a node moves down again into the frame. The joined frame is rooted
 * at the node itself, and all edges of both neighbours lead to it.
 *
 * <p>An instance plans and carries out one join after another; it is used by one thread at a time, which holds the
 * latches of the parent's frame while it plans, and of all three while it joins.
 */
public final class ArtJoin {

    /** The smallest key byte of a neighbour, its crossing, and the node that moves down, 0 if it is a group. */
    private record Item(int key, int crossing, int lifted) {}

    private byte[] path = {};
    private int node;
    private Item own = new Item(0, 0, 0);
    private Item other = new Item(0, 0, 0);

    /**
     * Looks for a neighbour of the frame that a crossing at a path names.
     *
     * @param framePath key bytes above the frame's root
     * @param right whether on the right side, of greater keys
     * @return its blob id, or 0 if there is none that can be joined
     */
    public int plan(long parent, byte[] framePath, int blobId, boolean right) {
        int unit = FrameHeader.rootUnit(parent);
        int depth = FrameHeader.rootDepth(parent);
        int above = 0;
        int aboveDepth = 0;
        while (true) {
            long header = Memory.getLong(Nodes.address(parent, unit));
            assert NodeType.isInner(InnerNode.type(header)) : "path leads to no inner node";
            depth += InnerNode.prefixBytes(header);
            if (depth == framePath.length) {
                break;
            }
            assert depth < framePath.length : "no node ends at depth " + framePath.length;
            above = unit;
            aboveDepth = depth;
            unit = Nodes.find(Nodes.address(parent, unit), header, framePath[depth] & 0xFF);
            depth++;
        }
        int crossing = onlyCrossing(parent, unit);
        if (crossing == 0) {
            return planAt(parent, unit, Arrays.copyOf(framePath, depth), crossingTo(parent, unit, blobId), 0, right);
        }
        if (above == 0) {
            return 0;
        }
        int edge = framePath[aboveDepth] & 0xFF;
        return planAt(parent, above, Arrays.copyOf(framePath, aboveDepth), new Item(edge, crossing, unit), unit, right);
    }

    private int planAt(long parent, int unit, byte[] nodePath, Item item, int child, boolean right) {
        node = unit;
        path = nodePath;
        own = item;
        int edges = child != 0 ? child : item.crossing;
        long address = Nodes.address(parent, unit);
        long header = Memory.getLong(address);
        int before = 0;
        int beforeKey = 0;
        boolean passed = false;
        for (int p = Nodes.ceiling(address, header, 0); p != Nodes.NONE; p = Nodes.next(address, header, p)) {
            int at = Nodes.childAt(address, header, p);
            int key = Nodes.keyAt(address, header, p);
            if (at == edges) {
                if (!right) {
                    return before == 0 ? 0 : takeOther(parent, beforeKey, before);
                }
                passed = true;
            } else if (passed) {
                return takeOther(parent, key, at);
            }
            beforeKey = at == before ? beforeKey : key;
            before = at;
        }
        return 0;
    }

    private int takeOther(long parent, int key, int child) {
        int blobId = ArtMerge.blobBehind(parent, child);
        if (blobId != 0) {
            other = new Item(key, child, 0);
            return blobId;
        }
        int crossing = onlyCrossing(parent, child);
        other = new Item(key, crossing, child);
        return crossing == 0 ? 0 : ArtMerge.blobBehind(parent, crossing);
    }

    /** The crossing that all edges of a node lead to, or 0. */
    private static int onlyCrossing(long frame, int unit) {
        long address = Nodes.address(frame, unit);
        long header = Memory.getLong(address);
        int first = Nodes.ceiling(address, header, 0);
        if (first == Nodes.NONE || ArtMerge.blobBehind(frame, Nodes.childAt(address, header, first)) == 0) {
            return 0;
        }
        int crossing = Nodes.childAt(address, header, first);
        boolean all = Crossing.edges(Memory.getLong(Nodes.address(frame, crossing))) == InnerNode.children(header);
        return all ? crossing : 0;
    }

    private static Item crossingTo(long frame, int unit, int blobId) {
        long address = Nodes.address(frame, unit);
        long header = Memory.getLong(address);
        int p = Nodes.ceiling(address, header, 0);
        while (ArtMerge.blobBehind(frame, Nodes.childAt(address, header, p)) != blobId) {
            p = Nodes.next(address, header, p);
            assert p != Nodes.NONE : "no edge leads to blob " + blobId;
        }
        return new Item(Nodes.keyAt(address, header, p), Nodes.childAt(address, header, p), 0);
    }

    /** Live bytes that the joined frame will have. */
    public int bytes(long parent, long frame, long otherFrame) {
        int root = InnerNode.bodyUnits(InnerNode.typeFor(rootEdges(own, frame) + rootEdges(other, otherFrame)));
        long units = root + units(parent, own, frame) + units(parent, other, otherFrame);
        return (int) units * FrameHeader.UNIT_BYTES;
    }

    private long units(long parent, Item item, long frame) {
        int base = Math.min(path.length, FrameHeader.MAX_BASE_PATH_BYTES);
        long below = ArtMerge.unitsUnder(frame, base);
        if (item.lifted == 0) {
            return below;
        }
        long header = Memory.getLong(Nodes.address(parent, item.lifted));
        int nodeUnits = Links.resizedUnits(header, InnerNode.typeFor(edgesOfRoot(frame)));
        int leafUnits = 0;
        if (InnerNode.terminal(header) != 0) {
            long leaf = Memory.getLong(Nodes.address(parent, InnerNode.terminal(header)));
            int keyBytes = Leaf.keyBytes(leaf) + FrameHeader.basePathBytes(parent) - base;
            leafUnits = Leaf.units(Leaf.flags(leaf), keyBytes, Leaf.valueBytes(leaf));
        }
        return below + nodeUnits + leafUnits;
    }

    private static int rootEdges(Item item, long frame) {
        return item.lifted == 0 ? edgesOfRoot(frame) : 1;
    }

    private static int edgesOfRoot(long frame) {
        return InnerNode.children(Memory.getLong(Nodes.address(frame, FrameHeader.rootUnit(frame))));
    }

    /**
     * Carries out the plan: writes the content of both frames to a fresh one and makes the parent's edges lead there.
     * Neither frame is empty. They are not changed, and nothing refers to them any more.
     *
     * @param blobId of the joined frame: that of either
     */
    public void join(long parent, long frame, long otherFrame, long target, int blobId) {
        long epoch = FrameHeader.epoch(frame);
        FrameHeader.format(target, FrameHeader.KIND_TREE, blobId, FrameHeader.treeId(frame), epoch);
        FrameHeader.lsn(target, Math.max(FrameHeader.lsn(frame), FrameHeader.lsn(otherFrame)));
        FrameHeader.path(target, path, path.length);
        int edges = rootEdges(own, frame) + rootEdges(other, otherFrame);
        int root = Links.newNode(target, InnerNode.typeFor(edges), 0, 0);
        FrameHeader.rootUnit(target, root);
        boolean ownFirst = own.key < other.key;
        write(parent, ownFirst ? own : other, ownFirst ? frame : otherFrame, target, root);
        write(parent, ownFirst ? other : own, ownFirst ? otherFrame : frame, target, root);
        link(parent, Nodes.address(target, root), blobId);
    }

    private static void write(long parent, Item item, long frame, long target, int root) {
        SubtreeCopier copier = new SubtreeCopier(frame, target);
        if (item.lifted == 0) {
            copier.copyRootEdgesTo(Nodes.address(target, root), 0, 255);
            return;
        }
        long lifted = Nodes.address(parent, item.lifted);
        long header = Memory.getLong(lifted);
        int prefix = InnerNode.prefixBytes(header);
        int unit = Links.newNode(target, InnerNode.typeFor(edgesOfRoot(frame)), prefix, 0);
        long copy = Nodes.address(target, unit);
        Memory.copy(lifted - prefix, copy - prefix, prefix);
        if (InnerNode.terminal(header) != 0) {
            InnerNode.terminal(copy, new SubtreeCopier(parent, target).copyLeafAt(InnerNode.terminal(header)));
        }
        copier.copyRootEdgesTo(copy, 0, 255);
        Nodes.add(Nodes.address(target, root), item.key, unit);
    }

    /** The node's edges of both neighbours lead to one crossing; those under which nothing is left are removed. */
    private void link(long parent, long root, int blobId) {
        long address = Nodes.address(parent, node);
        long rootHeader = Memory.getLong(root);
        long header = Memory.getLong(address);
        int edges = 0;
        int p = Nodes.ceiling(address, header, 0);
        while (p != Nodes.NONE) {
            int key = Nodes.keyAt(address, header, p);
            int child = Nodes.childAt(address, header, p);
            if (isOf(own, child) || isOf(other, child)) {
                if (Nodes.find(root, rootHeader, key) == 0) {
                    Nodes.remove(address, key);
                    header = Memory.getLong(address);
                } else {
                    Nodes.replace(address, key, own.crossing);
                    edges++;
                }
            }
            p = Nodes.ceiling(address, header, key + 1);
        }
        assert edges == InnerNode.children(rootHeader) : "a record of the joined frame can't be reached";
        freeLifted(parent, own);
        freeLifted(parent, other);
        ArtMerge.freeCrossing(parent, other.crossing);
        Memory.putLong(Nodes.address(parent, own.crossing), Crossing.header(edges, blobId));
        ArtShrink.along(parent, path, 0, path.length);
    }

    private static boolean isOf(Item item, int child) {
        return child == (item.lifted == 0 ? item.crossing : item.lifted);
    }

    private static void freeLifted(long parent, Item item) {
        if (item.lifted == 0) {
            return;
        }
        long header = Memory.getLong(Nodes.address(parent, item.lifted));
        int terminal = InnerNode.terminal(header);
        if (terminal != 0) {
            FrameAllocator.freeLeaf(parent, terminal, Leaf.units(Memory.getLong(Nodes.address(parent, terminal))));
            FrameHeader.addRecords(parent, -1);
        }
        FrameAllocator.freeInner(parent, Nodes.blockUnit(item.lifted, header), Nodes.blockUnits(header));
    }
}
