package io.holt.internal.tree;

import io.holt.internal.buffer.BufferManager;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import io.holt.internal.sync.HybridLatch;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * Values over 64 KiB: cut into parts of a frame's body each, every part a blob of its own, named by the leaf.
 *
 * <p>Invariant: a value frame is written once, before a leaf names it, and freed after no leaf names it any more.
 */
final class LargeValues {

    private final TreeCore core;

    LargeValues(TreeCore core) {
        this.core = core;
    }

    /**
     * Writes a value to new value frames; inside the gate.
     *
     * @return their blob ids, in order
     * @throws io.holt.api.MemoryBudgetException if there are not enough slots; all taken were given back
     */
    int[] write(int treeId, long epoch, ValueSource value) {
        int[] parts = new int[Leaf.largeParts(value.bytes())];
        int written = 0;
        try {
            for (; written < parts.length; written++) {
                int from = written * Leaf.LARGE_PART_BYTES;
                int length = Math.min(Leaf.LARGE_PART_BYTES, value.bytes() - from);
                parts[written] = writePart(treeId, epoch, value, from, length);
            }
        } catch (RuntimeException | Error e) {
            free(java.util.Arrays.copyOf(parts, written), epoch);
            throw e;
        }
        return parts;
    }

    private int writePart(int treeId, long epoch, ValueSource value, int from, int length) {
        BufferManager buffers = core.buffers();
        long frame = buffers.lease("a value of " + value.bytes() + " bytes");
        boolean copied = false;
        try {
            value.copyTo(frame + FrameHeader.PAGE_BYTES, from, length);
            copied = true;
        } finally {
            if (!copied) {
                buffers.release(frame);
            }
        }
        int blobId = buffers.allocateBlobId();
        FrameHeader.format(frame, FrameHeader.KIND_VALUE, blobId, treeId, epoch);
        FrameHeader.payloadBytes(frame, length);
        FrameHeader.innerEnd(frame, FrameHeader.PAGE_BYTES + length);
        buffers.dirty().markChanged(blobId, epoch);
        buffers.publish(blobId, frame);
        return blobId;
    }

    /**
     * Frees value frames that no leaf names any more; inside the gate. What is not in memory is left to
     * {@link SubtreeDrop}: reading it in could fail, and what made it superfluous is done.
     */
    void free(int[] parts, long epoch) {
        for (int blobId : parts) {
            core.drop().freeSoon(blobId, epoch);
        }
        core.drop().start();
    }

    /** As {@link #partsOf}, of the leaf at a unit of a frame. */
    static int[] partsAt(long frame, int unit) {
        long leaf = frame + ((long) unit << FrameHeader.UNIT_SHIFT);
        return partsOf(leaf, Memory.getLong(leaf));
    }

    /** Blob ids that a leaf names; its frame's latch is held, or the caller validates. */
    static int[] partsOf(long leaf, long header) {
        int[] parts = new int[Leaf.largeParts(Leaf.valueBytes(header))];
        long list = Leaf.value(leaf, header);
        for (int i = 0; i < parts.length; i++) {
            parts[i] = Memory.getInt(list + 4L * i);
        }
        return parts;
    }

    /**
     * Copies a value's parts.
     *
     * @return false if a part was not there or changed: then the leaf changed too, begin again
     */
    boolean read(ReadView view, int[] parts, int valueBytes, MemorySegment target) {
        int from = 0;
        for (int i = 0; from < valueBytes; i++) {
            int length = Math.min(Leaf.LARGE_PART_BYTES, valueBytes - from);
            long frame = view.locate(parts[i]);
            if (frame == 0) {
                return false;
            }
            long version = view.version(parts[i], frame);
            if (HybridLatch.isHeld(version)
                    || !view.sees(frame)
                    || FrameHeader.kind(frame) != FrameHeader.KIND_VALUE
                    || FrameHeader.payloadBytes(frame) != length) {
                return false;
            }
            Memory.copyToSegment(frame + FrameHeader.PAGE_BYTES, target, from, length);
            if (!HybridLatch.validate(frame, version) || !view.stillAt(parts[i], frame)) {
                return false;
            }
            from += length;
        }
        return true;
    }

    /** The value frames of both. */
    static int[] joined(int[] parts, int[] more) {
        if (more.length == 0) {
            return parts;
        }
        int[] all = Arrays.copyOf(parts, parts.length + more.length);
        System.arraycopy(more, 0, all, parts.length, more.length);
        return all;
    }
}
