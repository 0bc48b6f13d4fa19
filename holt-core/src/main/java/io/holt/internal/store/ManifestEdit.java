package io.holt.internal.store;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What a checkpoint changes in the manifest; what is not said stays as it was. Not for use by several threads at once.
 */
public final class ManifestEdit {

    private static final int FIRST_CAPACITY = 64;

    Long epoch;
    Long replayLsn;
    Boolean logged;
    Integer nextBlobId;
    Integer nextTreeId;

    /** Trees by name, null for a dropped one. */
    final Map<String, TreeEntry> trees = new LinkedHashMap<>();

    private int[] blobIds = new int[FIRST_CAPACITY];
    private int[] places = new int[FIRST_CAPACITY];
    private int placeCount;

    public ManifestEdit epoch(long value) {
        epoch = value;
        return this;
    }

    /**
     * Where the log is to be replayed from.
     *
     * @param lsn first LSN that the checkpoint does not hold
     * @param present whether the log is being written, so that it must be there when the store is opened
     */
    public ManifestEdit replayFrom(long lsn, boolean present) {
        replayLsn = lsn;
        logged = present;
        return this;
    }

    /** The least blob id that was never given out. */
    public ManifestEdit nextBlobId(int value) {
        nextBlobId = value;
        return this;
    }

    /** The least tree id that was never given out. */
    public ManifestEdit nextTreeId(int value) {
        nextTreeId = value;
        return this;
    }

    /** Adds a tree, or replaces what was known of the tree of this name. */
    public ManifestEdit putTree(String name, TreeEntry entry) {
        trees.put(name, entry);
        return this;
    }

    public ManifestEdit dropTree(String name) {
        trees.put(name, null);
        return this;
    }

    /** Says where a blob lies now. A blob may be named several times: the last word counts. */
    public ManifestEdit place(int blobId, int place) {
        if (blobId < 1 || place < 0) {
            throw new IllegalArgumentException("blob " + blobId + " can't lie at place " + place);
        }
        addPlace(blobId, place);
        return this;
    }

    /** Says that a blob is no more. */
    public ManifestEdit removeBlob(int blobId) {
        addPlace(blobId, ManifestState.NO_PLACE);
        return this;
    }

    private void addPlace(int blobId, int place) {
        if (placeCount == blobIds.length) {
            blobIds = Arrays.copyOf(blobIds, 2 * placeCount);
            places = Arrays.copyOf(places, 2 * placeCount);
        }
        blobIds[placeCount] = blobId;
        places[placeCount++] = place;
    }

    int placeCount() {
        return placeCount;
    }

    int blobId(int index) {
        return blobIds[index];
    }

    int placeAt(int index) {
        return places[index];
    }
}
