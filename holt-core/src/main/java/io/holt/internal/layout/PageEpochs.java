package io.holt.internal.layout;

import io.holt.internal.memory.Memory;
import java.util.BitSet;

/**
 * When each page of a frame was last changed, in the header, so that a checkpoint looks at these pages alone.
 *
 * <pre>
 *         0       1       2       3       4       5       6       7
 *   88 | of all pages  | reserved                                      |
 *  256 | of page 0     | of page 1     | of page 2     | of page 3     | .. 127
 * </pre>
 *
 * <p>Each is the lower 16 bits of an epoch; the frame's own, which is never less, tells the others. What is 65,536
 * epochs old, or was written before there were these fields, so looks younger than it is, but never younger than
 * the frame.
 *
 * <p>Invariant P1: {@link #of} is never less than the epoch in which a used page other than page 0 last changed.
 * Whoever changes a frame marks the page before the frame's latch is given back. Page 0 changes with every change.
 */
public final class PageEpochs {

    static final int ALL_OFFSET = 88;
    static final int PAGES_OFFSET = 256;

    private static final int PAGE_SHIFT = Integer.numberOfTrailingZeros(FrameHeader.PAGE_BYTES);
    private static final int MASK = 0xFFFF;
    private static final int PAGES_PER_WORD = Long.BYTES / Short.BYTES;

    private PageEpochs() {}

    /** Notes that any page may have changed in the frame's epoch. */
    public static void markAll(long frame) {
        Memory.putShort(frame + ALL_OFFSET, Memory.getShort(frame + FrameHeader.EPOCH_OFFSET));
    }

    /** Notes that a range of at least one byte changed in the frame's epoch. Latency-critical. */
    public static void mark(long frame, long address, int bytes) {
        int first = (int) (address - frame) >>> PAGE_SHIFT;
        int last = (int) (address - frame + bytes - 1) >>> PAGE_SHIFT;
        short epoch = Memory.getShort(frame + FrameHeader.EPOCH_OFFSET);
        Memory.putShort(frame + PAGES_OFFSET + 2L * first, epoch);
        for (int page = first + 1; page <= last; page++) {
            Memory.putShort(frame + PAGES_OFFSET + 2L * page, epoch);
        }
    }

    /** The epoch in which a page last changed, or a later one, which is at most that of the frame. */
    public static long of(long frame, int page) {
        long epoch = FrameHeader.epoch(frame);
        int ageOfAll = ((int) epoch - Memory.getShort(frame + ALL_OFFSET)) & MASK;
        int age = ((int) epoch - Memory.getShort(frame + PAGES_OFFSET + 2L * page)) & MASK;
        return epoch - Math.min(age, ageOfAll);
    }

    /**
     * Copies, but for the latch word, the first page and those pages that changed after an epoch; with one of the inner
     * region all of that. It may be torn, and counts only if the frame's version says so.
     */
    public static void copyChanged(long from, long to, long sinceEpoch) {
        Memory.copy(
                from + FrameHeader.BLOB_ID_OFFSET,
                to + FrameHeader.BLOB_ID_OFFSET,
                FrameHeader.PAGE_BYTES - FrameHeader.BLOB_ID_OFFSET);
        BitSet changed = changedSince(to, sinceEpoch);
        int innerEnd = Math.clamp(FrameHeader.innerEndPage(to), 1, FrameHeader.PAGES);
        int firstChanged = changed.nextSetBit(1);
        if (firstChanged >= 0 && firstChanged < innerEnd) {
            copyPages(from, to, 1, innerEnd);
        }
        int leafStart = Math.clamp(FrameHeader.leafStartPage(to), innerEnd, FrameHeader.PAGES);
        for (int page = changed.nextSetBit(leafStart); page >= 0; ) {
            int end = changed.nextClearBit(page);
            copyPages(from, to, page, end);
            page = changed.nextSetBit(end);
        }
    }

    /** The pages that changed after an epoch, or may have; of those that are not in use it says nothing. */
    public static BitSet changedSince(long frame, long sinceEpoch) {
        long epoch = FrameHeader.epoch(frame);
        int ageOfAll = ((int) epoch - Memory.getShort(frame + ALL_OFFSET)) & MASK;
        long ages = epoch - sinceEpoch;
        BitSet changed = new BitSet(FrameHeader.PAGES);
        if (ageOfAll < ages) {
            changed.set(0, FrameHeader.PAGES);
            return changed;
        }
        for (int page = 0; page < FrameHeader.PAGES; page += PAGES_PER_WORD) {
            long epochs = Memory.getLong(frame + PAGES_OFFSET + 2L * page);
            for (int i = 0; i < PAGES_PER_WORD; i++) {
                if ((((int) epoch - (int) (epochs >>> (16 * i))) & MASK) < ages) {
                    changed.set(page + i);
                }
            }
        }
        return changed;
    }

    private static void copyPages(long from, long to, int fromPage, int toPage) {
        long offset = (long) fromPage * FrameHeader.PAGE_BYTES;
        Memory.copy(from + offset, to + offset, (long) (toPage - fromPage) * FrameHeader.PAGE_BYTES);
    }
}
