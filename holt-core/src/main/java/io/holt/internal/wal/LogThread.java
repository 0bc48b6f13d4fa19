package io.holt.internal.wal;

/**
 * Does something for a log in a thread of its own, so that no writer has to: once at a time, and ended when it is done.
 * Threads: {@link #begin} any, {@link #close} one.
 */
final class LogThread {

    private final String name;
    private final Runnable work;
    private Thread running;
    private boolean closed;

    /** @param work keeps its failures to itself */
    LogThread(String name, Runnable work) {
        this.name = name;
        this.work = work;
    }

    /** Starts the work, unless it is under way. */
    synchronized void begin() {
        if (!closed && (running == null || !running.isAlive())) {
            running = Thread.ofPlatform().daemon().name(name).start(work);
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
