package io.holt.internal.io;

import java.util.ArrayList;
import java.util.List;

/**
 * A few rings, so that one thread's batch need not wait for another's. Threads: any; a ring is used by the thread
 * that holds its lock.
 */
final class Rings {

    /** A checkpoint has two at work; what is evicted or read beside it need not wait. */
    static final int COUNT = 3;

    private final List<RingTransfer> transfers;

    private Rings(List<RingTransfer> transfers) {
        this.transfers = transfers;
    }

    /**
     * Asks the kernel for rings; content with one.
     *
     * @throws RingRefusedException if it grants none
     */
    static Rings open(RingCalls calls) throws RingRefusedException {
        List<RingTransfer> transfers = new ArrayList<>();
        while (transfers.size() < COUNT) {
            try {
                transfers.add(new RingTransfer(Ring.open(calls)));
            } catch (RingRefusedException e) {
                if (transfers.isEmpty()) {
                    throw e;
                }
                return new Rings(transfers);
            }
        }
        return new Rings(transfers);
    }

    int count() {
        return transfers.size();
    }

    /** A ring for this thread, which unlocks it; null if all are broken. */
    @SuppressWarnings("LockNotBeforeTry") // the lock goes to the caller with the ring
    RingTransfer take() {
        RingTransfer idle = takeIdle();
        if (idle != null) {
            return idle;
        }
        int start = (int) (Thread.currentThread().threadId() % transfers.size());
        for (int i = 0; i < transfers.size(); i++) {
            RingTransfer transfer = transfers.get((start + i) % transfers.size());
            transfer.lock.lock();
            if (!transfer.ring().isBroken()) {
                return transfer;
            }
            transfer.lock.unlock();
        }
        return null;
    }

    /** A ring that nobody uses, locked; null if there is none. */
    RingTransfer takeIdle() {
        for (RingTransfer transfer : transfers) {
            if (transfer.lock.tryLock()) {
                if (!transfer.ring().isBroken()) {
                    return transfer;
                }
                transfer.lock.unlock();
            }
        }
        return null;
    }

    /** Something done to each ring. */
    interface Action {
        void on(Ring ring);
    }

    /** Does something to each ring, while nobody uses it. */
    void each(Action action) {
        for (RingTransfer transfer : transfers) {
            transfer.lock.lock();
            try {
                action.on(transfer.ring());
            } finally {
                transfer.lock.unlock();
            }
        }
    }
}
