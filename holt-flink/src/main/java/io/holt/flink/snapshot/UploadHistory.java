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
 * one is deleted once a later checkpoint without it is complete, which the JobManager knows before this backend
 * does. Of a checkpoint that is still being written it is known what it may use; if it ends before one taken after it
 * and uses less, the other has to be written anew in part, see {@link #uploaded}.
 */
public final class UploadHistory {

    private static final long NONE = -1;

    private final SortedMap<Long, UploadedImage> images = new TreeMap<>();

    /** Of checkpoints that were taken and not yet written: the packs of earlier ones that each may use. */
    private final SortedMap<Long, Set<Pack>> running = new TreeMap<>();

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
     * What a checkpoint may build on.
     *
     * @param packs those whose frames it may use
     */
    record Base(UploadedImage image, Set<Pack> packs) {}

    /**
     * A checkpoint was taken, and is going to be written.
     *
     * @return what it may build on; null if there is no confirmed checkpoint
     */
    synchronized Base begin(long checkpointId) {
        UploadedImage image = images.get(confirmed);
        if (image == null) {
            beginWhole(checkpointId);
            return null;
        }
        Set<Pack> packs = new HashSet<>(image.packs());
        images.tailMap(confirmed + 1).values().forEach(later -> packs.retainAll(later.packs()));
        running.tailMap(confirmed + 1).values().forEach(packs::retainAll);
        running.put(checkpointId, packs);
        return new Base(image, packs);
    }

    /** A checkpoint was taken, and is going to be written without any pack of earlier ones. */
    synchronized void beginWhole(long checkpointId) {
        running.put(checkpointId, Set.of());
    }

    /**
     * A checkpoint was written. It counts from now on, unless it uses packs that one taken before it, and written by
     * now, does not use: they may be deleted before the JobManager knows that this one needs them.
     *
     * @param own the packs that it wrote itself
     * @return the packs that it has to do without; empty if it counts
     */
    synchronized Set<Pack> uploaded(long checkpointId, UploadedImage image, Set<Pack> own) {
        Set<Pack> endangered = new HashSet<>();
        for (UploadedImage before : images.headMap(checkpointId).values()) {
            Set<Pack> missing = new HashSet<>(image.packs());
            missing.removeAll(own);
            missing.removeAll(before.packs());
            endangered.addAll(missing);
        }
        if (endangered.isEmpty()) {
            images.put(checkpointId, image);
            running.remove(checkpointId);
        }
        return endangered;
    }

    /** A checkpoint is complete. Says nothing if it was a savepoint or a full checkpoint, which nothing builds on. */
    public synchronized void confirm(long checkpointId) {
        if (checkpointId > confirmed && images.containsKey(checkpointId)) {
            images.headMap(checkpointId).clear();
            running.headMap(checkpointId).clear();
            confirmed = checkpointId;
        }
    }

    /** A checkpoint failed, or was given up. */
    public synchronized void abort(long checkpointId) {
        running.remove(checkpointId);
        if (checkpointId != confirmed) {
            images.remove(checkpointId);
        }
    }

    /** The packs that some checkpoint of the history uses. */
    synchronized Set<Pack> packs() {
        Set<Pack> packs = new HashSet<>();
        images.values().forEach(kept -> packs.addAll(kept.packs()));
        return packs;
    }
}
