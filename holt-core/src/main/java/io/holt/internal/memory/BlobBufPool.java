package io.holt.internal.memory;

import io.holt.api.HoltClosedException;
import io.holt.api.InvalidOptionException;
import io.holt.api.MemoryBudget;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One slab of off-heap memory in slots of a frame each, and who has leased them. Addresses are stable, so the slab
 * can be registered once with an I/O ring.
 *
 * <p>Invariants:
 * <ul>
 *   <li>A slot is leased to one holder at a time; giving it back twice is refused.
 *   <li>The slab is freed exactly once: when the pool was closed, no slot is leased and nobody retains the pool.
 *       Even then its addresses stay readable, see {@link ReservedRanges}; they may come to belong to a later pool.
 *   <li>I7: {@link #leased()} never exceeds {@link #slots()}.
 * </ul>
 *
 * <p>A pool is used in two ways: as {@link AlignedBlobBuf}s, or by the number of a slot, without any object. Threads:
 * all methods from any thread; leasing and giving back are lock-free.
 */
public final class BlobBufPool implements MemoryBudget {

    public static final int SLOTS_MAX = SlotFreeList.SLOTS_MAX;

    /** What {@link #leaseSlot()} answers when every slot is leased. */
    public static final int EXHAUSTED = -1;

    /**
     * A ring registers the slab in parts of so many bytes, the last one shorter: one part for each slot would be more
     * than the kernel takes, and a part can't be longer than this.
     */
    public static final long FIXED_BUFFER_BYTES = 1L << 30;

    private static final int SLOTS_PER_FIXED_BUFFER = (int) (FIXED_BUFFER_BYTES / FRAME_BYTES);

    private static final String SLOT_KIND = "slot of a memory pool";
    private static final String SLAB_KIND = "slab of a memory pool";

    // Fields of the state word: who still keeps the slab.
    private static final long ONE_LEASE = 1;
    private static final long LEASES_MASK = 0xFFFF_FFFFL;
    private static final long ONE_HOLDER = 1L << 32;
    private static final long HOLDERS_MASK = 0x7FFF_FFFFL << 32;
    private static final long CLOSED = 1L << 63;

    private static final VarHandle STATE;
    private static final VarHandle TURNS = MethodHandles.arrayElementVarHandle(long[].class);

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(BlobBufPool.class, "state", long.class);
        } catch (ReflectiveOperationException impossible) {
            throw new ExceptionInInitializerError(impossible);
        }
    }

    private final ReservedRanges ranges;
    private final LeakTracker leaks;
    private final int slots;
    private final long slabAddress;
    private final SlotFreeList freeSlots;
    private final SlotLedger ledger;
    private final PagesAhead pagesAhead;

    /** For each slot how often it was leased and given back, together: odd while it is leased. */
    private final long[] turns;

    private volatile long state;

    /**
     * Takes the slab. Pages count as used memory of the process when they are first touched, or when it gets near:
     * see {@link PagesAhead}.
     *
     * @param slots 1 to {@link #SLOTS_MAX}
     * @throws InvalidOptionException if it is another number, or the operating system has no room for so many
     */
    public BlobBufPool(int slots) {
        this(slots, ReservedRanges.SLABS, LeakTracker.OF_PROCESS);
    }

    BlobBufPool(int slots, ReservedRanges ranges, LeakTracker leaks) {
        if (slots < 1 || slots > SLOTS_MAX) {
            throw new InvalidOptionException(
                    "slots", String.valueOf(slots), "a memory pool has 1 to " + SLOTS_MAX + " slots of 512 KiB");
        }
        this.ranges = ranges;
        this.leaks = leaks;
        this.slots = slots;
        this.slabAddress = ranges.take(slabBytes());
        if (slabAddress < 0) {
            throw new InvalidOptionException(
                    "slots",
                    String.valueOf(slots),
                    "the operating system refused " + slabBytes() + " bytes (mmap: errno " + -slabAddress
                            + "); use less memory, or raise the limit of the process or container");
        }
        this.freeSlots = new SlotFreeList(slots);
        this.ledger = new SlotLedger(this, slots);
        this.turns = new long[slots];
        this.pagesAhead = new PagesAhead(ranges, slabAddress, slots);
        leaks.taken(SLAB_KIND, slabAddress);
    }

    /** Bytes of all slabs and plain buffers in this process that are not yet freed; for tests of leaks. */
    public static long liveBytes() {
        return ReservedRanges.lentBytes();
    }

    /**
     * Leases a slot; what is in it is unspecified.
     *
     * @return its number, or {@link #EXHAUSTED}
     * @throws HoltClosedException if the pool was closed and nobody retains it
     */
    public int leaseSlot() {
        if (!countLease()) {
            return EXHAUSTED;
        }
        // Leases are counted before a slot is taken off and after it was put back: the count is at most the number of
        // slots, so there is one for this thread.
        int slot = freeSlots.pop();
        if (slot == SlotFreeList.EMPTY) {
            throw new IllegalStateException("the free list of a memory pool lost a slot; this is a bug");
        }
        // Nobody else touches the turns of a slot that is on its way from the free list to its holder.
        long turn = (long) TURNS.getAcquire(turns, slot);
        assert turn % 2 == 0;
        TURNS.setRelease(turns, slot, turn + 1);
        leaks.taken(SLOT_KIND, address(slot));
        if (turn == 0) {
            pagesAhead.leased(slot);
        }
        return slot;
    }

    /**
     * Has the kernel find the pages of so many slots more than are leased, which is long work (about a millisecond a
     * slot), so that who leases them next does not wait for it. Does nothing for those that were leased before.
     */
    public void findPages(int slotsToCome) {
        pagesAhead.find(leased() + Math.min(slotsToCome, slots));
    }

    /**
     * Gives a slot back.
     *
     * @throws IllegalStateException if it is not leased; nothing was changed
     */
    public void releaseSlot(int slot) {
        long turn = (long) TURNS.getVolatile(turns, slot);
        if (turn % 2 == 0 || !TURNS.compareAndSet(turns, slot, turn, turn + 1)) {
            throw new IllegalStateException("slot " + slot + " is not leased, so it can't be given back");
        }
        leaks.givenBack(SLOT_KIND, address(slot));
        freeSlots.push(slot);
        letGo(ONE_LEASE);
    }

    /**
     * Keeps the slab from being freed until {@link #release()}, also beyond {@link #close()}; and as long as somebody
     * does, slots can be leased.
     *
     * @throws HoltClosedException if the pool was closed
     */
    public void retain() {
        long seen;
        do {
            seen = state;
            if (seen < 0) {
                throw new HoltClosedException("memory pool");
            }
        } while (!STATE.compareAndSet(this, seen, seen + ONE_HOLDER));
    }

    /**
     * Takes back one {@link #retain()}.
     *
     * @throws IllegalStateException if there is none to take back; nothing was changed
     */
    public void release() {
        letGo(ONE_HOLDER);
    }

    @Override
    public void close() {
        long before = (long) STATE.getAndBitwiseOr(this, CLOSED);
        if (before == 0) {
            free();
        }
    }

    /** Whether the slab was freed. */
    public boolean isFreed() {
        return state == CLOSED;
    }

    /** What is known of the slots for eviction. */
    public SlotLedger ledger() {
        return ledger;
    }

    /** The number of the slot that begins at an address. */
    public int slotAt(long address) {
        return (int) ((address - slabAddress) / FRAME_BYTES);
    }

    /** The first byte of a slot; follows from its number alone, whether or not it is leased. */
    public long address(int slot) {
        assert slot >= 0 && slot < slots;
        return slabAddress + (long) slot * FRAME_BYTES;
    }

    /** How often this slot was leased; grows with every lease. */
    public long generation(int slot) {
        return ((long) TURNS.getVolatile(turns, slot) + 1) >>> 1;
    }

    /** The number of the slab's part of {@link #FIXED_BUFFER_BYTES} that holds a slot; allocates nothing. */
    public int fixedBufferIndex(int slot) {
        assert slot >= 0 && slot < slots;
        return slot / SLOTS_PER_FIXED_BUFFER;
    }

    public int slots() {
        return slots;
    }

    /** Slots leased now. */
    public int leased() {
        return (int) (state & LEASES_MASK);
    }

    /** A multiple of 2 MiB. */
    public long slabAddress() {
        return slabAddress;
    }

    /** Bytes of all slots; the padding behind them not counted. */
    public long slabBytes() {
        return (long) slots * FRAME_BYTES;
    }

    @Override
    public long capacityBytes() {
        return slabBytes();
    }

    @Override
    public long usedBytes() {
        return (long) leased() * FRAME_BYTES;
    }

    /** How many retain the pool now. */
    public int holders() {
        return (int) ((state & HOLDERS_MASK) / ONE_HOLDER);
    }

    /** Adds a lease to the state word, unless there is no slot left for it. */
    private boolean countLease() {
        long seen;
        do {
            seen = state;
            if (seen < 0 && (seen & HOLDERS_MASK) == 0) {
                throw new HoltClosedException("memory pool");
            }
            if ((seen & LEASES_MASK) == slots) {
                return false;
            }
        } while (!STATE.compareAndSet(this, seen, seen + ONE_LEASE));
        return true;
    }

    /**
     * Takes a lease or a holder off the state word. The one who takes the last thing off a closed pool frees the
     * slab; nothing can be added after that.
     */
    private void letGo(long one) {
        long mask = one == ONE_LEASE ? LEASES_MASK : HOLDERS_MASK;
        long seen;
        do {
            seen = state;
            if ((seen & mask) == 0) {
                throw new IllegalStateException("a memory pool was let go of more often than retained");
            }
        } while (!STATE.compareAndSet(this, seen, seen - one));
        if (seen - one == CLOSED) {
            free();
        }
    }

    private void free() {
        pagesAhead.stop();
        leaks.givenBack(SLAB_KIND, slabAddress);
        ranges.giveBack(slabAddress, slabBytes());
    }
}
