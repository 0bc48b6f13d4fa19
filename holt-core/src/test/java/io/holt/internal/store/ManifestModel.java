package io.holt.internal.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;

/** What a manifest must say, kept in plain maps; makes random edits and carries them out on itself. */
final class ManifestModel {

    static final UUID STORE_ID = new UUID(0x0123456789abcdefL, 0xfedcba9876543210L);

    long checkpoint;
    long epoch;
    long replayLsn = 1;
    boolean logged;
    int nextBlobId = 1;
    int nextTreeId = 1;
    final Map<String, TreeEntry> trees = new TreeMap<>();
    final Map<Integer, Integer> places = new HashMap<>();

    /** A random edit, already applied here. */
    ManifestEdit edit(Random random, int mostPlaces) {
        ManifestEdit edit = new ManifestEdit();
        checkpoint++;
        if (random.nextInt(8) != 0) {
            epoch += random.nextInt(3);
            edit.epoch(epoch);
        }
        if (random.nextInt(4) != 0) {
            replayLsn += random.nextInt(1_000_000);
            logged = random.nextBoolean();
            edit.replayFrom(replayLsn, logged);
        }
        int changes = random.nextInt(mostPlaces + 1);
        nextBlobId += changes / 2 + 1;
        edit.nextBlobId(nextBlobId);
        for (int i = 0; i < changes; i++) {
            int blobId = 1 + random.nextInt(nextBlobId - 1);
            if (random.nextInt(4) == 0) {
                edit.removeBlob(blobId);
                places.remove(blobId);
            } else {
                int place = random.nextInt(Integer.MAX_VALUE);
                edit.place(blobId, place);
                places.put(blobId, place);
            }
        }
        for (int i = random.nextInt(4); i > 0; i--) {
            String name = "t\u00e9-" + "x".repeat(random.nextInt(20)) + random.nextInt(3);
            if (random.nextInt(3) == 0) {
                edit.dropTree(name);
                trees.remove(name);
            } else {
                TreeEntry entry = new TreeEntry(nextTreeId++, 1 + random.nextInt(nextBlobId - 1), random.nextLong());
                edit.putTree(name, entry).nextTreeId(nextTreeId);
                trees.put(name, entry);
            }
        }
        return edit;
    }

    /** All of it as text, to be compared. */
    String describe() {
        return checkpoint + " " + epoch + " " + replayLsn + " " + logged + " " + nextBlobId + " " + nextTreeId + " "
                + trees + " " + new TreeMap<>(places);
    }

    /** The same of what a manifest of this store says. */
    static String describe(ManifestState state) {
        Map<Integer, Integer> placed = new TreeMap<>();
        for (int blobId = 0; blobId < state.placesLength() + 3; blobId++) {
            if (state.place(blobId) != ManifestState.NO_PLACE) {
                placed.put(blobId, state.place(blobId));
            }
        }
        assertThat(state.storeId()).isEqualTo(STORE_ID);
        return state.checkpoint() + " " + state.epoch() + " " + state.replayLsn() + " " + state.logged() + " "
                + state.nextBlobId() + " " + state.nextTreeId() + " " + state.trees() + " " + placed;
    }
}
