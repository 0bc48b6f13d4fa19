package io.holt.internal.engine;

import io.holt.api.KeyTooLongException;
import io.holt.api.TreeView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * A key given as a segment, copied to an array: the tree compares arrays with memory. One a thread, reused, so a call
 * allocates nothing.
 */
final class KeyScratch {

    private static final ThreadLocal<KeyScratch> OF_THREAD = ThreadLocal.withInitial(KeyScratch::new);

    /** For the log, which is written while the caller's key may be in the other one. */
    private static final ThreadLocal<KeyScratch> LOG_OF_THREAD = ThreadLocal.withInitial(KeyScratch::new);

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] array = new byte[256];
    private int length;

    private KeyScratch() {}

    /**
     * The calling thread's scratch with a key in it; valid until the next call.
     *
     * @throws KeyTooLongException if it is longer than a key can be
     */
    static KeyScratch of(MemorySegment key) {
        long bytes = key.byteSize();
        if (bytes > TreeView.MAX_KEY_BYTES) {
            throw new KeyTooLongException(bytes);
        }
        KeyScratch scratch = OF_THREAD.get();
        scratch.length = (int) bytes;
        if (bytes > scratch.array.length) {
            scratch.array = new byte[Math.max((int) bytes, 2 * scratch.array.length)];
        }
        MemorySegment.copy(key, ValueLayout.JAVA_BYTE, 0, scratch.array, 0, scratch.length);
        return scratch;
    }

    /** The calling thread's second scratch with a key and 8 bytes behind it, little-endian. */
    static KeyScratch withLong(byte[] key, int offset, int bytes, long number) {
        KeyScratch scratch = LOG_OF_THREAD.get();
        scratch.length = bytes + Long.BYTES;
        if (scratch.length > scratch.array.length) {
            scratch.array = new byte[Math.max(scratch.length, 2 * scratch.array.length)];
        }
        System.arraycopy(key, offset, scratch.array, 0, bytes);
        LONG.set(scratch.array, bytes, number);
        return scratch;
    }

    /** The 8 bytes at an offset, little-endian. */
    static long longAt(byte[] array, int offset) {
        return (long) LONG.get(array, offset);
    }

    byte[] array() {
        return array;
    }

    int length() {
        return length;
    }
}
