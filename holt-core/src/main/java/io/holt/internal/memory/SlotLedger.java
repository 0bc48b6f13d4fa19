package io.holt.internal.memory;

import io.holt.api.HoltIoException;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Beside each slot of a pool: whose frame is in it, whether it was used of late, and at which version its content was
 * last the same as on disk. Chooses slots to be freed by CLOCK, over all databases that share the pool.
 *
 * <p>The arrays are written without ordering: a mark that is lost costs a wrong guess, an owner that is read too late
 * finds that the slot is not its own any more, and a clean version counts only if it is the version under the latch.
 *
 * <p>After F. J. Corbato, "A Paging Experiment with the Multics System", 1968. Threads: any; one at a time evicts.
 */
public final class SlotLedger {

    /** A database that has frames in slots of the pool. */
    public interface Owner {

        /**
         * Gives a slot back if its content can be had again, without waiting for any latch.
         *
         * @param slot leased by this owner just now, perhaps no more
         * @return whether it was given back
         */
        boolean evict(int slot);

        /** Why changed content can't be written at present, to be given back; null if it can. */
        default HoltIoException hindrance() {
            return null;
        }
    }

    /** Once around to take the marks away, once to find victims, and once more for those in use just then. */
    private static final int ROUNDS = 3;

    private static final long NEVER_CLEAN = -1;

    private final BlobBufPool pool;
    private final Owner[] owners;
    private final byte[] used;
    private final long[] cleanVersions;
    private final ReentrantLock evicting = new ReentrantLock();
    private final AtomicInteger evictors = new AtomicInteger();
    private int hand;

    SlotLedger(BlobBufPool pool, int slots) {
        this.pool = pool;
        this.owners = new Owner[slots];
        this.used = new byte[slots];
        this.cleanVersions = new long[slots];
        Arrays.fill(cleanVersions, NEVER_CLEAN);
    }

    /** Counts the databases that can evict: one more, or with -1 one less. */
    public void countEvictors(int change) {
        evictors.addAndGet(change);
    }

    /** Whether any database on the pool can evict at all. */
    public boolean canEvict() {
        return evictors.get() > 0;
    }

    /** Says whose a slot is that was just leased; nobody's is never evicted. */
    public void own(int slot, Owner owner) {
        owners[slot] = owner;
        used[slot] = 1;
        cleanVersions[slot] = NEVER_CLEAN;
    }

    /** Says that a slot is about to be given back. */
    public void disown(int slot) {
        owners[slot] = null;
    }

    /** Marks a slot as used. Latency-critical: shared memory is written only if the mark is not there yet. */
    public void use(int slot) {
        if (used[slot] == 0) {
            used[slot] = 1;
        }
    }

    /** Takes the mark away: what was read by a scan goes first. */
    public void disuse(int slot) {
        used[slot] = 0;
    }

    /** Says that the frame in a slot, at this version of its latch, is on disk as well. */
    public void clean(int slot, long version) {
        cleanVersions[slot] = version;
    }

    /** Whether the frame in a slot was on disk when its latch had this version. */
    public boolean isClean(int slot, long version) {
        return cleanVersions[slot] == version;
    }

    /**
     * Gives one slot back to the pool, or finds that another thread did.
     *
     * @return false if no slot could be freed at this moment
     */
    public boolean evictOne() {
        evicting.lock();
        try {
            if (pool.leased() < owners.length) {
                return true;
            }
            for (long step = 0; step < (long) ROUNDS * owners.length; step++) {
                int slot = hand;
                hand = slot + 1 == owners.length ? 0 : slot + 1;
                Owner owner = owners[slot];
                if (owner == null) {
                    continue;
                }
                if (used[slot] != 0) {
                    used[slot] = 0;
                } else if (owner.evict(slot)) {
                    return true;
                }
            }
            return false;
        } finally {
            evicting.unlock();
        }
    }

    /** Runs something while nothing is evicted. */
    public void exclusively(Runnable work) {
        evicting.lock();
        try {
            work.run();
        } finally {
            evicting.unlock();
        }
    }
}
