package io.holt.internal.buffer;

import io.holt.api.MemoryBudgetException;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/**
 * Slots for someone who fills many of them: a thread leases some ahead and touches their pages, for the operating
 * system takes longer to come up with fresh memory than it takes to fill it. For one thread.
 *
 * <p>Invariant I7: slots that wait are leased like others. No more of them wait than a small part of the budget, none is
 * evicted for them, and whoever finds the budget full gets them first.
 */
public final class SlotsAhead implements AutoCloseable {

    private static final int AHEAD_MAX = 32;

    /** At most one n-th of the budget waits. */
    private static final int BUDGET_DIVISOR = 16;

    private final BufferManager buffers;
    private final Queue<Long> ready = new ConcurrentLinkedQueue<>();
    private final Semaphore wanted;
    private final int slotsMax;
    private volatile boolean stopped;
    private Thread thread;

    /**
     * Nothing is leased before the first {@link #lease}.
     *
     * @param slotsMax how many will be filled at the most
     */
    public SlotsAhead(BufferManager buffers, int slotsMax) {
        this.buffers = buffers;
        this.slotsMax = slotsMax;
        this.wanted = new Semaphore(Math.min(AHEAD_MAX, buffers.pool().slots() / BUDGET_DIVISOR));
    }

    /**
     * Takes a slot as {@link BufferManager#lease} does.
     *
     * @throws MemoryBudgetException if the budget is exhausted
     */
    public long lease(String operation) {
        if (thread == null) {
            thread = Thread.ofPlatform().daemon().name("holt-slots-ahead").start(this::run);
        }
        Long waiting = ready.poll();
        if (waiting != null) {
            wanted.release();
            return waiting;
        }
        try {
            return buffers.lease(operation);
        } catch (MemoryBudgetException e) {
            stop();
            Long last = ready.poll();
            if (last == null) {
                throw e;
            }
            return last;
        }
    }

    private void run() {
        for (int i = 0; i < slotsMax; i++) {
            wanted.acquireUninterruptibly();
            long slot = stopped ? 0 : buffers.tryLease();
            if (slot == 0) {
                return;
            }
            for (int page = 1; page < FrameHeader.PAGES; page++) {
                Memory.putByte(slot + (long) page * FrameHeader.PAGE_BYTES, 0);
            }
            ready.add(slot);
        }
    }

    private void stop() {
        stopped = true;
        wanted.release();
        boolean interrupted = false;
        while (thread != null && thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                // It ends within the time that a slot takes; nobody may go on while it leases.
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** Gives back what waits. Idempotent; {@link #lease} leases one by one afterwards. */
    @Override
    public void close() {
        stop();
        for (Long slot = ready.poll(); slot != null; slot = ready.poll()) {
            buffers.release(slot);
        }
    }
}
