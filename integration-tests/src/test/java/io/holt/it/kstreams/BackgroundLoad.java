package io.holt.it.kstreams;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** Sends events from a thread of its own, without a pause, until it is closed. */
final class BackgroundLoad implements AutoCloseable {

    private static final int BATCH = 50;
    private static final long MILLIS_BETWEEN = 25;
    private static final long PATIENCE_SECONDS = 120;

    private final FutureTask<Void> sending;
    private volatile boolean closed;
    private final AtomicInteger acknowledged = new AtomicInteger();

    BackgroundLoad(SentEvents events) {
        sending = new FutureTask<>(() -> {
            while (!closed) {
                events.send(BATCH);
                acknowledged.addAndGet(BATCH);
                Thread.sleep(MILLIS_BETWEEN);
            }
            return null;
        });
        Thread.ofPlatform().daemon().name("load").start(sending);
    }

    /** How many events the broker has of this load. */
    int acknowledged() {
        return acknowledged.get();
    }

    /** Returns when the broker has events that were sent after this was called. */
    void awaitMore() throws InterruptedException {
        // The batch that is under way may have been sent before.
        int enough = acknowledged.get() + 2 * BATCH;
        while (acknowledged.get() < enough && !sending.isDone()) {
            Thread.sleep(1);
        }
    }

    /** Returns when the last events are acknowledged. */
    @Override
    public void close() throws ExecutionException {
        closed = true;
        try {
            sending.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new IllegalStateException("events are not acknowledged", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
