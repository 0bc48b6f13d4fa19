package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.PageEpochs;
import io.holt.internal.memory.Memory;

/**
 * Gives out and takes back units of a frame's two regions.
 *
 * <p>Freed blocks of up to 127 units go to a list of blocks of exactly their size, in the header; larger ones stay
 * dead until the frame is compacted. Blocks are never divided or joined.
 *
 * <p>Invariants: live + free-listed + lost bytes of a region are its extent; live bytes are exact. P1: a block that is
 * given out is marked as changed, for it is going to be written, and so is the start of one that is taken back.
 */
final class FrameAllocator {

    /** A free block's first unit: byte 0 is no node type, bytes 2 and 3 refer to the next free block. */
    private static final int NEXT_OFFSET = 2;

    private FrameAllocator() {}

    /** Makes both regions empty and forgets every block. */
    static void reset(long frame) {
        FrameHeader.innerEnd(frame, FrameHeader.PAGE_BYTES);
        FrameHeader.leafStart(frame, FrameHeader.FRAME_BYTES);
        Memory.putInt(frame + FrameHeader.INNER_LIVE_OFFSET, 0);
        Memory.putInt(frame + FrameHeader.LEAF_LIVE_OFFSET, 0);
        Memory.putInt(frame + FrameHeader.INNER_FREE_OFFSET, 0);
        Memory.putInt(frame + FrameHeader.LEAF_FREE_OFFSET, 0);
        Memory.fill(frame + FrameHeader.INNER_LISTS_OFFSET, FrameHeader.HEADER_END - FrameHeader.INNER_LISTS_OFFSET, 0);
    }

    /**
     * Whether two inner blocks and a leaf block can be had together; sizes in units, 0 for none.
     *
     * <p>Conservative: two inner blocks of the same size are not both expected from the free list.
     */
    static boolean fits(long frame, int innerUnits, int otherInnerUnits, int leafUnits) {
        long wanted = 0;
        if (innerUnits > 0 && !listed(frame, FrameHeader.INNER_LISTS_OFFSET, innerUnits)) {
            wanted += innerUnits;
        }
        if (otherInnerUnits > 0
                && (otherInnerUnits == innerUnits || !listed(frame, FrameHeader.INNER_LISTS_OFFSET, otherInnerUnits))) {
            wanted += otherInnerUnits;
        }
        if (leafUnits > 0 && !listed(frame, FrameHeader.LEAF_LISTS_OFFSET, leafUnits)) {
            wanted += leafUnits;
        }
        return wanted * FrameHeader.UNIT_BYTES <= FrameHeader.gapBytes(frame);
    }

    /** Unit of a block for a node; {@link #fits} was asked before. */
    static int allocateInner(long frame, int units) {
        int bytes = units * FrameHeader.UNIT_BYTES;
        add(frame, FrameHeader.INNER_LIVE_OFFSET, bytes);
        int unit = pop(frame, FrameHeader.INNER_LISTS_OFFSET, FrameHeader.INNER_FREE_OFFSET, units);
        if (unit != 0) {
            mark(frame, unit, bytes);
            return unit;
        }
        int end = FrameHeader.innerEnd(frame);
        assert end + bytes <= FrameHeader.leafStart(frame) : "inner region runs into the leaves";
        FrameHeader.innerEnd(frame, end + bytes);
        PageEpochs.mark(frame, frame + end, bytes);
        return end >>> FrameHeader.UNIT_SHIFT;
    }

    /** Unit of a block for a leaf; {@link #fits} was asked before. */
    static int allocateLeaf(long frame, int units) {
        int bytes = units * FrameHeader.UNIT_BYTES;
        add(frame, FrameHeader.LEAF_LIVE_OFFSET, bytes);
        int unit = pop(frame, FrameHeader.LEAF_LISTS_OFFSET, FrameHeader.LEAF_FREE_OFFSET, units);
        if (unit != 0) {
            mark(frame, unit, bytes);
            return unit;
        }
        int start = FrameHeader.leafStart(frame) - bytes;
        assert start >= FrameHeader.innerEnd(frame) : "leaf region runs into the inner nodes";
        FrameHeader.leafStart(frame, start);
        PageEpochs.mark(frame, frame + start, bytes);
        return start >>> FrameHeader.UNIT_SHIFT;
    }

    static void freeInner(long frame, int unit, int units) {
        if (units > 0) {
            add(frame, FrameHeader.INNER_LIVE_OFFSET, -units * FrameHeader.UNIT_BYTES);
            push(frame, FrameHeader.INNER_LISTS_OFFSET, FrameHeader.INNER_FREE_OFFSET, unit, units);
        }
    }

    static void freeLeaf(long frame, int unit, int units) {
        add(frame, FrameHeader.LEAF_LIVE_OFFSET, -units * FrameHeader.UNIT_BYTES);
        push(frame, FrameHeader.LEAF_LISTS_OFFSET, FrameHeader.LEAF_FREE_OFFSET, unit, units);
    }

    /** Takes back the blocks that lie side by side from the start of the leaf region on; none of them is free. */
    static void freeLeafTail(long frame, int units) {
        int bytes = units * FrameHeader.UNIT_BYTES;
        add(frame, FrameHeader.LEAF_LIVE_OFFSET, -bytes);
        FrameHeader.leafStart(frame, FrameHeader.leafStart(frame) + bytes);
    }

    private static boolean listed(long frame, int lists, int units) {
        return units < FrameHeader.FREE_LIST_CLASSES && Memory.getShort(frame + lists + 2L * units) != 0;
    }

    private static int pop(long frame, int lists, int freeOffset, int units) {
        if (!listed(frame, lists, units)) {
            return 0;
        }
        long head = frame + lists + 2L * units;
        int unit = Memory.getUnsignedShort(head);
        Memory.putShort(head, Memory.getShort(Nodes.address(frame, unit) + NEXT_OFFSET));
        add(frame, freeOffset, -units * FrameHeader.UNIT_BYTES);
        return unit;
    }

    private static void push(long frame, int lists, int freeOffset, int unit, int units) {
        Memory.putLong(Nodes.address(frame, unit), 0);
        mark(frame, unit, Long.BYTES);
        if (units >= FrameHeader.FREE_LIST_CLASSES) {
            return;
        }
        long head = frame + lists + 2L * units;
        Memory.putShort(Nodes.address(frame, unit) + NEXT_OFFSET, Memory.getShort(head));
        Memory.putShort(head, unit);
        add(frame, freeOffset, units * FrameHeader.UNIT_BYTES);
    }

    private static void mark(long frame, int unit, int bytes) {
        PageEpochs.mark(frame, Nodes.address(frame, unit), bytes);
    }

    private static void add(long frame, int offset, int delta) {
        Memory.putInt(frame + offset, Memory.getInt(frame + offset) + delta);
    }
}
