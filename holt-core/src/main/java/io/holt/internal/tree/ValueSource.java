package io.holt.internal.tree;

import io.holt.internal.memory.Memory;
import java.lang.foreign.MemorySegment;

/** A value on its way in: a range of an array, or a segment. Lives as long as the call; the JIT removes it. */
public final class ValueSource {

    private final byte[] array;
    private final int offset;
    private final MemorySegment segment;
    private final int bytes;

    private ValueSource(byte[] array, int offset, MemorySegment segment, int bytes) {
        this.array = array;
        this.offset = offset;
        this.segment = segment;
        this.bytes = bytes;
    }

    public static ValueSource of(byte[] array, int offset, int bytes) {
        return new ValueSource(array, offset, null, bytes);
    }

    public static ValueSource of(MemorySegment segment) {
        return new ValueSource(null, 0, segment, (int) segment.byteSize());
    }

    /** The array, or null if the value is a segment. */
    public byte[] array() {
        return array;
    }

    /** Where the value starts in the array. */
    public int offset() {
        return offset;
    }

    /** The segment, or null if the value is in an array. */
    public MemorySegment segment() {
        return segment;
    }

    public int bytes() {
        return bytes;
    }

    /** Copies a part of the value to an address. */
    void copyTo(long address, int from, int length) {
        if (array != null) {
            Memory.copyFromArray(array, offset + from, address, length);
        } else {
            Memory.copyFromSegment(segment, from, address, length);
        }
    }
}
