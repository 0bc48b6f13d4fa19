package io.holt.flink.snapshot;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.flink.core.fs.CloseableRegistry;

/**
 * The incremental checkpoints of a backend that later ones may build on. For any thread.
 *
 * <p>Invariant C1: a checkpoint uses only packs of the newest confirmed one, and of these only such that each one
 * taken after it uses too. A pack of an unconfirmed checkpoint is deleted if that is aborted. A pack of the confirmed
 * one is deleted once a later checkpoint without it is complete, which the JobManager knows before this backend does.
 * So a checkpoint waits for those before it that are still being written: which packs they use is known only then.
 */
public final class UploadHistory {

    private static final long NONE = -1;

    /** Who waits looks so often whether it was cancelled. */
    private static final long CANCELLATION_MILLIS = 100;

    private final SortedMap<Long, UploadedImage> images = new TreeMap<>();
    private final SortedSet<Long> running = new TreeSet<>();
    private long confirmed = NONE;

    /** The history of a backend that was restored from a checkpoint as a whole. */
    public static UploadHistory restored(long checkpointId, UploadedImage image) {
        UploadHistory history = new UploadHistory();
        history.images.put(checkpointId, image);
        history.confirmed = checkpointId;
        return history;
    }

    /** The instant of the newest confirmed checkpoint, up to which changes are written; 0 if there is none. */
    public synchronized long confirmedEpoch() {
        UploadedImage image = images.get(confirmed);
        return image == null ? 0 : image.epoch();
    }

    /**
     * What the next checkpoint may build on.
     *
     * @param packs those whose frames it may use
     */
    record Base(UploadedImage image, Set<Pack> packs) {}

    /** A checkpoint was taken, and is going to be written; {@link #ended} must follow. */
    synchronized void begin(long checkpointId) {
        running.add(checkpointId);
    }

    /** A checkpoint was written, or never will be. Idempotent. */
    synchronized void ended(long checkpointId) {
        running.remove(checkpointId);
        notifyAll();
    }

    /**
     * What a checkpoint may build on, once those before it are written that may still be completed.
     *
     * @param cancellation closed if the checkpoint is cancelled
     * @return null if there is no confirmed checkpoint before it
     * @throws IOException if it was cancelled
     */
    synchronized Base base(long checkpointId, CloseableRegistry cancellation) throws IOException, InterruptedException {
        while (!running.subSet(Math.min(confirmed + 1, checkpointId), checkpointId)
                .isEmpty()) {
            if (cancellation.isClosed()) {
                throw new IOException("the checkpoint was cancelled");
            }
            wait(CANCELLATION_MILLIS);
        }
        UploadedImage image = images.get(confirmed);
        if (image == null || confirmed >= checkpointId) {
            return null;
        }
        Set<Pack> packs = new HashSet<>(image.packs());
        for (UploadedImage later : images.tailMap(confirmed + 1).values()) {
            packs.retainAll(later.packs());
        }
        return new Base(image, packs);
    }

    synchronized void uploaded(long checkpointId, UploadedImage image) {
        images.put(checkpointId, image);
    }

    /** A checkpoint is complete. Says nothing if it was a savepoint or a full checkpoint, which nothing builds on. */
    public synchronized void confirm(long checkpointId) {
        if (checkpointId > confirmed && images.containsKey(checkpointId)) {
            images.headMap(checkpointId).clear();
            confirmed = checkpointId;
            notifyAll();
        }
    }

    public synchronized void abort(long checkpointId) {
        if (checkpointId != confirmed) {
            images.remove(checkpointId);
            ended(checkpointId);
        }
    }

    /** The packs that an image or some checkpoint of the history uses. */
    synchronized Set<Pack> packsWith(UploadedImage image) {
        Set<Pack> packs = new HashSet<>(image.packs());
        images.values().forEach(kept -> packs.addAll(kept.packs()));
        return packs;
    }
}
