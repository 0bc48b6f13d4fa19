package io.holt.internal.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Searching and comparing bytes, eight at a time, without allocation and without reading past either end.
 *
 * <p>The search within a word follows the well-known zero-byte test, see H. S. Warren, "Hacker's Delight", 6-1: the
 * lowest flagged byte is exact, higher ones may be false, so only the lowest is used.
 */
public final class ByteSearch {

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    private static final VarHandle ARRAY_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private ByteSearch() {}

    /**
     * Where a byte is among the first {@code count} bytes of a word read little-endian.
     *
     * @param count 0 to 8
     * @param value 0 to 255
     * @return index of the first one that equals it, or -1
     */
    public static int indexOf8(long word, int count, int value) {
        long difference = word ^ (ONES * value);
        long zeros = (difference - ONES) & ~difference & HIGHS;
        int index = Long.numberOfTrailingZeros(zeros) >>> 3;
        return index < count ? index : -1;
    }

    /**
     * Where a byte is among the first {@code count} bytes of two words read little-endian.
     *
     * @param count 0 to 16
     * @param value 0 to 255
     * @return index of the first one that equals it, or -1
     */
    public static int indexOf16(long low, long high, int count, int value) {
        long pattern = ONES * value;
        long difference = low ^ pattern;
        long zeros = (difference - ONES) & ~difference & HIGHS;
        int index;
        if (zeros != 0) {
            index = Long.numberOfTrailingZeros(zeros) >>> 3;
        } else {
            difference = high ^ pattern;
            zeros = (difference - ONES) & ~difference & HIGHS;
            index = 8 + (Long.numberOfTrailingZeros(zeros) >>> 3);
        }
        return index < count ? index : -1;
    }

    /**
     * How many of {@code count} ascending unsigned bytes at an address are below a value: where it is or would be.
     *
     * @param count 0 to 16
     * @param value 0 to 256
     */
    public static int lowerBound(long address, int count, int value) {
        int index = 0;
        while (index < count && Memory.getUnsignedByte(address + index) < value) {
            index++;
        }
        return index;
    }

    /** Whether a range of memory and a range of an array hold the same bytes. */
    public static boolean equal(long address, byte[] array, int offset, int bytes) {
        int i = 0;
        for (; i + 8 <= bytes; i += 8) {
            if (Memory.getLong(address + i) != (long) ARRAY_LONG.get(array, offset + i)) {
                return false;
            }
        }
        for (; i < bytes; i++) {
            if (Memory.getByte(address + i) != array[offset + i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * How many bytes a range of memory and a range of an array have in common at their start.
     *
     * @return 0 to {@code bytes}
     */
    public static int commonPrefix(long address, byte[] array, int offset, int bytes) {
        int i = 0;
        for (; i + 8 <= bytes; i += 8) {
            long difference = Memory.getLong(address + i) ^ (long) ARRAY_LONG.get(array, offset + i);
            if (difference != 0) {
                return i + (Long.numberOfTrailingZeros(difference) >>> 3);
            }
        }
        for (; i < bytes; i++) {
            if (Memory.getByte(address + i) != array[offset + i]) {
                return i;
            }
        }
        return bytes;
    }

    /** Unsigned lexicographic order of a range of memory against a range of an array: negative, 0 or positive. */
    public static int compare(long address, int bytes, byte[] array, int offset, int arrayBytes) {
        int shorter = Math.min(bytes, arrayBytes);
        int common = commonPrefix(address, array, offset, shorter);
        if (common == shorter) {
            return Integer.compare(bytes, arrayBytes);
        }
        return Memory.getUnsignedByte(address + common) - (array[offset + common] & 0xFF);
    }

    /** Unsigned lexicographic order of two ranges of arrays: negative, 0 or positive. */
    public static int compare(byte[] a, int aOffset, int aBytes, byte[] b, int bOffset, int bBytes) {
        return Arrays.compareUnsigned(a, aOffset, aOffset + aBytes, b, bOffset, bOffset + bBytes);
    }
}
