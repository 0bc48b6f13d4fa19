package io.holt.internal.engine;

import io.holt.api.HoltException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the log short: takes a checkpoint when it has grown past a limit, so that it can be cut. One thread a database,
 * which sleeps nearly always.
 */
final class LogLimit implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LogLimit.class);
    private static final long LIMIT_BYTES = 256L << 20;
    private static final long PERIOD_MILLIS = 200;

    /** How long the log is, and what to do when it is too long. */
    interface Log {
        long bytes();

        void checkpoint();
    }

    private final Log log;
    private final Thread thread;
    private volatile boolean closed;

    LogLimit(Log log) {
        this.log = log;
        this.thread = Thread.ofVirtual().name("holt-log-limit").start(this::watch);
    }

    private void watch() {
        while (!closed) {
            try {
                Thread.sleep(PERIOD_MILLIS);
                if (!closed && log.bytes() > LIMIT_BYTES) {
                    log.checkpoint();
                }
            } catch (InterruptedException e) {
                return;
            } catch (HoltException e) {
                // Writers hear of it by themselves: the database refuses writes from here on.
                LOG.error("The checkpoint that would have cut the log failed", e);
                return;
            }
        }
    }

    /** Returns when no checkpoint of this thread is under way. */
    @Override
    public void close() {
        closed = true;
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
