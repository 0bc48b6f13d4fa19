package io.holt.internal.art;

import io.holt.internal.layout.Leaf;
import java.util.Arrays;

/**
 * Records in ascending order of their keys, all in one array, each value right behind its key. Records are named by
 * their number, from 0. Reused from run to run; one thread at a time.
 */
public final class SortedRun {

    private byte[] bytes;
    private int[] keyOffset = new int[1024];
    private int[] keyBytes = new int[1024];
    private int[] valueBytes = new int[1024];
    private int count;

    /** Forgets all records; those that are added lie in this array. */
    public void start(byte[] array) {
        bytes = array;
        count = 0;
    }

    /** Adds a record, with a small value, whose key is beyond those of all others. */
    public void add(int offset, int keyLength, int valueLength) {
        if (count == keyOffset.length) {
            keyOffset = Arrays.copyOf(keyOffset, 2 * count);
            keyBytes = Arrays.copyOf(keyBytes, 2 * count);
            valueBytes = Arrays.copyOf(valueBytes, 2 * count);
        }
        keyOffset[count] = offset;
        keyBytes[count] = keyLength;
        valueBytes[count] = valueLength;
        count++;
    }

    public int count() {
        return count;
    }

    public byte[] array() {
        return bytes;
    }

    /** Where a record's key starts in the array. */
    public int keyOffset(int record) {
        return keyOffset[record];
    }

    public int keyBytes(int record) {
        return keyBytes[record];
    }

    public int valueBytes(int record) {
        return valueBytes[record];
    }

    /** Key bytes that a record shares with the one before it. */
    int commonWithPrevious(int record) {
        int from = keyOffset[record - 1];
        int to = keyOffset[record];
        int shorter = Math.min(keyBytes[record - 1], keyBytes[record]);
        int common = Arrays.mismatch(bytes, from, from + shorter, bytes, to, to + shorter);
        return common < 0 ? shorter : common;
    }

    /** The byte of a record's key at a depth that it reaches. */
    int edge(int record, int depth) {
        return bytes[keyOffset[record] + depth] & 0xFF;
    }

    /** The most bytes a record's leaf takes in a frame without a base path, but for the rounding to units. */
    int leafBytes(int record) {
        boolean isShort = keyBytes[record] <= Leaf.MAX_SHORT_BYTES && valueBytes[record] <= Leaf.MAX_SHORT_BYTES;
        int header = isShort ? Leaf.SHORT_HEADER_BYTES : Leaf.LONG_HEADER_BYTES;
        return header + keyBytes[record] + valueBytes[record];
    }
}
