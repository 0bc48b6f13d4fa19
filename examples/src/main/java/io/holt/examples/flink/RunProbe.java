package io.holt.examples.flink;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the job's tasks report of a run while it goes, for the progress line and the figures. Points of time are
 * those of {@link System#nanoTime}. Threads: any.
 */
final class RunProbe {

    private final AtomicLong checkpoints = new AtomicLong();
    private volatile long position;

    private boolean started;
    private boolean killed;
    private boolean finished;
    private long firstEventNanos;
    private long lastEventNanos;
    private long killNanos;
    private long killedAt;
    private long stretchStart;
    private long stretchNanos;
    private long repeatedEvents;
    private long recoveryNanos;
    private long recoveries;

    /** The source has emitted all events below that one. */
    void emitted(long nextSequence) {
        position = nextSequence;
    }

    /** The source begins, or begins again, at that event. */
    synchronized void sourceStarts(long nextSequence) {
        if (!started) {
            started = true;
            firstEventNanos = System.nanoTime();
            stretchNanos = firstEventNanos;
        }
        if (killed) {
            repeatedEvents += Math.max(0, killedAt - nextSequence);
        }
        stretchStart = nextSequence;
        position = nextSequence;
    }

    void checkpointCompleted() {
        checkpoints.incrementAndGet();
    }

    /** A task dies of that event. */
    synchronized void killed(long sequence) {
        killed = true;
        killedAt = sequence;
        killNanos = System.nanoTime();
    }

    /** A keyed function meets its first event: the end of a recovery, if there was a kill. */
    synchronized void processing() {
        if (killed) {
            killed = false;
            stretchNanos = System.nanoTime();
            recoveryNanos += stretchNanos - killNanos;
            recoveries++;
        }
    }

    /** A keyed function has processed its last event. */
    synchronized void finished() {
        finished = true;
        lastEventNanos = System.nanoTime();
    }

    long position() {
        return position;
    }

    long checkpoints() {
        return checkpoints.get();
    }

    synchronized long recoveries() {
        return recoveries;
    }

    /** Events below a kill that were emitted once more after it. */
    synchronized long repeatedEvents() {
        return repeatedEvents;
    }

    /** From the kills to the first events processed after them, all together. */
    synchronized long recoveryNanos() {
        return recoveryNanos;
    }

    /**
     * From the first event emitted to the last one processed.
     *
     * @throws IllegalStateException if that has not been processed
     */
    synchronized long elapsedNanos() {
        requireFinished();
        return lastEventNanos - firstEventNanos;
    }

    /**
     * Events a second since the last recovery, or since the first event if nothing was killed.
     *
     * @param events how many the stream has
     * @throws IllegalStateException if the last event has not been processed
     */
    synchronized double lastStretchEventsASecond(long events) {
        requireFinished();
        return (events - stretchStart) * 1e9 / (lastEventNanos - stretchNanos);
    }

    private void requireFinished() {
        if (!finished) {
            throw new IllegalStateException("the run has not processed its last event");
        }
    }
}
