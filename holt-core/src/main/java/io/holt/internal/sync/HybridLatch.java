package io.holt.internal.sync;

import io.holt.internal.memory.Memory;
import java.lang.invoke.VarHandle;

/**
 * A version and an exclusive latch in one aligned word off the heap. Even: free, and the value is the version. Odd:
 * held. Every change under the latch leaves a greater version behind (I1).
 *
 * <p>After V. Leis, M. Haubenschild, T. Neumann, "Optimistic Lock Coupling", IEEE Data Eng. Bull. 42(1), 2019. A reader
 * takes a version, reads with plain loads, and validates; it writes nothing. A writer upgrades from the version it
 * read, so that what it read is still so when it holds the latch.
 */
public final class HybridLatch {

    private static final int SPINS_BEFORE_YIELD = 128;

    private HybridLatch() {}

    /** The latch word: a version, or held; the acquire pairs with the release of {@link #unlock}. */
    public static long tryReadVersion(long latch) {
        return Memory.getLongAcquire(latch);
    }

    /** Whether a latch word says that the latch is held. */
    public static boolean isHeld(long word) {
        return (word & 1) != 0;
    }

    /** Whether nothing changed since the version was taken; the fence pairs with the one in {@link #tryUpgrade}. */
    public static boolean validate(long latch, long version) {
        VarHandle.loadLoadFence();
        return Memory.getLongOpaque(latch) == version;
    }

    /** Takes the latch if nothing changed since the version was taken. */
    public static boolean tryUpgrade(long latch, long version) {
        if ((version & 1) != 0 || !Memory.compareAndSetLong(latch, version, version + 1)) {
            return false;
        }
        VarHandle.storeStoreFence();
        return true;
    }

    /** Waits for the latch of a frame that can't go away, and takes it; answers the version it had. */
    public static long lock(long latch) {
        for (int spins = 0; ; spins++) {
            long version = tryReadVersion(latch);
            if (tryUpgrade(latch, version)) {
                return version;
            }
            pause(spins);
        }
    }

    /** Gives the latch back after a change; {@code version} is the one it had when it was taken. */
    public static void unlock(long latch, long version) {
        Memory.putLongRelease(latch, version + 2);
    }

    /** Gives the latch back when nothing was changed: readers that took that version are still right. */
    public static void unlockUnchanged(long latch, long version) {
        Memory.putLongRelease(latch, version);
    }

    /** Waits a little, longer in effect the more often it was called before. */
    @SuppressWarnings("ThreadPriorityCheck")
    public static void pause(int spins) {
        if (spins < SPINS_BEFORE_YIELD) {
            Thread.onSpinWait();
        } else {
            // A latch is held for microseconds, but its holder may have lost its processor.
            Thread.yield();
        }
    }
}
