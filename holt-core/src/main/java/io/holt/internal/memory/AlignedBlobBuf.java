package io.holt.internal.memory;

import io.holt.api.HoltClosedException;
import io.holt.api.MemoryBudget;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * A buffer of one frame, aligned to at least 4 KiB, leased from a pool or with memory of its own. No two open
 * buffers share a byte.
 *
 * <p>Threads: {@link #close()} from any thread, also from several at once; the bytes are for whoever the owner lets
 * at them. A thread that still reads the address of a closed buffer reads garbage and doesn't fault.
 */
public final class AlignedBlobBuf implements AutoCloseable {

    /** Length in bytes. */
    public static final int BYTES = MemoryBudget.FRAME_BYTES;

    /** What {@link #fixedBufferIndex()} answers for a buffer that is not leased from a pool. */
    public static final int NOT_FIXED = -1;

    private static final String KIND = "plain buffer";

    private static final VarHandle CLOSED;

    static {
        try {
            CLOSED = MethodHandles.lookup().findVarHandle(AlignedBlobBuf.class, "closed", boolean.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    /** Null for a plain buffer. */
    private final BlobBufPool pool;

    private final int slot;
    private final long address;

    private volatile boolean closed;

    private AlignedBlobBuf(BlobBufPool pool, int slot, long address) {
        this.pool = pool;
        this.slot = slot;
        this.address = address;
    }

    /**
     * A plain buffer of zeros.
     *
     * @throws OutOfMemoryError if the operating system has no room for it
     */
    public static AlignedBlobBuf zeroed() {
        return uninitialized();
    }

    /**
     * A plain buffer whose bytes are unspecified.
     *
     * @throws OutOfMemoryError if the operating system has no room for it
     */
    public static AlignedBlobBuf uninitialized() {
        // Pages come zeroed from the operating system, so this costs no more than zeroed() and is no other.
        long address = ReservedRanges.BUFFERS.take(BYTES);
        if (address < 0) {
            throw new OutOfMemoryError("the operating system refused a buffer of " + BYTES + " bytes (mmap: errno "
                    + -address + "); raise the limit of the process or container");
        }
        LeakTracker.OF_PROCESS.taken(KIND, address);
        return new AlignedBlobBuf(null, NOT_FIXED, address);
    }

    /**
     * A buffer in a slot of a pool, its bytes unspecified; empty if every slot is leased.
     *
     * @throws HoltClosedException if the pool was closed and nobody retains it
     */
    public static Optional<AlignedBlobBuf> pooled(BlobBufPool pool) {
        return Optional.ofNullable(pooledOrNull(pool));
    }

    /**
     * A buffer in a slot of a pool, or a plain one if every slot is leased; its bytes are unspecified.
     *
     * @throws HoltClosedException if the pool was closed and nobody retains it
     * @throws OutOfMemoryError if the operating system has no room for a plain one
     */
    public static AlignedBlobBuf pooledOrPlain(BlobBufPool pool) {
        AlignedBlobBuf buffer = pooledOrNull(pool);
        return buffer == null ? uninitialized() : buffer;
    }

    /**
     * A buffer of zeros from where the other one is from: its pool (or plain, if every slot is leased), or plain.
     *
     * @throws HoltClosedException if the other buffer is closed, or its pool is and nobody retains it
     */
    public static AlignedBlobBuf zeroedLike(AlignedBlobBuf other) {
        AlignedBlobBuf buffer = like(other);
        if (buffer.pool != null) {
            Memory.fill(buffer.address, BYTES, 0);
        }
        return buffer;
    }

    /**
     * A buffer with the same bytes, from where the other one is from: its pool (or plain, if every slot is leased),
     * or plain.
     *
     * @throws HoltClosedException if the other buffer is closed, or its pool is and nobody retains it
     */
    public static AlignedBlobBuf copyOf(AlignedBlobBuf other) {
        AlignedBlobBuf buffer = like(other);
        Memory.copy(other.address, buffer.address, BYTES);
        return buffer;
    }

    private static AlignedBlobBuf like(AlignedBlobBuf other) {
        other.requireOpen();
        return other.pool == null ? uninitialized() : pooledOrPlain(other.pool);
    }

    private static AlignedBlobBuf pooledOrNull(BlobBufPool pool) {
        int slot = pool.leaseSlot();
        return slot == BlobBufPool.EXHAUSTED ? null : new AlignedBlobBuf(pool, slot, pool.address(slot));
    }

    /**
     * The first byte.
     *
     * @throws HoltClosedException if the buffer is closed
     */
    public long address() {
        requireOpen();
        return address;
    }

    /**
     * A view of the bytes; it doesn't notice that the buffer is closed.
     *
     * @throws HoltClosedException if the buffer is closed
     */
    public MemorySegment segment() {
        return Memory.segment(address(), BYTES);
    }

    /**
     * Which of the buffers that a ring registers for the pool's slab holds this one, see
     * {@link BlobBufPool#FIXED_BUFFER_BYTES}; {@link #NOT_FIXED} for a plain buffer.
     *
     * @throws HoltClosedException if the buffer is closed
     */
    public int fixedBufferIndex() {
        requireOpen();
        return pool == null ? NOT_FIXED : pool.fixedBufferIndex(slot);
    }

    /** Whether it is leased from a pool. */
    public boolean isPooled() {
        return pool != null;
    }

    public boolean isClosed() {
        return closed;
    }

    /** Gives the slot back, or frees the memory. Calling it again does nothing. */
    @Override
    public void close() {
        if (!CLOSED.compareAndSet(this, false, true)) {
            return;
        }
        if (pool != null) {
            pool.releaseSlot(slot);
        } else {
            LeakTracker.OF_PROCESS.givenBack(KIND, address);
            ReservedRanges.BUFFERS.giveBack(address, BYTES);
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new HoltClosedException("buffer");
        }
    }
}
