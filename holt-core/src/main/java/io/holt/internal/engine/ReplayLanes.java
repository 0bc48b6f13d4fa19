package io.holt.internal.engine;

import io.holt.api.HoltException;
import io.holt.internal.tree.TreeWriter;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Applies puts and deletions of a log in several threads while the next ones are read. Records are gathered in a chunk
 * whose keys are dealt to the lanes by ranges, so that lanes seldom meet in a frame.
 *
 * <p>Invariants: the records of a key are applied in the log's order, since a chunk deals them to one lane and is begun
 * when all of the chunk before is applied; whoever applies a record of another kind {@linkplain #settle settles} first.
 * Threads: one calls.
 */
final class ReplayLanes implements AutoCloseable {

    private final int lanes;
    private final int chunkBytes;
    private ReplayChunk filling;
    private ReplayChunk applied;
    private CompletableFuture<Void> applying = CompletableFuture.completedFuture(null);
    private ExecutorService threads;

    /**
     * @param lanes threads to apply in, 1 to 127
     * @param chunkBytes keys and values of a chunk; a log of less than that is applied by the calling thread
     */
    ReplayLanes(int lanes, int chunkBytes) {
        this.lanes = lanes;
        this.chunkBytes = chunkBytes;
        this.filling = new ReplayChunk(chunkBytes);
        this.applied = new ReplayChunk(chunkBytes);
    }

    /**
     * Takes a put or a deletion, which is applied now or later.
     *
     * @param type of {@link io.holt.internal.wal.WalRecord}
     * @return false if it is too large: the caller settles and applies it
     * @throws HoltException what an earlier record met with
     */
    boolean add(
            TreeWriter writer,
            int type,
            byte[] key,
            int keyOffset,
            int keyBytes,
            byte[] value,
            int valueOffset,
            int valueBytes) {
        if (keyBytes + (long) valueBytes > chunkBytes) {
            return false;
        }
        if (!filling.fits(keyBytes + valueBytes)) {
            handOver();
        }
        filling.add(writer, type, key, keyOffset, keyBytes, value, valueOffset, valueBytes);
        return true;
    }

    /**
     * Comes back when all that was taken is applied.
     *
     * @throws HoltException what a record met with
     */
    void settle() {
        awaitApplied();
        if (!filling.isEmpty()) {
            filling.deal(1);
            filling.apply(0);
            filling.clear();
        }
    }

    private void handOver() {
        int laneCount = filling.deal(lanes);
        awaitApplied();
        ReplayChunk next = filling;
        filling = applied;
        applied = next;
        if (threads == null) {
            threads = Executors.newFixedThreadPool(
                    lanes, Thread.ofPlatform().daemon().name("holt-replay-", 0).factory());
        }
        CompletableFuture<?>[] all = new CompletableFuture<?>[laneCount];
        for (int i = 0; i < laneCount; i++) {
            int lane = i;
            all[i] = CompletableFuture.runAsync(() -> next.apply(lane), threads);
        }
        applying = CompletableFuture.allOf(all);
    }

    private void awaitApplied() {
        try {
            applying.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            throw (RuntimeException) e.getCause();
        }
        applied.clear();
    }

    /** Waits for what is being applied, whether it fails or not. */
    @Override
    public void close() {
        if (threads != null) {
            threads.close();
        }
    }
}
