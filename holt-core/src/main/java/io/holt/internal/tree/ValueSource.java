package io.holt.internal.tree;

import io.holt.internal.memory.Memory;
import java.lang.foreign.MemorySegment;

/** A value on its way in: a range of an array, or a segment. Used by one thread, again and again. */
public final class ValueSource {

    private byte[] array;
    private int offset;
    private MemorySegment segment;
    private int bytes;
    private boolean linked;

    ValueSource() {}

    ValueSource set(byte[] newArray, int newOffset, int newBytes) {
        array = newArray;
        offset = newOffset;
        segment = null;
        bytes = newBytes;
        linked = false;
        return this;
    }

    ValueSource set(MemorySegment newSegment) {
        array = null;
        offset = 0;
        segment = newSegment;
        bytes = (int) newSegment.byteSize();
        linked = false;
        return this;
    }

    /** Lets go of the caller's array or segment. */
    void clear() {
        array = null;
        segment = null;
    }

    /** A leaf names its value frames from now on, whatever becomes of the operation. */
    void markLinked() {
        linked = true;
    }

    boolean isLinked() {
        return linked;
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
