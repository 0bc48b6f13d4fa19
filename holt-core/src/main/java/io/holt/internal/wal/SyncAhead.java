package io.holt.internal.wal;

import io.holt.api.HoltIoException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes finished segments durable in a thread of its own, where no writer waits for a sync: so that the one whose
 * record begins yet another segment need not do it for all. Threads: {@link #begin} any, {@link #close} one.
 */
final class SyncAhead {

    private static final Logger LOG = LoggerFactory.getLogger(SyncAhead.class);

    private final GroupCommit commits;
    private Thread running;
    private boolean closed;

    SyncAhead(GroupCommit commits) {
        this.commits = commits;
    }

    /**
     * Starts to make finished segments durable, unless it is at work on earlier ones. Not the newest: pages that are
     * being written must be asked for again before they are stored to.
     */
    synchronized void begin() {
        if (!closed && (running == null || !running.isAlive())) {
            running = Thread.ofPlatform().daemon().name("holt-log-sync").start(this::sync);
        }
    }

    private void sync() {
        try {
            commits.syncEnded();
        } catch (HoltIoException e) {
            // Kept by the group commit: the next writer hears of it.
            LOG.debug("a log could not be made durable", e);
        }
    }

    /** Returns when nothing is under way; nothing begins after that. */
    void close() {
        Thread last;
        synchronized (this) {
            closed = true;
            last = running;
        }
        boolean interrupted = false;
        while (last != null && last.isAlive()) {
            try {
                last.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
