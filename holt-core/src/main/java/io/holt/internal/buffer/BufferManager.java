package io.holt.internal.buffer;

import io.holt.api.HoltClosedException;
import io.holt.api.MemoryBudgetException;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.memory.Memory;
import io.holt.internal.sync.HybridLatch;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frames in memory: which blob is where, slots taken and given back, frames read in when they are missed.
 *
 * <p>Invariants: I7, every slot comes from the pool and goes back to it; a slot's latch word is odd from the moment it
 * is taken until its frame is published, and odd again before it is given back, so no reader validates what is not a
 * published frame; versions of a slot never repeat (its lease generation is their upper part).
 *
 * <p>Latch order: none. Whoever holds one latch only ever tries another one and lets go of all if that fails.
 */
public final class BufferManager {

    private static final Logger LOG = LoggerFactory.getLogger(BufferManager.class);
    private static final int GENERATION_SHIFT = 40;

    private final BlobBufPool pool;
    private final FrameLoader loader;
    private final FrameTable table = new FrameTable();
    private final BlobIds ids = new BlobIds();
    private final DirtySet dirty = new DirtySet();
    private final AtomicLong leased = new AtomicLong();
    private final Object loading = new Object();
    private volatile Runnable relief = () -> {};
    private volatile boolean closed;

    /** Uses slots of a pool that outlives this database. */
    public BufferManager(BlobBufPool pool, FrameLoader loader) {
        this.pool = pool;
        this.loader = loader;
        pool.retain();
    }

    /** What to try before a full budget is reported: work that gives slots back. */
    public void onPressure(Runnable work) {
        this.relief = work;
    }

    public DirtySet dirty() {
        return dirty;
    }

    /** Address of a frame if it is in memory, else 0 or less. Latency-critical. */
    public long residentAddress(int blobId) {
        return table.address(blobId);
    }

    /**
     * Address of a frame, read in if need be; 0 if there is no such blob.
     *
     * @throws io.holt.api.CorruptDataException if what is on disk is damaged
     * @throws MemoryBudgetException if there is no slot for it
     */
    public long address(int blobId) {
        long address = table.address(blobId);
        return address > 0 ? address : load(blobId, address);
    }

    private long load(int blobId, long known) {
        if (known == FrameTable.GONE || !loader.has(blobId)) {
            return 0;
        }
        for (boolean relieved = false; ; relieved = true) {
            synchronized (loading) {
                long address = table.address(blobId);
                if (address != 0) {
                    return Math.max(0, address);
                }
                checkOpen();
                long slot = tryLease();
                if (slot != 0) {
                    return loadInto(blobId, slot);
                }
            }
            if (relieved) {
                throw new MemoryBudgetException("reading blob " + blobId, pool.capacityBytes());
            }
            // Without the monitor: another thread may be waited for, which has to read in something itself.
            relieve();
        }
    }

    private long loadInto(int blobId, long slot) {
        long version = Memory.getLong(slot) - 1;
        try {
            loader.load(blobId, slot);
        } catch (RuntimeException | Error e) {
            release(slot);
            throw e;
        }
        Memory.putLong(slot, version + 1);
        table.set(blobId, slot);
        HybridLatch.unlock(slot, version);
        return slot;
    }

    /**
     * Takes a slot. Its latch is held by the caller; its content is whatever was there before.
     *
     * @param operation what it is for, for the message
     * @throws MemoryBudgetException if the budget is exhausted
     */
    public long lease(String operation) {
        checkOpen();
        long address = tryLease();
        if (address == 0) {
            relieve();
            address = tryLease();
        }
        if (address == 0) {
            throw new MemoryBudgetException(operation, pool.capacityBytes());
        }
        return address;
    }

    private long tryLease() {
        int slot = pool.leaseSlot();
        if (slot < 0) {
            return 0;
        }
        leased.incrementAndGet();
        long address = pool.address(slot);
        Memory.putLongRelease(address, (pool.generation(slot) << GENERATION_SHIFT) + 1);
        return address;
    }

    /** What the relief lacks itself, a slot, is what the caller is told of anyway. */
    private void relieve() {
        try {
            relief.run();
        } catch (MemoryBudgetException e) {
            LOG.debug("under pressure of memory nothing could be freed", e);
        }
    }

    /** Gives a slot back; its latch is held by the caller, or it is nobody else's. */
    public void release(long address) {
        Memory.putLongRelease(address, FrameHeader.LATCH_ON_DISK);
        leased.decrementAndGet();
        pool.releaseSlot(slotOf(address));
    }

    /** Makes a leased slot the frame of a blob and lets go of its latch. */
    public void publish(int blobId, long address) {
        table.set(blobId, address);
        unlock(address);
    }

    /** Makes a leased slot the frame of a blob; its latch stays held. */
    public void install(int blobId, long address) {
        table.set(blobId, address);
    }

    /** Says that a blob is freed; its latch is held by the caller, who sees to the slot. */
    public void remove(int blobId) {
        table.set(blobId, FrameTable.GONE);
    }

    /** Lets go of a latch after a change, from the latch word alone. */
    public static void unlock(long address) {
        HybridLatch.unlock(address, Memory.getLong(address) - 1);
    }

    public int allocateBlobId() {
        return ids.allocate();
    }

    /** Makes an id free for another blob; its frame is already removed. */
    public void freeBlobId(int blobId) {
        dirty.markFreed(blobId);
        ids.free(blobId);
    }

    /** Takes over the blob ids that a database on disk uses. */
    public void adoptBlobIds(BitSet used, int firstUnused) {
        ids.adopt(used, firstUnused);
    }

    /** Ids of all blobs there are now, a copy. */
    public BitSet blobIds() {
        return ids.used();
    }

    public long blobCount() {
        return ids.inUse();
    }

    public int nextBlobId() {
        return ids.next();
    }

    public long residentFrames() {
        return table.resident();
    }

    /** Slots this database has taken. */
    public long leasedSlots() {
        return leased.get();
    }

    public BlobBufPool pool() {
        return pool;
    }

    /**
     * For those who begin again: maybe because there is nothing left to find.
     *
     * @throws HoltClosedException if the database was closed
     */
    public void checkOpen() {
        if (closed) {
            throw new HoltClosedException("database");
        }
    }

    /** Gives back every published frame and the hold on the pool. No reader or writer starts from here on. */
    public void close() {
        closed = true;
        synchronized (loading) {
            for (int id = 0; id < table.length(); id++) {
                long address = table.address(id);
                if (address > 0) {
                    HybridLatch.lock(address);
                    remove(id);
                    release(address);
                }
            }
        }
        pool.release();
    }

    private int slotOf(long address) {
        return (int) ((address - pool.slabAddress()) / FrameHeader.FRAME_BYTES);
    }
}
