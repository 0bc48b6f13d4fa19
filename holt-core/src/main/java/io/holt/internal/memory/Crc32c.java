package io.holt.internal.memory;

import java.util.zip.CRC32C;

/**
 * The checksum CRC32C (Castagnoli) of bytes on and off the heap, in one piece or several.
 *
 * <p>An instance is for one thread, and allocates nothing for ranges of up to {@value #COPIED_BYTES_MAX} bytes after
 * the first one. Longer ones, and the static methods, make short-lived views; the JIT does away with them only where it
 * compiles everything in one piece, which depends on what else the process does (measured on JDK 25).
 */
public final class Crc32c {

    /** Less than a ByteBuffer can show. */
    private static final long VIEW_BYTES_MAX = 1L << 30;

    /** Up to here a range off the heap is copied: that costs less than a view that has to be allocated. */
    static final int COPIED_BYTES_MAX = 4096;

    private final CRC32C sum = new CRC32C();
    private byte[] copy;

    /** The checksum of a range of memory. */
    public static int of(long address, long bytes) {
        Crc32c crc = new Crc32c();
        crc.updateByView(address, bytes);
        return crc.value();
    }

    /**
     * The checksum of a part of an array.
     *
     * @throws IndexOutOfBoundsException if it is not within the array
     */
    public static int of(byte[] array, int offset, int bytes) {
        return new Crc32c().update(array, offset, bytes).value();
    }

    /** Goes on with a range of memory. */
    public Crc32c update(long address, long bytes) {
        if (bytes > COPIED_BYTES_MAX) {
            updateByView(address, bytes);
            return this;
        }
        Memory.copyToArray(address, copy(), 0, (int) bytes);
        sum.update(copy, 0, (int) bytes);
        return this;
    }

    /** Goes on with two ranges of memory, one behind the other, at the cost of one where both are short. */
    public Crc32c update(long first, int firstBytes, long second, long secondBytes) {
        if (firstBytes + secondBytes > COPIED_BYTES_MAX) {
            return update(first, firstBytes).update(second, secondBytes);
        }
        byte[] both = copy();
        Memory.copyToArray(first, both, 0, firstBytes);
        Memory.copyToArray(second, both, firstBytes, (int) secondBytes);
        sum.update(both, 0, firstBytes + (int) secondBytes);
        return this;
    }

    private byte[] copy() {
        if (copy == null) {
            copy = new byte[COPIED_BYTES_MAX];
        }
        return copy;
    }

    private void updateByView(long address, long bytes) {
        long done = 0;
        while (bytes - done > VIEW_BYTES_MAX) {
            sum.update(Memory.segment(address + done, VIEW_BYTES_MAX).asByteBuffer());
            done += VIEW_BYTES_MAX;
        }
        sum.update(Memory.segment(address + done, bytes - done).asByteBuffer());
    }

    /**
     * Goes on with a part of an array.
     *
     * @throws IndexOutOfBoundsException if it is not within the array
     */
    public Crc32c update(byte[] array, int offset, int bytes) {
        sum.update(array, offset, bytes);
        return this;
    }

    /** Starts again. */
    public void reset() {
        sum.reset();
    }

    /** The checksum of all bytes since the start. */
    public int value() {
        return (int) sum.getValue();
    }
}
