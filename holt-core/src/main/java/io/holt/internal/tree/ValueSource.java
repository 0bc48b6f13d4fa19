package io.holt.internal.tree;

import io.holt.internal.memory.Memory;
import io.holt.internal.wal.StoredValue;
import java.lang.foreign.MemorySegment;

/** A value on its way in: a range of an array, a segment, or a part of the log. Used by one thread, again and again. */
public final class ValueSource {

    private byte[] array;
    private int offset;
    private MemorySegment segment;
    private StoredValue stored;
    private int bytes;
    private boolean linked;
    private long version;

    /** In place of a version: the record has none. */
    static final long UNVERSIONED = 0;

    /** In place of a version: the record gets the next one there is, as soon as its latch is held. */
    static final long ASSIGN = -1;

    ValueSource() {}

    ValueSource set(byte[] newArray, int newOffset, int newBytes) {
        array = newArray;
        offset = newOffset;
        segment = null;
        stored = null;
        bytes = newBytes;
        linked = false;
        version = UNVERSIONED;
        return this;
    }

    ValueSource set(MemorySegment newSegment) {
        array = null;
        offset = 0;
        segment = newSegment;
        stored = null;
        bytes = (int) newSegment.byteSize();
        linked = false;
        version = UNVERSIONED;
        return this;
    }

    /** What the log has; it is not logged again. */
    ValueSource set(StoredValue newStored) {
        set(null, 0, newStored.bytes());
        stored = newStored;
        return this;
    }

    /** The record has this version, or {@link #ASSIGN}. */
    ValueSource versioned(long newVersion) {
        version = newVersion;
        return this;
    }

    /** The record's version, or {@link #UNVERSIONED} or {@link #ASSIGN}. */
    long version() {
        return version;
    }

    /** Lets go of the caller's array or segment. */
    void clear() {
        array = null;
        segment = null;
        stored = null;
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
        } else if (stored != null) {
            stored.copyTo(address, from, length);
        } else {
            Memory.copyFromSegment(segment, from, address, length);
        }
    }
}
