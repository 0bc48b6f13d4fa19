package io.holt.internal.buffer;

import io.holt.api.HoltClosedException;
import io.holt.api.HoltIoException;
import io.holt.api.MemoryBudgetException;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.memory.Memory;
import io.holt.internal.memory.SlotLedger;
import io.holt.internal.sync.HybridLatch;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;

/**
 * Frames in memory: which blob is where, slots taken and given back, frames read in when they are missed and, where
 * there are files, evicted when slots run out.
 *
 * <p>Invariants: I7, every slot comes from the pool and goes back to it; a slot's latch word is odd from the moment it
 * is taken until its frame is published, and odd again before it is given back, so no reader validates what is not a
 * published frame; versions of a slot never repeat (its lease generation is their upper part).
 *
 * <p>Latch order: from the root down. Whoever holds one latch only ever tries another one, and lets go of all if that
 * fails; but for walks that were disturbed too often, which wait for a child's. So reading a frame in waits for none.
 */
public final class BufferManager {

    private static final int LOAD_STRIPES = 64;

    /** Frames that are kept beside those of the table. */
    public interface Kept {

        /** Gives the slot at an address back, if it is one of these and its frame is on disk or could be written. */
        boolean evict(int blobId, long address);
    }

    private final BlobBufPool pool;
    private final Elsewhere elsewhere;
    private final FrameTable table = new FrameTable();
    private final BlobIds ids = new BlobIds();
    private final DirtySet dirty = new DirtySet();
    private final Slots slots;
    private final Object[] loading = new Object[LOAD_STRIPES];
    private final SlotLedger ledger;
    private final LongAdder loads = new LongAdder();
    private volatile Kept kept = (blobId, address) -> false;
    private SpillFile spillFile;
    private Eviction eviction;
    private volatile boolean closed;

    /** Uses slots of a pool that outlives this database. */
    public BufferManager(BlobBufPool pool, FrameLoader loader) {
        this.pool = pool;
        this.elsewhere = new Elsewhere(loader);
        this.ledger = pool.ledger();
        this.slots = new Slots(pool);
        Arrays.setAll(loading, i -> new Object());
        pool.retain();
    }

    /**
     * From now on frames leave memory when slots run out; takes one slot, through which they are written.
     *
     * @param onFailure told once of the write that failed; after that only frames go that are on disk
     * @throws MemoryBudgetException if there is no slot
     */
    public void enableEviction(SpillFile file, Consumer<HoltIoException> onFailure) {
        long buffer = lease("a buffer to write evicted frames");
        spillFile = file;
        Spills spills = new Spills(file);
        elsewhere.spillTo(spills);
        Eviction enabled = new Eviction(this, table, file, spills, buffer, onFailure);
        enabled.alsoEvict(kept);
        eviction = enabled;
        slots.ownedBy(enabled);
    }

    /** Address of the buffer that evicted frames are written from; after eviction was enabled. */
    public long evictionBuffer() {
        return eviction.buffer();
    }

    /** Names frames outside the table that may leave memory; before eviction is enabled. */
    public void alsoEvict(Kept more) {
        kept = more;
    }

    /** What to try before a full budget is reported: work that gives slots back. */
    public void onPressure(Runnable work) {
        slots.onPressure(work);
    }

    public DirtySet dirty() {
        return dirty;
    }

    /** Address of a frame if it is in memory, else 0 or less. Latency-critical. */
    public long residentAddress(int blobId) {
        return table.address(blobId);
    }

    /** Says that the frame at an address was of use, so that it is not the next to be evicted. Latency-critical. */
    public void use(long address) {
        if (eviction != null) {
            ledger.use(pool.slotAt(address));
        }
    }

    /**
     * Address of a frame, read in if need be; 0 if there is no such blob. Latency-critical.
     *
     * @throws io.holt.api.CorruptDataException if what is on disk is damaged
     * @throws MemoryBudgetException if there is no slot for it
     */
    public long address(int blobId) {
        long address = table.address(blobId);
        if (address > 0) {
            use(address);
            return address;
        }
        return load(blobId, address, LoadPurpose.USE);
    }

    /** As {@link #address}, for scans: a frame that only they use is the first to be evicted. */
    public long addressForScan(int blobId) {
        long address = table.address(blobId);
        return address > 0 ? address : load(blobId, address, LoadPurpose.SCAN);
    }

    /** Reads a frame in that nobody asked for, if it is not in memory; it is the first to be evicted. */
    public void readAhead(int blobId) {
        load(blobId, table.address(blobId), LoadPurpose.AHEAD);
    }

    private long load(int blobId, long known, LoadPurpose purpose) {
        if (known == FrameTable.GONE || blobId < 0) {
            return 0;
        }
        while (true) {
            synchronized (loading[blobId % LOAD_STRIPES]) {
                long address = table.address(blobId);
                if (address != 0) {
                    return Math.max(0, address);
                }
                checkOpen();
                if (!elsewhere.has(blobId)) {
                    return 0;
                }
                long slot = slots.tryLease();
                if (slot != 0) {
                    return loadInto(blobId, slot, purpose);
                }
            }
            // Without the monitor: another thread may be waited for, which has to read in something itself.
            slots.evict("reading blob " + blobId);
        }
    }

    private long loadInto(int blobId, long slot, LoadPurpose purpose) {
        long version = Memory.getLong(slot) - 1;
        boolean spilled;
        try {
            spilled = elsewhere.read(blobId, slot);
        } catch (RuntimeException | Error e) {
            release(slot);
            throw e;
        }
        Memory.putLong(slot, version + 1);
        if (spilled || !elsewhere.handOver(blobId)) {
            ledger.clean(pool.slotAt(slot), version + 2);
        }
        if (purpose != LoadPurpose.USE) {
            ledger.disuse(pool.slotAt(slot));
        }
        table.set(blobId, slot);
        HybridLatch.unlock(slot, version);
        if (purpose != LoadPurpose.AHEAD) {
            loads.increment();
        }
        return slot;
    }

    /**
     * Reads a frame that is not in memory to somewhere else than a slot of its own.
     *
     * @return false if it is in memory, or there is none; what was read is the newest of the blob at some moment of the
     *     call
     */
    public boolean readAbsent(int blobId, long address) {
        if (blobId < 0 || table.address(blobId) != 0) {
            return false;
        }
        synchronized (loading[blobId % LOAD_STRIPES]) {
            if (table.address(blobId) != 0 || !elsewhere.has(blobId)) {
                return false;
            }
            elsewhere.read(blobId, address);
            return true;
        }
    }

    /**
     * Takes a slot. Its latch is held by the caller; its content is whatever was there before.
     *
     * @param operation what it is for, for the message
     * @throws MemoryBudgetException if the budget is exhausted
     */
    public long lease(String operation) {
        checkOpen();
        return slots.lease(operation);
    }

    /** As {@link #lease}, for readers: waits for no latch, for they may hold some. */
    public long leaseToRead(String operation) {
        checkOpen();
        return slots.leaseEvicting(operation);
    }

    /** Gives a slot back; its latch is held by the caller, or it is nobody else's. */
    public void release(long address) {
        slots.release(address);
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

    /** Whether a frame that is not in memory refers to no other one, as is known without reading it. */
    public boolean leadsNowhere(int blobId) {
        return table.address(blobId) == 0 && elsewhere.leadsNowhere(blobId);
    }

    /** Says that a blob is freed to which nothing leads, if it is not in memory. */
    public boolean removeAbsent(int blobId) {
        synchronized (loading[blobId % LOAD_STRIPES]) {
            boolean absent = table.address(blobId) == 0;
            if (absent) {
                remove(blobId);
            }
            return absent;
        }
    }

    /**
     * Latches a frame that can't be freed meanwhile, reading it in if need be.
     *
     * @return its address, or 0 if there is no such blob
     */
    public long lock(int blobId) {
        for (int attempt = 0; ; attempt++) {
            long address = address(blobId);
            if (address == 0) {
                return 0;
            }
            if (tryLatch(blobId, address, HybridLatch.tryReadVersion(address))) {
                return address;
            }
            HybridLatch.pause(attempt);
        }
    }

    /** Takes a blob's latch at a version; asks in between, since a pre-image, given back unlatched, must not be. */
    public boolean tryLatch(int blobId, long address, long version) {
        return table.address(blobId) == address && HybridLatch.tryUpgrade(address, version);
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
        elsewhere.forget(blobId);
        ids.free(blobId);
    }

    /**
     * Says that a checkpoint has a blob's frame as it was at the end of an epoch.
     *
     * @param address where its frame was then, and {@code version} of its latch; 0 if it was not in memory
     */
    public void checkpointed(int blobId, long epoch, long address, long version) {
        elsewhere.settled(blobId, epoch);
        if (address != 0) {
            ledger.clean(pool.slotAt(address), version);
        }
    }

    /** Writes a frame outside the table to disk, while evicting; answers its place, or -1. */
    public int writeOut(long address, long version) {
        return eviction.writeOut(address, version);
    }

    /** Reads what {@link #writeOut} wrote into a leased slot and lets go of its latch. */
    public void readSpilled(int place, int blobId, long slot) {
        long held = Memory.getLong(slot);
        spillFile.read(place, blobId, slot);
        Memory.putLong(slot, held);
        unlock(slot);
    }

    /** Gives the place of what {@link #writeOut} wrote back. */
    public void freeSpilled(int place) {
        spillFile.free(place);
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
        return slots.leased();
    }

    /** Frames that left memory since the database was opened. */
    public long evictions() {
        return eviction == null ? 0 : eviction.evictions();
    }

    /** Frames that were read in since the database was opened. */
    public long loads() {
        return loads.sum();
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
        if (eviction != null) {
            eviction.stop();
        }
        for (Object stripe : loading) {
            synchronized (stripe) {
                // Who is reading in a frame has published it when this is left, and nobody begins after that.
                assert closed;
            }
        }
        for (int id = 0; id < table.length(); id++) {
            long address = table.address(id);
            if (address > 0) {
                HybridLatch.lock(address);
                remove(id);
                release(address);
            }
        }
        pool.release();
    }
}
