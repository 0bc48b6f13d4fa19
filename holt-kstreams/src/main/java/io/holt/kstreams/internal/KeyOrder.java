package io.holt.kstreams.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Sorts keys that lie in one array: in unsigned lexicographic order, equal ones in the order in which they were given.
 *
 * <p>A quicksort over words of eight bytes, which lie beside each other; where the words of several keys are equal, it
 * goes on with the next eight bytes of these. So a key's bytes are fetched from memory once, and not at each
 * comparison (Bentley and Sedgewick's multikey quicksort, with a cache). Used once.
 */
final class KeyOrder {

    /** So many bytes of the array must follow the last key. */
    static final int SLACK_BYTES = Long.BYTES;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    /** Up to so many are sorted by insertion. */
    private static final int FEW = 12;

    /** Low, high and depth of a part. */
    private static final int FIELDS = 3;

    private final byte[] bytes;
    private final int[] offsets;
    private final int[] lengths;
    private final int[] order;

    /** Of each place of {@link #order}: the eight bytes of its key at the depth of its part, as a signed number. */
    private final long[] words;

    private int[] parts = new int[FIELDS * 64];
    private int waiting;

    /**
     * @param bytes holds the keys
     * @param offsets where each key begins
     * @param lengths how many bytes each has
     * @param count how many keys there are; the arrays may be longer
     */
    KeyOrder(byte[] bytes, int[] offsets, int[] lengths, int count) {
        this.bytes = bytes;
        this.offsets = offsets;
        this.lengths = lengths;
        this.order = new int[count];
        this.words = new long[count];
    }

    /** The numbers of the keys, smallest key first. */
    int[] sorted() {
        for (int i = 0; i < order.length; i++) {
            order[i] = i;
        }
        push(0, order.length, 0);
        while (waiting > 0) {
            waiting -= FIELDS;
            sort(parts[waiting], parts[waiting + 1], parts[waiting + 2]);
        }
        return order;
    }

    private void push(int low, int high, int depth) {
        if (waiting + FIELDS > parts.length) {
            parts = Arrays.copyOf(parts, 2 * parts.length);
        }
        parts[waiting++] = low;
        parts[waiting++] = high;
        parts[waiting++] = depth;
    }

    /** Sorts keys that agree in their first {@code depth} bytes and are longer than that, or all. */
    private void sort(int low, int high, int depth) {
        if (high - low <= FEW) {
            sortFew(low, high, depth);
            return;
        }
        long first = word(order[low], depth);
        long differing = 0;
        for (int i = low; i < high; i++) {
            words[i] = word(order[i], depth);
            differing |= words[i] ^ first;
        }
        if (differing != 0) {
            sortByWords(low, high);
        }
        int begin = low;
        for (int i = low + 1; i <= high; i++) {
            if (i == high || words[i] != words[begin]) {
                if (i - begin > 1) {
                    sortEqual(begin, i, depth);
                }
                begin = i;
            }
        }
    }

    /** Eight bytes, with zeros behind the end; in the order of signed numbers. */
    private long word(int key, int depth) {
        int left = lengths[key] - depth;
        long word = left <= 0 ? 0 : (long) LONG.get(bytes, offsets[key] + depth);
        if (left > 0 && left < Long.BYTES) {
            word &= -1L << (Long.SIZE - Byte.SIZE * left);
        }
        return word ^ Long.MIN_VALUE;
    }

    /** Keys with the same word: first those that end within it, the shortest first, then the longer ones. */
    private void sortEqual(int low, int high, int depth) {
        int end = depth + Long.BYTES;
        int longer = 0;
        for (int i = low; i < high; i++) {
            longer += lengths[order[i]] > end ? 1 : 0;
        }
        if (longer == high - low) {
            push(low, high, end);
            return;
        }
        int[] rest = new int[longer];
        long[] ending = new long[high - low - longer];
        int rests = 0;
        int endings = 0;
        for (int i = low; i < high; i++) {
            int key = order[i];
            if (lengths[key] > end) {
                rest[rests++] = key;
            } else {
                ending[endings++] = (long) lengths[key] << Integer.SIZE | key;
            }
        }
        Arrays.sort(ending);
        for (int i = 0; i < endings; i++) {
            order[low + i] = (int) ending[i];
        }
        System.arraycopy(rest, 0, order, low + endings, rests);
        if (longer > 1) {
            push(high - longer, high, end);
        }
    }

    private void sortByWords(int first, int last) {
        int low = first;
        int high = last;
        while (high - low > FEW) {
            long pivot = median(words[low], words[(low + high) >>> 1], words[high - 1]);
            int left = low;
            int right = high - 1;
            while (left <= right) {
                while (words[left] < pivot) {
                    left++;
                }
                while (words[right] > pivot) {
                    right--;
                }
                if (left <= right) {
                    swap(left++, right--);
                }
            }
            // The smaller part by recursion, so that it is never deep.
            if (right + 1 - low < high - left) {
                sortByWords(low, right + 1);
                low = left;
            } else {
                sortByWords(left, high);
                high = right + 1;
            }
        }
        for (int i = low + 1; i < high; i++) {
            long word = words[i];
            int key = order[i];
            int to = i;
            for (; to > low && words[to - 1] > word; to--) {
                words[to] = words[to - 1];
                order[to] = order[to - 1];
            }
            words[to] = word;
            order[to] = key;
        }
    }

    private static long median(long a, long b, long c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
    }

    private void swap(int i, int j) {
        long word = words[i];
        words[i] = words[j];
        words[j] = word;
        int key = order[i];
        order[i] = order[j];
        order[j] = key;
    }

    private void sortFew(int low, int high, int depth) {
        for (int i = low + 1; i < high; i++) {
            int key = order[i];
            int to = i;
            for (; to > low && compare(order[to - 1], key, depth) > 0; to--) {
                order[to] = order[to - 1];
            }
            order[to] = key;
        }
    }

    private int compare(int a, int b, int depth) {
        int byBytes = Arrays.compareUnsigned(
                bytes, offsets[a] + depth, offsets[a] + lengths[a], bytes, offsets[b] + depth, offsets[b] + lengths[b]);
        return byBytes == 0 ? Integer.compare(a, b) : byBytes;
    }
}
