package io.holt.internal.store;

import static io.holt.internal.store.ManifestDescriptor.BODY_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.CHECKPOINT_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.DELTA_PLACE_BYTES;
import static io.holt.internal.store.ManifestDescriptor.EPOCH_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.FILE_HEADER_BYTES;
import static io.holt.internal.store.ManifestDescriptor.FLAGS_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.FLAG_LOGGED;
import static io.holt.internal.store.ManifestDescriptor.FORMAT_VERSION;
import static io.holt.internal.store.ManifestDescriptor.FRAME_BYTES_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.FULL_PLACE_BYTES;
import static io.holt.internal.store.ManifestDescriptor.HEADER_CRC_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.MAGIC;
import static io.holt.internal.store.ManifestDescriptor.MAGIC_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.NEXT_BLOB_ID_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.NEXT_TREE_ID_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.PLACES_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.RECORD_BYTES_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.RECORD_CRC_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.RECORD_HEADER_BYTES;
import static io.holt.internal.store.ManifestDescriptor.REPLAY_LSN_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.SELF_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.STORE_ID_HIGH_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.STORE_ID_LOW_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.TREES_BYTES_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.TREES_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.TREE_DROPPED_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.TREE_ID_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.TREE_NAME_BYTES_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.TREE_NAME_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.TREE_RECORDS_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.TREE_ROOT_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.TYPE_DELTA;
import static io.holt.internal.store.ManifestDescriptor.TYPE_FULL;
import static io.holt.internal.store.ManifestDescriptor.TYPE_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.TYPE_SEAL;
import static io.holt.internal.store.ManifestDescriptor.VERSION_OFFSET;
import static io.holt.internal.store.ManifestDescriptor.aligned;
import static io.holt.internal.store.ManifestDescriptor.putInt;
import static io.holt.internal.store.ManifestDescriptor.putLong;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.UUID;
import java.util.zip.CRC32C;

/** Turns a manifest's state, and what changes it, into bytes; see {@link ManifestDescriptor} for their meaning. */
final class ManifestEncoder {

    private ManifestEncoder() {}

    static byte[] fileHeader(UUID storeId, int frameBytes) {
        byte[] bytes = new byte[FILE_HEADER_BYTES];
        putLong(bytes, MAGIC_OFFSET, MAGIC);
        putInt(bytes, VERSION_OFFSET, FORMAT_VERSION);
        putInt(bytes, FRAME_BYTES_OFFSET, frameBytes);
        putLong(bytes, STORE_ID_HIGH_OFFSET, storeId.getMostSignificantBits());
        putLong(bytes, STORE_ID_LOW_OFFSET, storeId.getLeastSignificantBits());
        putInt(bytes, HEADER_CRC_OFFSET, headerCrc(bytes));
        return bytes;
    }

    static int headerCrc(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, HEADER_CRC_OFFSET);
        return (int) crc.getValue();
    }

    /** The state as one record, padded, to be written at an offset of the file. */
    static byte[] full(ManifestState state, long fileOffset) {
        int treesBytes = treesBytes(state.trees());
        int recordBytes =
                Math.toIntExact(BODY_OFFSET + (long) treesBytes + (long) FULL_PLACE_BYTES * state.placesLength());
        byte[] bytes = record(TYPE_FULL, recordBytes, state.checkpoint(), fileOffset);
        putBodyHeader(bytes, state, state.trees().size(), state.placesLength(), treesBytes);
        int at = putTrees(bytes, state.trees());
        for (int blobId = 0; blobId < state.placesLength(); blobId++) {
            putInt(bytes, at, state.place(blobId));
            at += FULL_PLACE_BYTES;
        }
        return withCrc(bytes, recordBytes);
    }

    /**
     * An edit as one record, padded, to be written at an offset of the file.
     *
     * @param after the scalars of the state that the edit leads to; its trees and places are not looked at
     */
    static byte[] delta(ManifestEdit edit, ManifestState after, long fileOffset) {
        int treesBytes = treesBytes(edit.trees);
        int recordBytes =
                Math.toIntExact(BODY_OFFSET + (long) treesBytes + (long) DELTA_PLACE_BYTES * edit.placeCount());
        byte[] bytes = record(TYPE_DELTA, recordBytes, after.checkpoint(), fileOffset);
        putBodyHeader(bytes, after, edit.trees.size(), edit.placeCount(), treesBytes);
        int at = putTrees(bytes, edit.trees);
        for (int i = 0; i < edit.placeCount(); i++) {
            putInt(bytes, at, edit.blobId(i));
            putInt(bytes, at + Integer.BYTES, edit.placeAt(i));
            at += DELTA_PLACE_BYTES;
        }
        return withCrc(bytes, recordBytes);
    }

    /** Says that the record of this checkpoint was durable before this was written. */
    static byte[] seal(long checkpoint, long fileOffset) {
        return withCrc(record(TYPE_SEAL, RECORD_HEADER_BYTES, checkpoint, fileOffset), RECORD_HEADER_BYTES);
    }

    private static byte[] record(byte type, int recordBytes, long checkpoint, long fileOffset) {
        byte[] bytes = new byte[Math.toIntExact(aligned(recordBytes))];
        putInt(bytes, RECORD_BYTES_OFFSET, recordBytes);
        putLong(bytes, CHECKPOINT_OFFSET, checkpoint);
        putLong(bytes, SELF_OFFSET, fileOffset);
        bytes[TYPE_OFFSET] = type;
        return bytes;
    }

    private static byte[] withCrc(byte[] bytes, int recordBytes) {
        putInt(bytes, RECORD_CRC_OFFSET, recordCrc(bytes, 0, recordBytes));
        return bytes;
    }

    static int recordCrc(byte[] bytes, int offset, int recordBytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, RECORD_CRC_OFFSET);
        crc.update(bytes, offset + CHECKPOINT_OFFSET, recordBytes - CHECKPOINT_OFFSET);
        return (int) crc.getValue();
    }

    private static void putBodyHeader(byte[] bytes, ManifestState state, int trees, int places, int treesBytes) {
        putLong(bytes, EPOCH_OFFSET, state.epoch());
        putLong(bytes, REPLAY_LSN_OFFSET, state.replayLsn());
        putInt(bytes, NEXT_BLOB_ID_OFFSET, state.nextBlobId());
        putInt(bytes, NEXT_TREE_ID_OFFSET, state.nextTreeId());
        putInt(bytes, FLAGS_OFFSET, state.logged() ? FLAG_LOGGED : 0);
        putInt(bytes, TREES_OFFSET, trees);
        putInt(bytes, PLACES_OFFSET, places);
        putInt(bytes, TREES_BYTES_OFFSET, treesBytes);
    }

    private static int treesBytes(Map<String, TreeEntry> trees) {
        long total = 0;
        for (String name : trees.keySet()) {
            total += aligned(TREE_NAME_OFFSET + (long) name.getBytes(StandardCharsets.UTF_8).length);
        }
        return Math.toIntExact(total);
    }

    /** Returns where the places begin. */
    private static int putTrees(byte[] bytes, Map<String, TreeEntry> trees) {
        int at = BODY_OFFSET;
        for (Map.Entry<String, TreeEntry> each : trees.entrySet()) {
            byte[] name = each.getKey().getBytes(StandardCharsets.UTF_8);
            TreeEntry tree = each.getValue();
            if (tree == null) {
                putInt(bytes, at + TREE_DROPPED_OFFSET, 1);
            } else {
                putInt(bytes, at + TREE_ID_OFFSET, tree.treeId());
                putInt(bytes, at + TREE_ROOT_OFFSET, tree.rootBlobId());
                putLong(bytes, at + TREE_RECORDS_OFFSET, tree.recordCount());
            }
            putInt(bytes, at + TREE_NAME_BYTES_OFFSET, name.length);
            System.arraycopy(name, 0, bytes, at + TREE_NAME_OFFSET, name.length);
            at += (int) aligned(TREE_NAME_OFFSET + (long) name.length);
        }
        return at;
    }
}
