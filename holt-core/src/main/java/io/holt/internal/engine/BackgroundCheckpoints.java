package io.holt.internal.engine;

import io.holt.api.HoltOptions;
import io.holt.internal.layout.FrameHeader;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes a checkpoint when enough was changed, the log is long, or a change has waited long enough. One thread a
 * database, which sleeps nearly always; none if no option asks for it.
 *
 * <p>A checkpoint that fails is tried again a second later, unless the database refuses writes from there on.
 */
final class BackgroundCheckpoints implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(BackgroundCheckpoints.class);
    private static final long MOST_PERIOD_MILLIS = 200;
    private static final long RETRY_MILLIS = 1000;

    /** What is watched, and what is done. */
    interface Work {
        int dirtyFrames();

        /** 0 without a log. */
        long logBytes();

        void checkpoint();

        /** Whether no checkpoint will ever succeed again. */
        boolean isOver();
    }

    private final Work work;
    private final long dirtyFramesMax;
    private final long logBytesMax;
    private final long ageNanosMax;
    private final long periodMillis;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition closing = lock.newCondition();
    private final Thread thread;
    private boolean closed;

    /** Zero unless there are changes that wait: since when. */
    private long dirtySince;

    private boolean failing;

    private BackgroundCheckpoints(HoltOptions options, Work work) {
        this.work = work;
        this.dirtyFramesMax = limit(options.checkpointDirtyBytes() / FrameHeader.FRAME_BYTES);
        this.logBytesMax = limit(options.checkpointLogBytes());
        this.ageNanosMax = limit(options.checkpointAge().toNanos());
        this.periodMillis = Math.clamp(ageNanosMax / 4_000_000, 1, MOST_PERIOD_MILLIS);
        this.thread = Thread.ofVirtual().name("holt-checkpoints").unstarted(this::watch);
    }

    private static long limit(long option) {
        return option == 0 ? Long.MAX_VALUE : option;
    }

    /** Starts the thread, or answers null if nothing asks for it. */
    static BackgroundCheckpoints start(HoltOptions options, boolean logging, Work work) {
        boolean byLog = logging && options.checkpointLogBytes() > 0;
        if (!byLog
                && options.checkpointDirtyBytes() == 0
                && options.checkpointAge().isZero()) {
            return null;
        }
        BackgroundCheckpoints started = new BackgroundCheckpoints(options, work);
        started.thread.start();
        return started;
    }

    private void watch() {
        long pause = periodMillis;
        while (sleep(pause)) {
            pause = periodMillis;
            if (isDue() && !checkpoint()) {
                if (work.isOver()) {
                    return;
                }
                pause = RETRY_MILLIS;
            }
        }
    }

    private boolean isDue() {
        int dirty = work.dirtyFrames();
        long now = System.nanoTime();
        if (dirty == 0) {
            dirtySince = 0;
        } else if (dirtySince == 0) {
            dirtySince = now;
        }
        boolean old = dirtySince != 0 && now - dirtySince >= ageNanosMax;
        return old || dirty >= dirtyFramesMax || work.logBytes() > logBytesMax;
    }

    /** False if it failed. */
    private boolean checkpoint() {
        try {
            work.checkpoint();
            dirtySince = 0;
            failing = false;
            return true;
        } catch (RuntimeException | Error e) {
            // Without this thread the log would grow until the disk is full. Writers hear of it by themselves if it is
            // for good.
            if (!failing) {
                LOG.warn("a checkpoint in the background failed: {}", e.getMessage(), e);
                failing = true;
            }
            return false;
        }
    }

    /** False if it is closed. */
    private boolean sleep(long millis) {
        lock.lock();
        try {
            long left = TimeUnit.MILLISECONDS.toNanos(millis);
            while (!closed && left > 0) {
                left = closing.awaitNanos(left);
            }
            return !closed;
        } catch (InterruptedException e) {
            return false;
        } finally {
            lock.unlock();
        }
    }

    /** Returns when no checkpoint of this thread is under way. Idempotent. */
    @Override
    public void close() {
        lock.lock();
        try {
            closed = true;
            closing.signalAll();
        } finally {
            lock.unlock();
        }
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
