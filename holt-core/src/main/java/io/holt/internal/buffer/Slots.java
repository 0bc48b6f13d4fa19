package io.holt.internal.buffer;

import io.holt.api.HoltIoException;
import io.holt.api.MemoryBudgetException;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.memory.Memory;
import io.holt.internal.memory.SlotLedger;
import io.holt.internal.sync.HybridLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The slots of a pool that one database has: taken, given back, made free when there are none. Threads: any.
 *
 * <p>Invariants: I7; a slot's latch word is odd from the moment it is taken, and odd again before it is given back; its
 * versions never repeat, since the lease generation is their upper part.
 */
final class Slots {

    private static final Logger LOG = LoggerFactory.getLogger(Slots.class);
    private static final int GENERATION_SHIFT = 40;

    /** How often eviction is tried while every frame it looks at is latched just then. */
    private static final int EVICTION_ATTEMPTS = 256;

    private final BlobBufPool pool;
    private final SlotLedger ledger;
    private final AtomicLong leased = new AtomicLong();
    private volatile Runnable relief = () -> {};
    private volatile SlotLedger.Owner owner;

    Slots(BlobBufPool pool) {
        this.pool = pool;
        this.ledger = pool.ledger();
    }

    /** What to try before anything is evicted: work that gives slots back. */
    void onPressure(Runnable work) {
        this.relief = work;
    }

    /** Who is asked to evict what is in slots that are taken from now on. */
    void ownedBy(SlotLedger.Owner evicting) {
        this.owner = evicting;
    }

    long leased() {
        return leased.get();
    }

    /** Takes a slot, whose latch is then held by the caller. */
    long lease(String operation) {
        long address = tryLease();
        while (address == 0) {
            makeRoom(operation);
            address = tryLease();
        }
        return address;
    }

    /** As {@link #lease}, by {@link #evict} alone. */
    long leaseEvicting(String operation) {
        long address = tryLease();
        while (address == 0) {
            evict(operation);
            address = tryLease();
        }
        return address;
    }

    /** As {@link #lease}, or 0 if there is none. */
    long tryLease() {
        int slot = pool.leaseSlot();
        if (slot < 0) {
            return 0;
        }
        leased.incrementAndGet();
        ledger.own(slot, owner);
        long address = pool.address(slot);
        Memory.putLongRelease(address, (pool.generation(slot) << GENERATION_SHIFT) + 1);
        return address;
    }

    /**
     * Returns when there was a free slot at some moment of the call. To be called without any monitor.
     *
     * @throws MemoryBudgetException if none can be had
     */
    void makeRoom(String operation) {
        relieve();
        evict(operation);
    }

    /** As {@link #makeRoom}, by eviction alone: waits for no latch, so that the caller may hold some. */
    void evict(String operation) {
        for (int attempt = 0; pool.leased() == pool.slots(); attempt++) {
            if (ledger.evictOne()) {
                return;
            }
            // A full disk is no emptier at the next look.
            HoltIoException hindrance = owner == null ? null : owner.hindrance();
            if (hindrance != null) {
                throw new MemoryBudgetException(operation, pool.capacityBytes(), hindrance);
            }
            if (attempt == EVICTION_ATTEMPTS || !ledger.canEvict()) {
                throw new MemoryBudgetException(operation, pool.capacityBytes());
            }
            HybridLatch.pause(attempt);
        }
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
    void release(long address) {
        Memory.putLongRelease(address, FrameHeader.LATCH_ON_DISK);
        leased.decrementAndGet();
        int slot = pool.slotAt(address);
        ledger.disown(slot);
        pool.releaseSlot(slot);
    }
}
