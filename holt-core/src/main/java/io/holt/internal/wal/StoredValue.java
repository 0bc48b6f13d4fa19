package io.holt.internal.wal;

import io.holt.internal.io.HeapTransfer;
import io.holt.internal.io.IoFile;

/**
 * The value of a large record, where it lies in the log: read piece by piece, so that it is nowhere as a whole. Of use
 * until the visitor that got it comes back. Used by one thread.
 */
public final class StoredValue {

    private final IoFile file;
    private final long offset;
    private final int bytes;

    StoredValue(IoFile file, long offset, int bytes) {
        this.file = file;
        this.offset = offset;
        this.bytes = bytes;
    }

    public int bytes() {
        return bytes;
    }

    /** Reads a part of the value to an address. */
    public void copyTo(long address, int from, int length) {
        file.read(offset + from, address, length);
    }

    /** All of it. */
    byte[] toArray() {
        byte[] array = new byte[bytes];
        HeapTransfer.read(file, offset, array, 0, bytes);
        return array;
    }
}
