package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.InnerNode;
import io.holt.internal.layout.Leaf;
import io.holt.internal.layout.PageEpochs;
import io.holt.internal.memory.Memory;

/**
 * Changes of shape that insertion and removal share: pointing a parent elsewhere, making a node larger or smaller,
 * writing a new leaf. Only under the frame's exclusive latch (I1), only after room was assured.
 */
final class Links {

    /** In place of an edge's key byte: the node's terminal reference. */
    static final int TERMINAL = -1;

    /** In place of a parent's address: the frame's root reference. */
    static final long ROOT = 0;

    private Links() {}

    /** Makes the reference that an edge, a terminal or the root is refer to another unit. */
    static void link(long frame, long parent, int edge, int unit) {
        if (parent == ROOT) {
            FrameHeader.rootUnit(frame, unit);
            return;
        }
        mark(frame, parent);
        if (edge == TERMINAL) {
            InnerNode.terminal(parent, unit);
        } else {
            Nodes.replace(parent, edge, unit);
        }
    }

    /** Writes a new leaf but for its value; returns its unit. */
    static int newLeaf(long frame, byte[] key, int offset, int bytes, int flags, int valueBytes) {
        int base = FrameHeader.basePathBytes(frame);
        int unit = FrameAllocator.allocateLeaf(frame, Leaf.units(flags, bytes - base, valueBytes));
        long leaf = Nodes.address(frame, unit);
        long header = Leaf.header(flags, bytes - base, valueBytes);
        FrameHeader.leafWritten(frame, flags);
        Memory.putLong(leaf, header);
        Memory.copyFromArray(key, offset + base, Leaf.key(leaf, header), bytes - base);
        return unit;
    }

    /** Units of the leaf that a record takes in a frame. */
    static int leafUnits(long frame, int keyBytes, int flags, int valueBytes) {
        return Leaf.units(flags, keyBytes - FrameHeader.basePathBytes(frame), valueBytes);
    }

    /** Units of a node of another type that has the same prefix. */
    static int resizedUnits(long header, int type) {
        return InnerNode.prefixUnits(InnerNode.prefixBytes(header)) + InnerNode.bodyUnits(type);
    }

    /** Replaces a node by one of another type with the same prefix, terminal and edges; returns its unit. */
    static int resize(long frame, long parent, int edge, int unit, int type) {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int prefix = InnerNode.prefixBytes(header);
        int copyUnit = newNode(frame, type, prefix, InnerNode.terminal(header));
        long copy = Nodes.address(frame, copyUnit);
        Memory.copy(node - prefix, copy - prefix, prefix);
        Nodes.copyEdges(node, copy);
        link(frame, parent, edge, copyUnit);
        FrameAllocator.freeInner(frame, Nodes.blockUnit(unit, header), Nodes.blockUnits(header));
        return copyUnit;
    }

    /** Allocates and formats a node whose prefix the caller writes; returns its unit. */
    static int newNode(long frame, int type, int prefixBytes, int terminal) {
        int prefixUnits = InnerNode.prefixUnits(prefixBytes);
        int unit = FrameAllocator.allocateInner(frame, prefixUnits + InnerNode.bodyUnits(type)) + prefixUnits;
        Nodes.format(Nodes.address(frame, unit), type, prefixBytes, terminal);
        return unit;
    }

    /** Notes that a node's header or edges change (P1). */
    static void mark(long frame, long node) {
        int type = InnerNode.type(Memory.getLong(node));
        PageEpochs.mark(frame, node, InnerNode.bodyUnits(type) * FrameHeader.UNIT_BYTES);
    }

    /** Drops the first bytes of a node's prefix and frees the whole units that this leaves unused. */
    static void shortenPrefix(long frame, int unit, int droppedBytes) {
        long node = Nodes.address(frame, unit);
        long header = Memory.getLong(node);
        int before = InnerNode.prefixBytes(header);
        int after = before - droppedBytes;
        InnerNode.prefixBytes(node, after);
        mark(frame, node);
        int freed = InnerNode.prefixUnits(before) - InnerNode.prefixUnits(after);
        FrameAllocator.freeInner(frame, unit - InnerNode.prefixUnits(before), freed);
    }
}
