package io.holt.examples.flink;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the job's tasks report of a run while it goes, for the progress line and the figures. Points of time are
 * those of {@link System#nanoTime}. Threads: any.
 */
final class RunProbe {

    private final int keyedTasks;
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
    private int readyTasks;

    /** For a job with so many subtasks of keyed functions. */
    RunProbe(int keyedTasks) {
        this.keyedTasks = keyedTasks;
    }

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
        readyTasks = 0;
        killedAt = sequence;
        killNanos = System.nanoTime();
    }

    /** A subtask of a keyed function has its state and is ready: the end of a recovery, if it is the last one. */
    synchronized void ready() {
        readyTasks++;
        if (killed && readyTasks == keyedTasks) {
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

    /** From each kill until all subtasks had their state again, all together. */
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
