package io.holt.internal.checkpoint;

import io.holt.api.HoltIoException;
import io.holt.internal.store.BlobBatch;
import io.holt.internal.store.BlobStore;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes batches in threads of its own, two at a time, so that copying the next frames and writing these take the time
 * of the longer of the two, and so that the disk has the next batch while it ends one. Threads: its methods one.
 */
final class WriteBehind implements AutoCloseable {

    /** Batches at the disk at the same time. */
    static final int WRITERS = 2;

    private final BlobStore store;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            WRITERS,
            Thread.ofPlatform().daemon().name("holt-checkpoint-write-", 0).factory());
    private final Future<?>[] running;

    /** @param batches how many batches there are; they are named by numbers from 0 */
    WriteBehind(BlobStore store, int batches) {
        this.store = store;
        this.running = new Future<?>[batches];
    }

    /** Starts to write a batch; until {@link #await} the caller leaves it, and what it writes, alone. */
    void begin(int number, BlobBatch batch) {
        running[number] = threads.submit(() -> store.submit(batch));
    }

    /**
     * Returns when a batch is not being written.
     *
     * @throws io.holt.api.HoltIoException if writing it failed
     */
    void await(int number) {
        Future<?> last = running[number];
        running[number] = null;
        boolean interrupted = false;
        while (last != null) {
            try {
                last.get();
                last = null;
            } catch (InterruptedException e) {
                interrupted = true;
            } catch (ExecutionException e) {
                interrupt(interrupted);
                throw asThrown(e.getCause());
            }
        }
        interrupt(interrupted);
    }

    /** As {@link #await} of all. */
    void awaitAll() {
        for (int number = 0; number < running.length; number++) {
            await(number);
        }
    }

    private static void interrupt(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Waits for what is being written. Of a failure and those of that, the one that says most: a full disk is the
     * least, since writing goes on after it.
     */
    HoltIoException worstOf(HoltIoException first) {
        HoltIoException worst = first;
        for (int number = 0; number < running.length; number++) {
            try {
                await(number);
            } catch (HoltIoException other) {
                HoltIoException less = worst.isOutOfSpace() ? worst : other;
                worst = worst.isOutOfSpace() ? other : worst;
                if (less != worst) {
                    worst.addSuppressed(less);
                }
            }
        }
        return worst;
    }

    private static RuntimeException asThrown(Throwable cause) {
        if (cause instanceof Error error) {
            throw error;
        }
        return (RuntimeException) cause;
    }

    /** Waits for what is being written, whether it fails or not. */
    @Override
    public void close() {
        threads.close();
    }
}
