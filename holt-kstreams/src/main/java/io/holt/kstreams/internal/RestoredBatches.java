package io.holt.kstreams.internal;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records of a changelog on their way into a store: those that wait, and a batch that is being written while others
 * come, by a thread of its own, as other engines write what they have gathered behind the restoring thread.
 *
 * <p>Invariants: while a batch is being written, nothing else reads, writes or iterates over the store's trees: all
 * that do first call {@link #finish} or {@link #writeAll}, and the batch's iterators were frozen before it. A batch
 * that can't be written waits on, before all later ones; whoever needs it writes it again and gets the error.
 *
 * <p>Threads: all methods are called under the store's write lock, which the writing thread does not take, but
 * {@link #areThere}.
 */
final class RestoredBatches {

    private static final Logger LOG = LoggerFactory.getLogger(RestoredBatches.class);

    /** Batches with fewer bytes are written by the caller: to start a thread takes as long. */
    private static final int BEHIND_BYTES_MIN = 1 << 20;

    private final String storeName;

    /** Called before the first change of a batch. */
    private final Runnable beginning;

    private final Consumer<WaitingRecords> writer;

    private WaitingRecords waiting = new WaitingRecords();

    /** The batch that is being written, or that could not be; else empty. */
    private WaitingRecords written = new WaitingRecords();

    /** Writes that batch; null if no thread does. */
    private FutureTask<Void> writing;

    private volatile boolean areThere;

    /**
     * Of one store.
     *
     * @param beginning called under the lock, before the first change of each batch
     * @param writer writes a batch, and takes no lock of the store's
     */
    RestoredBatches(String storeName, Runnable beginning, Consumer<WaitingRecords> writer) {
        this.storeName = storeName;
        this.beginning = beginning;
        this.writer = writer;
    }

    /** Whether there are records that are not in the trees. Asked by any thread. */
    boolean areThere() {
        return areThere;
    }

    /** Has records added to those that wait; writes some if there are many. */
    void take(Consumer<WaitingRecords> taking) {
        try {
            taking.accept(waiting);
        } finally {
            update();
        }
        if (WaitingRecords.allBytes() < WaitingRecords.ALL_BYTES_MAX / 2 || waiting.isEmpty()) {
            return;
        }
        if (writing != null && (writing.isDone() || WaitingRecords.areMany())) {
            finish();
        }
        if (waiting.bytes() < BEHIND_BYTES_MIN) {
            if (WaitingRecords.areMany()) {
                writeAll();
            }
        } else if (writing == null) {
            writeBehind();
        }
    }

    private void writeBehind() {
        finish();
        beginning.run();
        WaitingRecords batch = waiting;
        waiting = written;
        written = batch;
        writing = new FutureTask<>(() -> writer.accept(batch), null);
        try {
            Thread.ofPlatform().daemon().name("holt-restore-" + storeName).start(writing);
        } catch (OutOfMemoryError e) {
            // The system has no thread left; whoever asks for the batch's end would wait for ever.
            LOG.debug("a batch of store {} has no thread of its own", storeName, e);
            writing.run();
        }
    }

    /**
     * Returns when no batch is being written.
     *
     * @throws io.holt.api.HoltException if that batch can't be written; its records go on waiting
     */
    void finish() {
        if (writing != null) {
            Throwable failure = await(writing);
            writing = null;
            if (failure == null) {
                written.clear();
            } else {
                LOG.debug("a batch of store {} could not be written, and is written again", storeName, failure);
            }
        }
        if (!written.isEmpty()) {
            beginning.run();
            writer.accept(written);
            written.clear();
        }
        update();
    }

    /** Answers what the thread failed with, or null. It ends: it waits for nothing but the disk. */
    private static Throwable await(FutureTask<Void> task) {
        boolean isInterrupted = false;
        try {
            while (true) {
                try {
                    task.get();
                    return null;
                } catch (ExecutionException e) {
                    return e.getCause();
                } catch (InterruptedException e) {
                    isInterrupted = true;
                }
            }
        } finally {
            if (isInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /**
     * Writes all records.
     *
     * @throws io.holt.api.HoltException if some can't be written; they go on waiting
     */
    void writeAll() {
        finish();
        if (!waiting.isEmpty()) {
            beginning.run();
            writer.accept(waiting);
            waiting.clear();
            update();
        }
    }

    /** Gives up what could not be written. */
    void forget() {
        if (writing != null) {
            await(writing);
            writing = null;
        }
        written.clear();
        waiting.clear();
        update();
    }

    private void update() {
        areThere = writing != null || !written.isEmpty() || !waiting.isEmpty();
    }
}
