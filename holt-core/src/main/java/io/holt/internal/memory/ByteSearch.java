package io.holt.internal.memory;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Searching and comparing bytes, eight at a time: the inner loops of the tree, static, over primitives and addresses,
 * without allocation.
 *
 * <p>Key bytes of a node come in words read little-endian, so that the key at index i is byte i; what lies behind the
 * first {@code count} of them doesn't matter. With torn bytes an answer is wrong and still in its range. Comparisons
 * read exactly the bytes they are told, never one beyond, on either side, unless they say so.
 *
 * <p>The search within a word follows the well-known zero-byte test, see H. S. Warren, "Hacker's Delight", 6-1: the
 * lowest flagged byte is exact, higher ones may be false, so only the lowest is used.
 */
public final class ByteSearch {

    private static final long ONES = 0x0101010101010101L;
    private static final long HIGHS = 0x8080808080808080L;

    private static final VarHandle ARRAY_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle ARRAY_INT =
            MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private ByteSearch() {}

    /**
     * Where a byte is in a word read little-endian.
     *
     * @param value 0 to 255
     * @return index of the first one that equals it, or 4
     */
    public static int find4(int word, int value) {
        int difference = word ^ ((int) ONES * value);
        int zeros = (difference - (int) ONES) & ~difference & (int) HIGHS;
        return Integer.numberOfTrailingZeros(zeros) >>> 3;
    }

    /**
     * Where a byte is in two words read little-endian.
     *
     * @param value 0 to 255
     * @return index of the first one that equals it, or 16
     */
    public static int find16(long low, long high, int value) {
        long pattern = ONES * value;
        int inLow = Long.numberOfTrailingZeros(zeros(low ^ pattern)) >>> 3;
        int inHigh = Long.numberOfTrailingZeros(zeros(high ^ pattern)) >>> 3;
        // Not in the lower word is 8, whose only bit becomes a mask: which word it is in can't be predicted.
        return inLow + (inHigh & -(inLow >>> 3));
    }

    /**
     * How many of {@code count} ascending unsigned bytes of a word read little-endian are below a value: where it is
     * or would be.
     *
     * @param count 0 to 8
     * @param value 0 to 255
     */
    public static int lowerBound8(long word, int count, int value) {
        return Math.min(Long.numberOfTrailingZeros(notBelow(word, ONES * value)) >>> 3, count);
    }

    /**
     * How many of {@code count} ascending unsigned bytes of two words read little-endian are below a value: where it
     * is or would be.
     *
     * @param count 0 to 16
     * @param value 0 to 255
     */
    public static int lowerBound16(long low, long high, int count, int value) {
        long pattern = ONES * value;
        long found = notBelow(low, pattern);
        int index = found != 0
                ? Long.numberOfTrailingZeros(found) >>> 3
                : 8 + (Long.numberOfTrailingZeros(notBelow(high, pattern)) >>> 3);
        return Math.min(index, count);
    }

    /**
     * How many of {@code count} ascending unsigned bytes at an address are below a value: where it is or would be.
     * Reads 8 bytes, or 16 if there are more than 8 to search, whatever lies there.
     *
     * @param count 0 to 16
     * @param value 0 to 256
     */
    public static int lowerBound(long address, int count, int value) {
        if (value > 0xFF) {
            return count;
        }
        long low = Memory.getLong(address);
        return count <= 8
                ? lowerBound8(low, count, value)
                : lowerBound16(low, Memory.getLong(address + 8), count, value);
    }

    /** Whether a range of memory and a range of an array hold the same bytes. */
    public static boolean equal(long address, byte[] array, int offset, int bytes) {
        int i = 0;
        for (; i <= bytes - 32; i += 32) {
            long difference = difference8(address, array, offset, i)
                    | difference8(address, array, offset, i + 8)
                    | difference8(address, array, offset, i + 16)
                    | difference8(address, array, offset, i + 24);
            if (difference != 0) {
                return false;
            }
        }
        for (; i <= bytes - 8; i += 8) {
            if (difference8(address, array, offset, i) != 0) {
                return false;
            }
        }
        if (i == bytes) {
            return true;
        }
        if (bytes >= 8) {
            // The last 8 bytes: some were compared already, none lies outside.
            return difference8(address, array, offset, bytes - 8) == 0;
        }
        if (bytes >= 4) {
            return (difference4(address, array, offset, 0) | difference4(address, array, offset, bytes - 4)) == 0;
        }
        for (; i < bytes; i++) {
            if (Memory.getByte(address + i) != array[offset + i]) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether the bytes before an address and a range of an array are the same. Fewer than 8 are compared as the part
     * of a word that they are, without a branch for each length: up to 7 bytes from the address on, or before the
     * range, are read and ignored.
     *
     * @param offset of the range in the array
     * @param bytes 1 or more, of the range
     */
    public static boolean equalBefore(long address, byte[] array, int offset, int bytes) {
        if (bytes < 8) {
            int ignoredBits = -(bytes << 3);
            if (offset <= array.length - 8) {
                return difference8(address - bytes, array, offset, 0) << ignoredBits == 0;
            }
            int last = offset + bytes - 8;
            return last >= 0
                    ? difference8(address - 8, array, last, 0) >>> ignoredBits == 0
                    : equal(address - bytes, array, offset, bytes);
        }
        if (difference8(address - 8, array, offset + bytes - 8, 0) != 0) {
            return false;
        }
        // Without a loop for the lengths that most have: the JIT prepares each loop, which takes longer than this.
        if (bytes > 8 && difference8(address - bytes, array, offset, 0) != 0) {
            return false;
        }
        if (bytes > 16 && difference8(address - bytes, array, offset, 8) != 0) {
            return false;
        }
        for (int i = 16; i < bytes - 8; i += 8) {
            if (difference8(address - bytes, array, offset, i) != 0) {
                return false;
            }
        }
        return true;
    }

    /**
     * Whether the bytes before an address are the last ones before an index of an array. Without a branch for each
     * length: up to 8 bytes before the address are read, also if there are fewer to compare.
     *
     * @param end of the range in the array, exclusive
     * @param bytes 0 to {@code end}
     */
    public static boolean equalUpTo(long address, byte[] array, int end, int bytes) {
        if (end < 8) {
            return equal(address - bytes, array, end - bytes, bytes);
        }
        int left = bytes;
        for (; left >= 8; left -= 8) {
            if (difference8(address - left, array, end - left, 0) != 0) {
                return false;
            }
        }
        // In two steps: if none is left, it is a shift by 64.
        return difference8(address - 8, array, end - 8, 0) >>> 1 >>> (63 - (left << 3)) == 0;
    }

    /**
     * How many bytes a range of memory and a range of an array have in common at their start.
     *
     * @return 0 to {@code bytes}
     */
    public static int commonPrefix(long address, byte[] array, int offset, int bytes) {
        int i = 0;
        for (; i <= bytes - 8; i += 8) {
            long difference = difference8(address, array, offset, i);
            if (difference != 0) {
                return i + (Long.numberOfTrailingZeros(difference) >>> 3);
            }
        }
        if (i <= bytes - 4) {
            int difference = difference4(address, array, offset, i);
            if (difference != 0) {
                return i + (Integer.numberOfTrailingZeros(difference) >>> 3);
            }
            i += 4;
        }
        for (; i < bytes; i++) {
            if (Memory.getByte(address + i) != array[offset + i]) {
                return i;
            }
        }
        return bytes;
    }

    /**
     * The first byte that differs between a range of memory and a range of an array.
     *
     * @return its index, or -1 if all are the same
     */
    public static int mismatch(long address, byte[] array, int offset, int bytes) {
        int common = commonPrefix(address, array, offset, bytes);
        return common == bytes ? -1 : common;
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

    private static long difference8(long address, byte[] array, int offset, int index) {
        return Memory.getLong(address + index) ^ (long) ARRAY_LONG.get(array, offset + index);
    }

    private static int difference4(long address, byte[] array, int offset, int index) {
        return Memory.getInt(address + index) ^ (int) ARRAY_INT.get(array, offset + index);
    }

    /** The top bit of each byte that is zero; bits above the lowest of them may be set without reason. */
    private static long zeros(long word) {
        return (word - ONES) & ~word & HIGHS;
    }

    /** The top bit of each byte of a word that is, unsigned, at least the same byte of the pattern; exact. */
    private static long notBelow(long word, long pattern) {
        // The low 7 bits are subtracted without a borrow between bytes. The top bits decide, or if they are equal,
        // that difference.
        long lowNotBelow = (word | HIGHS) - (pattern & ~HIGHS);
        return ((word & ~pattern) | (~(word ^ pattern) & lowNotBelow)) & HIGHS;
    }
}
