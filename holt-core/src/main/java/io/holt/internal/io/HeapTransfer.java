package io.holt.internal.io;

import io.holt.internal.memory.Memory;
import java.lang.foreign.Arena;

/**
 * Carries arrays to and from files through a small buffer off the heap, which the kernel needs because arrays move.
 * For small and rare transfers: the buffer is made for the call.
 */
public final class HeapTransfer {

    private static final int BUFFER_BYTES = 64 * 1024;

    private HeapTransfer() {}

    /** Writes {@code array[from, from + count)} at an offset of the file. */
    public static void write(IoFile file, long fileOffset, byte[] array, int from, int count) {
        transfer(true, file, fileOffset, array, from, count);
    }

    /** Reads {@code count} bytes at an offset of the file to {@code array[from...]}. */
    public static void read(IoFile file, long fileOffset, byte[] array, int from, int count) {
        transfer(false, file, fileOffset, array, from, count);
    }

    private static void transfer(boolean write, IoFile file, long fileOffset, byte[] array, int from, int count) {
        int bufferBytes = Math.min(count, BUFFER_BYTES);
        if (count == 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            long buffer =
                    arena.allocate(bufferBytes, IoFile.DIRECT_ALIGNMENT_BYTES).address();
            Memory.register(buffer, bufferBytes);
            try {
                // No sum may pass 2^31: the largest values end just below it.
                for (int done = 0, chunk; done < count; done += chunk) {
                    chunk = Math.min(count - done, bufferBytes);
                    if (write) {
                        Memory.copyFromArray(array, from + done, buffer, chunk);
                        file.write(fileOffset + done, buffer, chunk);
                    } else {
                        file.read(fileOffset + done, buffer, chunk);
                        Memory.copyToArray(buffer, array, from + done, chunk);
                    }
                }
            } finally {
                Memory.unregister(buffer, bufferBytes);
            }
        }
    }
}
