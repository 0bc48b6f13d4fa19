package io.holt.internal.sync;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Writers are on the shared side while they change frames and log; whoever needs an instant without them, to take a
 * snapshot or to unhook a subtree, is on the exclusive side.
 *
 * <p>The shared side costs two uncontended atomic additions to a word that few threads share. Invariant: while
 * {@code closed} is set and every stripe is zero, no writer is inside.
 */
public final class WriterGate {

    private static final int STRIPES = 64;
    private static final int PADDING = 16;
    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(int[].class);

    private final int[] inside = new int[STRIPES * PADDING];
    private final ReentrantLock exclusive = new ReentrantLock();
    private volatile boolean closed;

    /**
     * Enters the shared side, waiting while the exclusive side is held.
     *
     * @return the stripe, for {@link #exit}
     */
    public int enter() {
        int stripe = ((int) Thread.currentThread().threadId() & (STRIPES - 1)) * PADDING;
        while (true) {
            WORDS.getAndAdd(inside, stripe, 1);
            if (!closed) {
                return stripe;
            }
            WORDS.getAndAdd(inside, stripe, -1);
            int spins = 0;
            while (closed) {
                HybridLatch.pause(spins++);
            }
        }
    }

    public void exit(int stripe) {
        WORDS.getAndAddRelease(inside, stripe, -1);
    }

    /**
     * Takes the exclusive side: returns when every writer has left. Not to be called from the shared side. Short: new
     * writers spin meanwhile.
     */
    public void close() {
        exclusive.lock();
        closed = true;
        // Partner of the atomic addition in enter: a writer that these plain reads miss sees the gate closed.
        VarHandle.fullFence();
        for (int stripe = 0; stripe < inside.length; stripe += PADDING) {
            if (inside[stripe] != 0) {
                awaitEmpty(stripe);
            }
        }
        // Partner of the release in exit: what writers changed before they left is seen from here on.
        VarHandle.acquireFence();
    }

    private void awaitEmpty(int stripe) {
        int spins = 0;
        while ((int) WORDS.getVolatile(inside, stripe) != 0) {
            HybridLatch.pause(spins++);
        }
    }

    /** Gives the exclusive side back. */
    public void open() {
        closed = false;
        exclusive.unlock();
    }
}
