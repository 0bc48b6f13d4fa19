package io.holt.internal.store;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * What the newest checkpoint says: where every blob lies, which trees there are and where the log goes on.
 *
 * <p>Threads: changed by {@link Manifest#publish} only; not to be read meanwhile.
 */
public final class ManifestState {

    /** The place of a blob that has none. */
    public static final int NO_PLACE = -1;

    private static final int FIRST_BLOB_ID = 1;
    private static final int FIRST_TREE_ID = 1;

    private final UUID storeId;
    private final TreeMap<String, TreeEntry> trees = new TreeMap<>();
    private long checkpoint;
    private long epoch;
    private long replayLsn = 1;
    private boolean logged;
    private int nextBlobId = FIRST_BLOB_ID;
    private int nextTreeId = FIRST_TREE_ID;

    /** Place by blob id; shorter than {@code nextBlobId} if the last ids have no place. */
    private int[] places = new int[0];

    private int placesLength;

    ManifestState(UUID storeId) {
        this.storeId = storeId;
    }

    /** That of a store in which there is nothing yet. */
    public static ManifestState empty(UUID storeId) {
        return new ManifestState(storeId);
    }

    ManifestState copy() {
        ManifestState copy = new ManifestState(storeId);
        copy.trees.putAll(trees);
        copy.checkpoint = checkpoint;
        copy.epoch = epoch;
        copy.replayLsn = replayLsn;
        copy.logged = logged;
        copy.nextBlobId = nextBlobId;
        copy.nextTreeId = nextTreeId;
        copy.places = Arrays.copyOf(places, placesLength);
        copy.placesLength = placesLength;
        return copy;
    }

    /** Makes this the state of the next checkpoint. */
    void apply(ManifestEdit edit) {
        checkpoint++;
        epoch = edit.epoch == null ? epoch : edit.epoch;
        replayLsn = edit.replayLsn == null ? replayLsn : edit.replayLsn;
        logged = edit.logged == null ? logged : edit.logged;
        nextBlobId = edit.nextBlobId == null ? nextBlobId : edit.nextBlobId;
        nextTreeId = edit.nextTreeId == null ? nextTreeId : edit.nextTreeId;
        edit.trees.forEach(this::setTree);
        for (int i = 0; i < edit.placeCount(); i++) {
            setPlace(edit.blobId(i), edit.placeAt(i));
        }
    }

    private void setTree(String name, TreeEntry entry) {
        if (entry == null) {
            trees.remove(name);
        } else {
            trees.put(name, entry);
        }
    }

    private void setPlace(int blobId, int place) {
        if (blobId >= placesLength) {
            if (place == NO_PLACE) {
                return;
            }
            if (blobId >= places.length) {
                int old = places.length;
                places = Arrays.copyOf(places, Math.max(blobId + 1, old + old / 2));
                Arrays.fill(places, old, places.length, NO_PLACE);
            }
            placesLength = blobId + 1;
        }
        places[blobId] = place;
    }

    /** Sets what a record says that is neither a tree nor a place. */
    void restore(long atCheckpoint, long atEpoch, long lsn, boolean withLog, int blobIds, int treeIds) {
        checkpoint = atCheckpoint;
        epoch = atEpoch;
        replayLsn = lsn;
        logged = withLog;
        nextBlobId = blobIds;
        nextTreeId = treeIds;
    }

    void restoreTree(String name, TreeEntry entry) {
        setTree(name, entry);
    }

    void restorePlace(int blobId, int place) {
        setPlace(blobId, place);
    }

    /** Given to the store when it was made. */
    public UUID storeId() {
        return storeId;
    }

    /** How many checkpoints were published before this one. */
    public long checkpoint() {
        return checkpoint;
    }

    public long epoch() {
        return epoch;
    }

    /** First LSN that this checkpoint does not hold. */
    public long replayLsn() {
        return replayLsn;
    }

    /** Whether there must be a log to replay. */
    public boolean logged() {
        return logged;
    }

    public int nextBlobId() {
        return nextBlobId;
    }

    public int nextTreeId() {
        return nextTreeId;
    }

    /** Trees by name; a view. */
    public Map<String, TreeEntry> trees() {
        return Collections.unmodifiableMap(trees);
    }

    /** The place of a blob, or {@link #NO_PLACE}. */
    public int place(int blobId) {
        return blobId < placesLength ? places[blobId] : NO_PLACE;
    }

    /** One more than the greatest blob id that may have a place. */
    public int placesLength() {
        return placesLength;
    }
}
