package io.holt.flink.timer;

import java.util.Arrays;

/**
 * The first elements of a sorted set of byte strings, kept on the heap.
 *
 * <p>Invariant Q1: the strings held are the first {@link #size()} ones of the whole set; if the head is
 * {@link #isComplete() complete}, they are all of it.
 *
 * <p>For one thread.
 */
final class QueueHead {

    /** Most strings held. */
    static final int CAPACITY = 128;

    private static final int INITIAL_CAPACITY = 8;
    private static final byte[][] NONE = {};

    /** Ascending in {@code [first, end)}. */
    private byte[][] strings = NONE;

    private int first;
    private int end;
    private boolean complete;

    int size() {
        return end - first;
    }

    /** Whether there is nothing in the set beyond what is held. */
    boolean isComplete() {
        return complete;
    }

    /** The least string, or null if none is held. */
    byte[] least() {
        return first == end ? null : strings[first];
    }

    void removeLeast() {
        strings[first++] = null;
    }

    /** Whether the head can tell where this string belongs, and whether it is in the set. */
    boolean covers(byte[] string) {
        return complete || (first < end && Arrays.compareUnsigned(string, strings[end - 1]) <= 0);
    }

    /** The place of a covered string: at least 0 if it is held, else {@code -1 - place}. */
    int find(byte[] string) {
        int low = first;
        int high = end - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int compared = Arrays.compareUnsigned(strings[middle], string);
            if (compared == 0) {
                return middle - first;
            }
            if (compared < 0) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1 - (low - first);
    }

    /** Inserts a covered string that is not held. What no longer fits is dropped at the end. */
    void insert(int place, byte[] string) {
        if (size() == CAPACITY) {
            complete = false;
            if (place == CAPACITY) {
                return;
            }
            strings[--end] = null;
        }
        makeRoom();
        int index = first + place;
        System.arraycopy(strings, index, strings, index + 1, end - index);
        strings[index] = string;
        end++;
    }

    void remove(int place) {
        int index = first + place;
        System.arraycopy(strings, index + 1, strings, index, end - index - 1);
        strings[--end] = null;
    }

    /** Forgets everything; the set is to be read again. */
    void clear() {
        Arrays.fill(strings, first, end, null);
        first = 0;
        end = 0;
        complete = false;
    }

    /**
     * Appends the next string of the set while it is read.
     *
     * @return false if it did not fit
     */
    boolean append(byte[] string) {
        if (size() == CAPACITY) {
            return false;
        }
        makeRoom();
        strings[end++] = string;
        return true;
    }

    /** Says that the set was read to its end. */
    void markComplete() {
        complete = true;
    }

    private void makeRoom() {
        if (end < strings.length) {
            return;
        }
        if (first > 0) {
            int size = size();
            System.arraycopy(strings, first, strings, 0, size);
            Arrays.fill(strings, size, end, null);
            first = 0;
            end = size;
        } else {
            strings = Arrays.copyOf(strings, Math.max(INITIAL_CAPACITY, Math.min(CAPACITY, 2 * strings.length)));
        }
    }
}
