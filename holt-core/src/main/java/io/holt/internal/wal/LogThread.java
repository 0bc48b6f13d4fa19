package io.holt.internal.wal;

import java.util.concurrent.locks.LockSupport;

/**
 * Does something for a log in a thread of its own, so that no writer has to. The thread stays until closing: to start
 * one takes a writer milliseconds where the processors are busy. Threads: {@link #begin} any, {@link #close} one.
 */
final class LogThread {

    private final Runnable work;
    private final Thread thread;
    private volatile boolean wanted;
    private volatile boolean closed;

    /** @param work keeps its failures to itself */
    LogThread(String name, Runnable work) {
        this.work = work;
        this.thread = Thread.ofPlatform().daemon().name(name).start(this::run);
    }

    /** Has the work done, once more if it is under way. */
    void begin() {
        wanted = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        while (!closed) {
            if (wanted) {
                wanted = false;
                work.run();
            } else {
                LockSupport.park(this);
            }
        }
    }

    /** Returns when nothing is under way; nothing begins after that. */
    void close() {
        closed = true;
        LockSupport.unpark(thread);
        boolean interrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
