package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import java.util.Arrays;

/**
 * A stack of items of a {@link RunTrie} that hang on no node yet, in the order of their keys, with what they take in a
 * frame: leaves without regard to its base path, nodes and crossings in units.
 */
final class RunItems {

    private int[] reference = new int[1024];
    private int[] first = new int[1024];
    private int[] leafBytes = new int[1024];
    private int[] leaves = new int[1024];
    private int[] innerUnits = new int[1024];
    private int count;

    void clear() {
        count = 0;
    }

    int count() {
        return count;
    }

    void push(int itemReference, int firstRecord, int bytes, int records, int units) {
        if (count == reference.length) {
            reference = Arrays.copyOf(reference, 2 * count);
            first = Arrays.copyOf(first, 2 * count);
            leafBytes = Arrays.copyOf(leafBytes, 2 * count);
            leaves = Arrays.copyOf(leaves, 2 * count);
            innerUnits = Arrays.copyOf(innerUnits, 2 * count);
        }
        reference[count] = itemReference;
        first[count] = firstRecord;
        leafBytes[count] = bytes;
        leaves[count] = records;
        innerUnits[count] = units;
        count++;
    }

    /** Forgets the items from one on. */
    void truncate(int item) {
        count = item;
    }

    /** Says that an item takes less than before. */
    void shrink(int item, int bytes, int records, int units) {
        leafBytes[item] = bytes;
        leaves[item] = records;
        innerUnits[item] = units;
    }

    int reference(int item) {
        return reference[item];
    }

    /** The first record below an item. */
    int first(int item) {
        return first[item];
    }

    int leafBytes(int item) {
        return leafBytes[item];
    }

    int leaves(int item) {
        return leaves[item];
    }

    int innerUnits(int item) {
        return innerUnits[item];
    }

    /** The most bytes that an item takes in a frame at this depth. */
    long bytesMax(int item, int depth) {
        int base = Math.min(depth, FrameHeader.MAX_BASE_PATH_BYTES);
        return leafBytes[item]
                + (long) leaves[item] * (FrameHeader.UNIT_BYTES - 1 - base)
                + (long) innerUnits[item] * FrameHeader.UNIT_BYTES;
    }

    /** As {@link #bytesMax} of an item and all behind it. */
    long bytesMaxFrom(int item, int depth) {
        long bytes = 0;
        for (int i = item; i < count; i++) {
            bytes += bytesMax(i, depth);
        }
        return bytes;
    }
}
