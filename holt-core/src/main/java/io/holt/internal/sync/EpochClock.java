package io.holt.internal.sync;

/**
 * Counts the instants at which a database was frozen. A change belongs to the epoch that its writer reads inside the
 * {@link WriterGate}; the clock advances only on the gate's exclusive side, so no change straddles two epochs.
 */
public final class EpochClock {

    private volatile long epoch;

    /** Starts at an epoch above all that the database has on disk. */
    public EpochClock(long first) {
        this.epoch = first;
    }

    public long now() {
        return epoch;
    }

    /** Moves on to an epoch unless it is past. Gate held exclusively, or no writer there yet. */
    public void raise(long to) {
        epoch = Math.max(epoch, to);
    }

    /** Ends the present epoch and answers it; changes from here on belong to the next one. Gate held exclusively. */
    public long advance() {
        long ended = epoch;
        epoch = ended + 1;
        return ended;
    }
}
