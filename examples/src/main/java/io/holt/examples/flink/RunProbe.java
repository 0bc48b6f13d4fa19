package io.holt.examples.flink;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the job's tasks report of a run while it goes, for the progress line and the figures: positions and points of
 * time, in nanoseconds of {@link System#nanoTime}. Threads: any.
 */
final class RunProbe {

    private static final long NOT_YET = Long.MIN_VALUE;

    private final AtomicLong firstEventNanos = new AtomicLong(NOT_YET);
    private final AtomicLong lastEventNanos = new AtomicLong(NOT_YET);
    private final AtomicLong checkpoints = new AtomicLong();
    private final AtomicLong waitNanos = new AtomicLong();
    private final AtomicLong repeatedEvents = new AtomicLong();
    private final AtomicLong recoveryNanos = new AtomicLong();
    private final AtomicLong recoveries = new AtomicLong();
    private volatile long position;
    private volatile long killedAt = NOT_YET;
    private volatile long killedNanos = NOT_YET;

    /** The source has emitted all events below that one. */
    void emitted(long nextSequence) {
        position = nextSequence;
    }

    /** The source begins, or begins again, at that event. */
    void sourceStarts(long nextSequence) {
        firstEventNanos.compareAndSet(NOT_YET, System.nanoTime());
        if (killedNanos != NOT_YET) {
            repeatedEvents.addAndGet(Math.max(0, killedAt - nextSequence));
        }
        position = nextSequence;
    }

    /** The source stood still for so long, until a checkpoint was complete. */
    void waited(long nanos) {
        waitNanos.addAndGet(nanos);
    }

    void checkpointCompleted() {
        checkpoints.incrementAndGet();
    }

    void killed(long sequence) {
        killedAt = sequence;
        killedNanos = System.nanoTime();
    }

    /** A keyed function has met its first event: the end of a recovery, if there was a kill. */
    synchronized void processing() {
        if (killedNanos != NOT_YET) {
            recoveryNanos.addAndGet(System.nanoTime() - killedNanos);
            recoveries.incrementAndGet();
            killedNanos = NOT_YET;
        }
    }

    /** A keyed function has processed its last event. */
    void finished() {
        lastEventNanos.accumulateAndGet(System.nanoTime(), Math::max);
    }

    long position() {
        return position;
    }

    long checkpoints() {
        return checkpoints.get();
    }

    long recoveries() {
        return recoveries.get();
    }

    long repeatedEvents() {
        return repeatedEvents.get();
    }

    long recoveryNanos() {
        return recoveryNanos.get();
    }

    long waitNanos() {
        return waitNanos.get();
    }

    /** From the first event emitted to the last one processed. */
    long elapsedNanos() {
        if (lastEventNanos.get() == NOT_YET) {
            throw new IllegalStateException("the run has not processed its last event");
        }
        return lastEventNanos.get() - firstEventNanos.get();
    }
}
