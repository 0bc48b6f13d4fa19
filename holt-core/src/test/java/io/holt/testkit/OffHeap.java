package io.holt.testkit;

import io.holt.internal.memory.Memory;
import java.lang.foreign.Arena;

/** Page-aligned, zeroed memory of a test, known to the bounds checks; freed by the thread that made it. */
public final class OffHeap implements AutoCloseable {

    private static final int PAGE_BYTES = 4096;

    private final Arena arena = Arena.ofConfined();
    private final long address;
    private final long bytes;

    public OffHeap(long bytes) {
        this.bytes = bytes;
        this.address = arena.allocate(bytes, PAGE_BYTES).address();
        Memory.register(address, bytes);
    }

    public long address() {
        return address;
    }

    public long address(long offset) {
        return address + offset;
    }

    /** Copies an array in. */
    public OffHeap put(long offset, byte[] from) {
        Memory.copyFromArray(from, 0, address + offset, from.length);
        return this;
    }

    /** Copies a range out. */
    public byte[] get(long offset, int count) {
        byte[] out = new byte[count];
        Memory.copyToArray(address + offset, out, 0, count);
        return out;
    }

    @Override
    public void close() {
        Memory.unregister(address, bytes);
        arena.close();
    }
}
