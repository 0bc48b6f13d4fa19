package io.holt.internal.memory;

import java.util.zip.CRC32C;

/**
 * The checksum CRC32C (Castagnoli) of bytes on and off the heap, in one piece or several.
 *
 * <p>The static methods keep nothing between calls and allocate nothing once they are compiled: the objects they
 * make don't escape (measured on JDK 25). An instance is for one thread.
 */
public final class Crc32c {

    /** Less than a ByteBuffer can show. */
    private static final long VIEW_BYTES_MAX = 1L << 30;

    private final CRC32C sum = new CRC32C();

    /** The checksum of a range of memory. */
    public static int of(long address, long bytes) {
        return new Crc32c().update(address, bytes).value();
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
        long done = 0;
        while (bytes - done > VIEW_BYTES_MAX) {
            sum.update(Memory.segment(address + done, VIEW_BYTES_MAX).asByteBuffer());
            done += VIEW_BYTES_MAX;
        }
        sum.update(Memory.segment(address + done, bytes - done).asByteBuffer());
        return this;
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
