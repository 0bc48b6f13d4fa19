package io.holt.api;

/**
 * The off-heap memory that one or several databases may use: exact, taken from the operating system in one piece and
 * handed out in frames of {@value #FRAME_BYTES} bytes. Threads: all methods from any thread.
 *
 * <p>Made by {@code Holt.memory(bytes)} to be shared; a database opened without one makes its own of
 * {@link HoltOptions#memoryBytes()} bytes and closes it with itself.
 */
public interface MemoryBudget extends AutoCloseable {

    /** Bytes of a frame: 512 KiB. */
    int FRAME_BYTES = 512 * 1024;

    /** The most bytes there can be in use: a multiple of {@link #FRAME_BYTES}. */
    long capacityBytes();

    /** Bytes in use now, by all databases together. */
    long usedBytes();

    /** Gives the memory back, once the last database and buffer that use it have let go. Idempotent. */
    @Override
    void close();
}
