package io.holt.internal.io;

/**
 * A file whose batches go over a ring. A single read or write gains nothing there: it is a pread or pwrite, and never
 * waits for a ring. Nor does the sync of a file in the page cache, a log: the kernel hands what a ring asks for to a
 * thread of its own there, which each commit would wait for, some 15 us of 120. A data file is synced over the ring.
 */
final class UringFile extends PosixFile {

    private final Rings rings;
    private final boolean syncedOverRing;

    /** Whether a ring may know this file. */
    private volatile boolean onRing;

    UringFile(PosixFile opened, Caching caching, Rings rings) {
        super(opened);
        this.syncedOverRing = caching == Caching.DIRECT;
        this.rings = rings;
    }

    @Override
    public void submit(IoBatch batch) {
        RingTransfer transfer = batch.count() > 1 ? rings.take() : null;
        if (transfer == null) {
            super.submit(batch);
            return;
        }
        try {
            gate.enter();
            onRing = true;
            try {
                batch.forgetOutcome();
                transfer.run(this, batch);
            } finally {
                gate.leave();
            }
        } finally {
            transfer.lock.unlock();
        }
        batch.throwIfFailed();
    }

    @Override
    public void sync() {
        RingTransfer transfer = syncedOverRing ? rings.takeIdle() : null;
        if (transfer == null) {
            super.sync();
            return;
        }
        int rc;
        try {
            gate.enter();
            onRing = true;
            try {
                rc = transfer.sync(this);
            } finally {
                gate.leave();
            }
        } finally {
            transfer.lock.unlock();
        }
        if (rc < 0) {
            throw IoFailures.ofCall("io_uring fdatasync", path(), -rc);
        }
    }

    /**
     * A registered descriptor would keep the file, and its number would soon be another file's. Who closes a file that
     * no ring knows waits for none: a ring is busy with the data file's batch for long.
     */
    @Override
    void beforeClose() {
        if (!onRing) {
            return;
        }
        rings.each(ring -> {
            ring.forgetFile(cachedDescriptor());
            ring.forgetFile(directDescriptor());
        });
    }
}
