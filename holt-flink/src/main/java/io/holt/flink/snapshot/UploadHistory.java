package io.holt.flink.snapshot;

import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The incremental checkpoints of a backend that later ones may build on. For any thread.
 *
 * <p>Invariant C1: a checkpoint uses only packs of the newest confirmed one, and of these only such that each one
 * taken after it uses too. A pack of an unconfirmed checkpoint is deleted if that is aborted. A pack of the confirmed
 * one is deleted once a later checkpoint without it is complete, which the JobManager knows before this backend does.
 */
public final class UploadHistory {

    private static final long NONE = -1;

    private final SortedMap<Long, UploadedImage> images = new TreeMap<>();
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

    /** Null if there is no confirmed checkpoint. */
    synchronized Base base() {
        UploadedImage image = images.get(confirmed);
        if (image == null) {
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
        }
    }

    public synchronized void abort(long checkpointId) {
        if (checkpointId != confirmed) {
            images.remove(checkpointId);
        }
    }

    /** The packs that an image or some checkpoint of the history uses. */
    synchronized Set<Pack> packsWith(UploadedImage image) {
        Set<Pack> packs = new HashSet<>(image.packs());
        images.values().forEach(kept -> packs.addAll(kept.packs()));
        return packs;
    }
}
