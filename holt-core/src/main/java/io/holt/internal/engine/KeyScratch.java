package io.holt.internal.engine;

import io.holt.api.KeyTooLongException;
import io.holt.api.TreeView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * A key given as a segment, copied to an array: the tree compares arrays with memory. One a thread, reused, so a call
 * allocates nothing.
 */
final class KeyScratch {

    private static final ThreadLocal<KeyScratch> OF_THREAD = ThreadLocal.withInitial(KeyScratch::new);

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

    byte[] array() {
        return array;
    }

    int length() {
        return length;
    }
}
