package io.holt.internal.memory;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Has the kernel find pages for the slots of a slab that will be leased next, in a thread of its own, so that whoever
 * fills a slot does not wait for them: fresh pages cost a tenth of a millisecond a slot, and a whole one on a virtual
 * machine that must ask its host. What a slot holds is not changed.
 *
 * <p>Invariants: I7, pages are found within the slab only, and for at most a quarter more slots than have been leased,
 * unless more are asked for; none are found once {@link #stop} has returned.
 *
 * <p>Threads: {@link #leased} by any, it never waits; {@link #find} by any; {@link #stop} by one.
 */
final class PagesAhead {

    /** Below so many slots nothing is done: a small database takes no more than it uses. */
    private static final int SLOTS_MIN = 16;

    private static final int AHEAD_MAX = 64;
    private static final int HUGE_PAGE_SLOTS = 4;

    private final ReservedRanges ranges;
    private final long slabAddress;
    private final int slots;

    /** The slots below this one have pages, or get them from the thread that runs. */
    private final AtomicInteger wanted = new AtomicInteger(SLOTS_MIN);

    /** The slots below this one were leased, or share a huge page with one that was: who uses that finds it. */
    private final AtomicInteger leasedEnd = new AtomicInteger();

    private final AtomicBoolean isRunning = new AtomicBoolean();
    private volatile boolean isStopped;

    /** The slots below this one have pages; changed under the lock of this object. */
    private volatile int found = SLOTS_MIN;

    /**
     * Of a slab.
     *
     * @param slots how many it has; they are leased in ascending order at first
     */
    PagesAhead(ReservedRanges ranges, long slabAddress, int slots) {
        this.ranges = ranges;
        this.slabAddress = slabAddress;
        this.slots = slots;
    }

    /** Says that a slot was leased for the first time. */
    void leased(int slot) {
        int ahead = Math.min(slot / 4, AHEAD_MAX);
        if (slot >= leasedEnd.get()) {
            leasedEnd.accumulateAndGet((slot + HUGE_PAGE_SLOTS) & -HUGE_PAGE_SLOTS, Math::max);
        }
        if (slot < SLOTS_MIN || isStopped || slot + ahead / 2 < wanted.get()) {
            return;
        }
        findSoon((slot + ahead) & -HUGE_PAGE_SLOTS);
    }

    /** As {@link #find}, in the thread. */
    private void findSoon(int below) {
        int end = Math.min(slots, below);
        if (wanted.getAndAccumulate(end, Math::max) < end && isRunning.compareAndSet(false, true)) {
            // A thread of the platform's: it waits in the kernel, where a virtual one would hold its carrier.
            Thread.ofPlatform().daemon().name("holt-pages-ahead").start(this::run);
        }
    }

    /** Finds the pages of all slots below this one that were never leased, and returns when they are there. */
    void find(int end) {
        while (found < Math.min(end, slots) && !isStopped) {
            findSome(end);
        }
    }

    private void run() {
        do {
            while (found < wanted.get() && !isStopped) {
                findSome(wanted.get());
            }
            isRunning.set(false);
            // What was wanted just before that started no thread.
        } while (found < wanted.get() && !isStopped && isRunning.compareAndSet(false, true));
    }

    /** Finds the pages of some slots; short steps, so that {@link #stop} does not wait long. */
    private synchronized void findSome(int most) {
        if (isStopped) {
            return;
        }
        // Not a page that another thread is just finding: the kernel would clear two, and throw one away.
        int begin = Math.min(slots, Math.max(found, leasedEnd.get()));
        int end = begin < most ? Math.min(slots, (begin + HUGE_PAGE_SLOTS) & -HUGE_PAGE_SLOTS) : begin;
        long address = slabAddress + (long) begin * AlignedBlobBuf.BYTES;
        if (end > begin && !ranges.populate(address, (long) (end - begin) * AlignedBlobBuf.BYTES)) {
            // They are found when they are touched, as ever.
            isStopped = true;
        }
        found = end;
    }

    /** From now on nothing is done; returns when nothing is under way. */
    void stop() {
        isStopped = true;
        awaitStep();
    }

    private synchronized void awaitStep() {
        assert isStopped;
    }
}
