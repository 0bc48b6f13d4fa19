package io.holt.internal.art;

import io.holt.internal.layout.Crossing;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.NodeType;
import io.holt.internal.memory.Memory;

/**
 * Copies subtrees from one frame to another, fresh one: depth first, so that neighbouring leaves lie side by side,
 * each node in the smallest type that holds it, and nothing dead. At one node a range of edges may be left out, or be
 * replaced by a crossing to the frame that has them.
 *
 * <p>The frames may differ in their base path: leaves are rewritten against the target's. The source is only read;
 * the caller holds its latch.
 */
final class SubtreeCopier {

    private final long from;
    private final long to;
    private final int fromBase;
    private final int toBase;
    private int cutUnit;
    private int cutLow;
    private int cutHigh;
    private int cutBlobId;
    private int shared;
    private int sharedCopy;

    /** Of the leaves that were copied: where they lie in the source, in bytes, and how much they are together. */
    private int copiedLow = FrameHeader.FRAME_BYTES;

    private int copiedHigh;
    private int copiedLeaves;
    private int copiedLeafUnits;

    SubtreeCopier(long from, long to) {
        this.from = from;
        this.to = to;
        this.fromBase = FrameHeader.basePathBytes(from);
        this.toBase = FrameHeader.basePathBytes(to);
    }

    /**
     * Leaves out the edges of one node whose key bytes are from {@code low} to {@code high}.
     *
     * @param blobId frame that they refer to instead; 0 to drop them
     */
    SubtreeCopier cutting(int unit, int low, int high, int blobId) {
        cutUnit = unit;
        cutLow = low;
        cutHigh = high;
        cutBlobId = blobId;
        return this;
    }

    /** Copies the source's root, with all below it, as the root of the target. */
    void copyRoot() {
        FrameHeader.rootUnit(to, copyInner(FrameHeader.rootUnit(from), 0, 0, 255, true));
    }

    /** Copies a range of the source's root's edges, with all below them, to a node of the target that has room. */
    void copyRootEdgesTo(long node, int low, int high) {
        copyEdges(FrameHeader.rootUnit(from), low, high, node);
    }

    /**
     * Copies what an edge leads to; edges that share a crossing share its copy, if they are asked for one after the
     * other. Returns the copy's unit, or 0 if there is nothing.
     */
    int copyTarget(int unit) {
        long header = Memory.getLong(Nodes.address(from, unit));
        if (InnerNode.type(header) != NodeType.CROSSING) {
            return copy(unit);
        }
        if (unit == shared) {
            Crossing.addEdges(Nodes.address(to, sharedCopy), 1);
        } else {
            shared = unit;
            sharedCopy = newCrossing(Crossing.blobId(header));
        }
        return sharedCopy;
    }

    /** Whether the leaves that were copied lie side by side from the start of the source's leaf region on. */
    boolean copiedLeafTail() {
        return copiedLow == FrameHeader.leafStart(from)
                && copiedHigh - copiedLow == copiedLeafUnits << FrameHeader.UNIT_SHIFT;
    }

    /** How many leaves were copied. */
    int copiedLeaves() {
        return copiedLeaves;
    }

    /** Units that the copied leaves take in the source. */
    int copiedLeafUnits() {
        return copiedLeafUnits;
    }

    /** Copies one leaf; returns the copy's unit. */
    int copyLeafAt(int unit) {
        long leaf = Nodes.address(from, unit);
        return copyLeaf(leaf, Memory.getLong(leaf));
    }

    /** Copies a range of a node's edges, with all below them, as edges of the target's root. */
    void copyRangeAsRoot(int unit, int low, int high) {
        FrameHeader.rootUnit(to, copyInner(unit, 0, low, high, false));
    }

    /**
     * Copies a subtree; returns the copy's unit, or 0 if there is nothing in it. At most about 1,000 levels deep: each
     * level makes the leaves below it a byte longer, and they all fit in a frame.
     */
    private int copy(int unit) {
        long node = Nodes.address(from, unit);
        long header = Memory.getLong(node);
        int type = InnerNode.type(header);
        if (type == NodeType.LEAF) {
            return copyLeaf(node, header);
        }
        if (type == NodeType.CROSSING) {
            return newCrossing(Crossing.blobId(header));
        }
        if (InnerNode.children(header) == 0 && InnerNode.terminal(header) == 0) {
            return 0;
        }
        return copyInner(unit, InnerNode.prefixBytes(header), 0, 255, true);
    }

    private int copyInner(int unit, int prefix, int low, int high, boolean withTerminal) {
        long node = Nodes.address(from, unit);
        long header = Memory.getLong(node);
        int copyUnit = Links.newNode(to, InnerNode.typeFor(edgesToCopy(unit, header, low, high)), prefix, 0);
        long copy = Nodes.address(to, copyUnit);
        Memory.copy(node - prefix, copy - prefix, prefix);
        if (withTerminal && InnerNode.terminal(header) != 0) {
            InnerNode.terminal(copy, copy(InnerNode.terminal(header)));
        }
        copyEdges(unit, low, high, copy);
        return copyUnit;
    }

    private void copyEdges(int unit, int low, int high, long copy) {
        long node = Nodes.address(from, unit);
        long header = Memory.getLong(node);
        int replacement = 0;
        for (int p = Nodes.ceiling(node, header, low); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            int key = Nodes.keyAt(node, header, p);
            if (key > high) {
                break;
            }
            if (isCut(unit, key)) {
                if (cutBlobId != 0) {
                    replacement = addShared(copy, key, replacement, cutBlobId);
                }
                continue;
            }
            int childCopy = copyTarget(Nodes.childAt(node, header, p));
            if (childCopy != 0) {
                Nodes.add(copy, key, childCopy);
            }
        }
    }

    /** Adds an edge to a crossing, made now unless there is one already; returns the crossing's unit. */
    private int addShared(long copy, int key, int crossing, int blobId) {
        int unit = crossing;
        if (unit == 0) {
            unit = newCrossing(blobId);
        } else {
            Crossing.addEdges(Nodes.address(to, unit), 1);
        }
        Nodes.add(copy, key, unit);
        return unit;
    }

    private boolean isCut(int unit, int key) {
        return unit == cutUnit && key >= cutLow && key <= cutHigh;
    }

    private int edgesToCopy(int unit, long header, int low, int high) {
        boolean whole = low == 0 && high == 255 && (unit != cutUnit || cutBlobId != 0);
        if (whole) {
            return InnerNode.children(header);
        }
        long node = Nodes.address(from, unit);
        int count = 0;
        for (int p = Nodes.ceiling(node, header, low); p != Nodes.NONE; p = Nodes.next(node, header, p)) {
            int key = Nodes.keyAt(node, header, p);
            count += key <= high && !(isCut(unit, key) && cutBlobId == 0) ? 1 : 0;
        }
        return count;
    }

    private int newCrossing(int blobId) {
        int unit = FrameAllocator.allocateInner(to, Crossing.UNITS);
        Memory.putLong(Nodes.address(to, unit), Crossing.header(1, blobId));
        FrameHeader.addCrossings(to, 1);
        return unit;
    }

    private int copyLeaf(long leaf, long header) {
        int keyBytes = Leaf.keyBytes(header) + fromBase - toBase;
        int flags = Leaf.flags(header);
        int valueBytes = Leaf.valueBytes(header);
        int unit = FrameAllocator.allocateLeaf(to, Leaf.units(flags, keyBytes, valueBytes));
        long copy = Nodes.address(to, unit);
        long copyHeader = Leaf.header(flags, keyBytes, valueBytes);
        Leaf.replaceHeader(copy, copyHeader);
        int restored = Math.max(0, fromBase - toBase);
        int dropped = Math.max(0, toBase - fromBase);
        long key = Leaf.key(copy, copyHeader);
        Memory.copyDisjoint(FrameHeader.basePath(from) + toBase, key, restored);
        // What follows the key is the same, and follows it, in both.
        int same = keyBytes - restored + Leaf.tailBytes(flags, valueBytes);
        Memory.copyDisjoint(Leaf.key(leaf, header) + dropped, key + restored, same);
        FrameHeader.addRecords(to, 1);
        FrameHeader.leafWritten(to, flags);
        noteCopied((int) (leaf - from), Leaf.units(header));
        return unit;
    }

    private void noteCopied(int offset, int units) {
        copiedLow = Math.min(copiedLow, offset);
        copiedHigh = Math.max(copiedHigh, offset + (units << FrameHeader.UNIT_SHIFT));
        copiedLeafUnits += units;
        copiedLeaves++;
    }
}
