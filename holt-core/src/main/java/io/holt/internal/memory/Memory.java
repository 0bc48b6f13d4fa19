package io.holt.internal.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The only raw access to memory off the heap: by absolute address, little-endian, unaligned unless the name of the
 * method carries an ordering.
 *
 * <p>Invariants: every address handed in lies in a live slab or buffer, or in the padding behind it. With the system
 * property {@code holt.bounds.checks=true} each access is checked against the registered ranges; without it a wrong
 * address is undefined behaviour.
 */
public final class Memory {

    /** Whether accesses are checked; a constant, so that the check costs nothing when it is off. */
    public static final boolean CHECKED = Boolean.getBoolean("holt.bounds.checks");

    // SAFETY: a segment over the whole address space; every use is by an address this engine allocated. It is static
    // and final so that the JIT folds its base and its bound away.
    @SuppressWarnings("restricted")
    private static final MemorySegment ALL = MemorySegment.NULL.reinterpret(Long.MAX_VALUE);

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private static final VarHandle ALIGNED_INT =
            ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    private static final VarHandle ALIGNED_LONG =
            ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();

    private static final VarHandle ARRAY_LONG =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** Up to here a loop of 8-byte moves beats the call of the bulk copy (measured on x86-64, JDK 25). */
    private static final int SHORT_COPY_BYTES = 32;

    /** Likewise, without the step that ends exactly. */
    private static final int ROUNDED_COPY_BYTES = 96;

    public static final int ROUNDED_STEP_BYTES = 32;

    private static final int DISJOINT_COPY_BYTES = 128;
    private static final int SHORT_FILL_BYTES = 16;

    /**
     * Addresses have less than 63 bits. Said so by a mask, they need no comparison with the bound of the segment, and
     * no way out of the compiled code for the case that it fails, which costs registers in every loop.
     */
    private static final long ADDRESS_BITS = (1L << 62) - 1;

    private static final int LINE_BYTES = 64;

    /** Keeps the compiler from leaving out reads whose outcome nobody wants. */
    private static long unusedSum;

    private Memory() {}

    /** The same address; what is reached from it by less than 2^61 bytes needs no mask of its own any more. */
    public static long base(long address) {
        return address & (ADDRESS_BITS >>> 1);
    }

    public static byte getByte(long address) {
        check(address, 1);
        return ALL.get(ValueLayout.JAVA_BYTE, address & ADDRESS_BITS);
    }

    public static int getUnsignedByte(long address) {
        return getByte(address) & 0xFF;
    }

    public static short getShort(long address) {
        check(address, 2);
        return ALL.get(SHORT, address & ADDRESS_BITS);
    }

    public static int getUnsignedShort(long address) {
        return getShort(address) & 0xFFFF;
    }

    public static int getInt(long address) {
        check(address, 4);
        return ALL.get(INT, address & ADDRESS_BITS);
    }

    public static long getLong(long address) {
        check(address, 8);
        return ALL.get(LONG, address & ADDRESS_BITS);
    }

    public static void putByte(long address, int value) {
        check(address, 1);
        ALL.set(ValueLayout.JAVA_BYTE, address & ADDRESS_BITS, (byte) value);
    }

    public static void putShort(long address, int value) {
        check(address, 2);
        ALL.set(SHORT, address & ADDRESS_BITS, (short) value);
    }

    public static void putInt(long address, int value) {
        check(address, 4);
        ALL.set(INT, address & ADDRESS_BITS, value);
    }

    public static void putLong(long address, long value) {
        check(address, 8);
        ALL.set(LONG, address & ADDRESS_BITS, value);
    }

    /** Writes an aligned int as it is, in one step: what another thread writes at that moment is not lost. */
    static void touch(long address) {
        check(address, 4);
        int unused = (int) ALIGNED_INT.getAndAdd(ALL, address, 0);
    }

    /** Reads an aligned int with acquire semantics. */
    public static int getIntAcquire(long address) {
        check(address, 4);
        return (int) ALIGNED_INT.getAcquire(ALL, address & ADDRESS_BITS);
    }

    /** Writes an aligned int with release semantics. */
    public static void putIntRelease(long address, int value) {
        check(address, 4);
        ALIGNED_INT.setRelease(ALL, address, value);
    }

    /** Reads an aligned long with acquire semantics. */
    public static long getLongAcquire(long address) {
        check(address, 8);
        return (long) ALIGNED_LONG.getAcquire(ALL, address & ADDRESS_BITS);
    }

    /** Reads an aligned long with opaque semantics: whole, and not from a register. */
    public static long getLongOpaque(long address) {
        check(address, 8);
        return (long) ALIGNED_LONG.getOpaque(ALL, address & ADDRESS_BITS);
    }

    /** Writes an aligned long with release semantics. */
    public static void putLongRelease(long address, long value) {
        check(address, 8);
        ALIGNED_LONG.setRelease(ALL, address, value);
    }

    /** Replaces an aligned long if it is as expected, with volatile semantics. */
    public static boolean compareAndSetLong(long address, long expected, long value) {
        check(address, 8);
        return ALIGNED_LONG.compareAndSet(ALL, address, expected, value);
    }

    /**
     * Reads a byte of each line of a range: who looks at it next finds it in the processor's caches, in whatever order.
     * Lines in a row are loaded side by side and ahead, where those that one jumps to are waited for one by one.
     */
    public static void bringNear(long address, long bytes) {
        long sum = 0;
        for (long line = 0; line < bytes; line += LINE_BYTES) {
            sum += getByte(address + line);
        }
        unusedSum = sum;
    }

    /** Copies between two ranges, which may overlap. */
    public static void copy(long from, long to, long bytes) {
        check(from, bytes);
        check(to, bytes);
        MemorySegment.copy(ALL, from, ALL, to, bytes);
    }

    /** Whether two ranges hold the same. */
    public static boolean equal(long one, long other, long bytes) {
        check(one, bytes);
        check(other, bytes);
        long i = 0;
        for (; i <= bytes - 8; i += 8) {
            if (ALL.get(LONG, one + i) != ALL.get(LONG, other + i)) {
                return false;
            }
        }
        for (; i < bytes; i++) {
            if (ALL.get(ValueLayout.JAVA_BYTE, one + i) != ALL.get(ValueLayout.JAVA_BYTE, other + i)) {
                return false;
            }
        }
        return true;
    }

    /** Copies between two ranges that do not overlap. */
    public static void copyDisjoint(long from, long to, int bytes) {
        if (bytes > DISJOINT_COPY_BYTES || bytes < 8) {
            copyByCallOrByte(from, to, bytes);
            return;
        }
        check(from, bytes);
        check(to, bytes);
        int last = bytes - 8;
        for (int i = 0; i < last; i += 8) {
            ALL.set(LONG, to + i, ALL.get(LONG, from + i));
        }
        ALL.set(LONG, to + last, ALL.get(LONG, from + last));
    }

    private static void copyByCallOrByte(long from, long to, int bytes) {
        if (bytes >= 8) {
            copy(from, to, bytes);
            return;
        }
        for (int i = 0; i < bytes; i++) {
            putByte(to + i, getByte(from + i));
        }
    }

    /** Copies to an array; {@code offset} and {@code bytes} are trusted to lie within it. */
    public static void copyToArray(long from, byte[] array, int offset, int bytes) {
        check(from, bytes);
        if (bytes > SHORT_COPY_BYTES) {
            MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, array, offset, bytes);
            return;
        }
        if (bytes < 8) {
            for (int i = 0; i < bytes; i++) {
                array[offset + i] = ALL.get(ValueLayout.JAVA_BYTE, from + i);
            }
            return;
        }
        // The last 8 bytes are copied as such: some of them twice, which costs less than one by one.
        int last = bytes - 8;
        for (int i = 0; i < last; i += 8) {
            ARRAY_LONG.set(array, offset + i, ALL.get(LONG, from + i));
        }
        ARRAY_LONG.set(array, offset + last, ALL.get(LONG, from + last));
    }

    /**
     * Copies to an array in steps of {@link #ROUNDED_STEP_BYTES}, without the loop and the branches that are hard to
     * predict of an exact copy: up to a step less one byte behind either range are read and overwritten, so both go on
     * for as much, and what comes behind is written afterwards.
     */
    public static void copyToArrayRounded(long from, byte[] array, int offset, int bytes) {
        check(from, bytes);
        if (bytes > ROUNDED_COPY_BYTES) {
            MemorySegment.copy(ALL, ValueLayout.JAVA_BYTE, from, array, offset, bytes);
            return;
        }
        long source = base(from);
        copyStep(source, array, offset);
        if (bytes > ROUNDED_STEP_BYTES) {
            copyStep(source + ROUNDED_STEP_BYTES, array, offset + ROUNDED_STEP_BYTES);
            if (bytes > 2 * ROUNDED_STEP_BYTES) {
                copyStep(source + 2 * ROUNDED_STEP_BYTES, array, offset + 2 * ROUNDED_STEP_BYTES);
            }
        }
    }

    /** Writes the 8 bytes of a word to an array. */
    public static void wordToArray(long word, byte[] array, int offset) {
        ARRAY_LONG.set(array, offset, word);
    }

    private static void copyStep(long from, byte[] array, int offset) {
        // The farthest first: one comparison with the array's length is left of four.
        long last = ALL.get(LONG, from + 24);
        ARRAY_LONG.set(array, offset + 24, last);
        ARRAY_LONG.set(array, offset, ALL.get(LONG, from));
        ARRAY_LONG.set(array, offset + 8, ALL.get(LONG, from + 8));
        ARRAY_LONG.set(array, offset + 16, ALL.get(LONG, from + 16));
    }

    /** Copies from an array; {@code offset} and {@code bytes} are trusted to lie within it. */
    public static void copyFromArray(byte[] array, int offset, long to, int bytes) {
        check(to, bytes);
        if (bytes > SHORT_COPY_BYTES) {
            MemorySegment.copy(array, offset, ALL, ValueLayout.JAVA_BYTE, to, bytes);
            return;
        }
        if (bytes < 8) {
            for (int i = 0; i < bytes; i++) {
                ALL.set(ValueLayout.JAVA_BYTE, to + i, array[offset + i]);
            }
            return;
        }
        int last = bytes - 8;
        for (int i = 0; i < last; i += 8) {
            ALL.set(LONG, to + i, (long) ARRAY_LONG.get(array, offset + i));
        }
        ALL.set(LONG, to + last, (long) ARRAY_LONG.get(array, offset + last));
    }

    /** Copies from a segment on or off the heap. */
    public static void copyFromSegment(MemorySegment from, long offset, long to, long bytes) {
        check(to, bytes);
        MemorySegment.copy(from, offset, ALL, to, bytes);
    }

    /** Copies to a segment on or off the heap. */
    public static void copyToSegment(long from, MemorySegment to, long offset, long bytes) {
        check(from, bytes);
        MemorySegment.copy(ALL, from, to, offset, bytes);
    }

    /** Sets a range to one byte. */
    public static void fill(long address, long bytes, int value) {
        check(address, bytes);
        if (bytes > SHORT_FILL_BYTES) {
            ALL.asSlice(address, bytes).fill((byte) value);
            return;
        }
        // Without a slice, which the JIT does not always do away with.
        for (long i = 0; i < bytes; i++) {
            ALL.set(ValueLayout.JAVA_BYTE, address + i, (byte) value);
        }
    }

    /** A view of a range, for calls that want a segment; it does not keep the range alive. */
    public static MemorySegment segment(long address, long bytes) {
        check(address, bytes);
        return ALL.asSlice(address, bytes);
    }

    /** Makes a range known to the checks; nothing when they are off. */
    public static void register(long address, long bytes) {
        if (CHECKED) {
            LiveRanges.add(address, bytes);
        }
    }

    /** Takes a range back from the checks; nothing when they are off. */
    public static void unregister(long address, long bytes) {
        if (CHECKED) {
            LiveRanges.remove(address, bytes);
        }
    }

    private static void check(long address, long bytes) {
        if (CHECKED) {
            LiveRanges.check(address, bytes);
        }
    }
}
