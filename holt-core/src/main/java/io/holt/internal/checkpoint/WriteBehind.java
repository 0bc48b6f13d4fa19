package io.holt.internal.checkpoint;

import io.holt.internal.store.BlobBatch;
import io.holt.internal.store.BlobStore;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Writes batches in a thread of its own, one at a time, so that copying the next frames and writing these take the time
 * of the longer of the two. Threads: {@link #begin} and {@link #close} one.
 */
final class WriteBehind implements AutoCloseable {

    private final BlobStore store;
    private final ExecutorService thread = Executors.newSingleThreadExecutor(
            Thread.ofPlatform().daemon().name("holt-checkpoint-write").factory());
    private Future<?> running;

    WriteBehind(BlobStore store) {
        this.store = store;
    }

    /**
     * Starts to write a batch, after the one before is written; until then the caller leaves it, and what it writes,
     * alone.
     *
     * @throws io.holt.api.HoltIoException if writing the one before failed; this one is not written
     */
    void begin(BlobBatch batch) {
        finish();
        running = thread.submit(() -> store.submit(batch));
    }

    /** Returns when nothing is being written; errors as {@link #begin}. */
    void finish() {
        Future<?> last = running;
        running = null;
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

    private static void interrupt(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
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
        thread.close();
    }
}
