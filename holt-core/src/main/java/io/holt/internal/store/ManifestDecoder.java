package io.holt.internal.store;

import static io.holt.internal.store.ManifestDescriptor.ALIGNMENT_BYTES;
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
import static io.holt.internal.store.ManifestDescriptor.getInt;
import static io.holt.internal.store.ManifestDescriptor.getLong;

import io.holt.api.CorruptDataException;
import io.holt.api.StoreFormatException;
import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Reads a manifest file.
 *
 * <p>Invariants:
 * <ul>
 *   <li>I4: the answer is a state that was published, or one whose publishing had begun and which is whole;
 *   <li>I6: a record that a later one proves to have been durable is read whole, or the file is called damaged.
 * </ul>
 */
final class ManifestDecoder {

    private final byte[] bytes;
    private final String path;
    private ManifestState state;
    private int end;
    private boolean sealed;

    private ManifestDecoder(byte[] bytes, String path) {
        this.bytes = bytes;
        this.path = path;
    }

    /**
     * What a file says.
     *
     * @param state of the last whole record
     * @param end where the next record is to be written
     * @param clean whether the file ends there, and that record is sealed
     */
    record Loaded(ManifestState state, int end, boolean clean) {}

    /**
     * Decodes a whole file.
     *
     * @throws StoreFormatException if it is no manifest, or one of a newer format
     * @throws CorruptDataException if it is damaged
     */
    static Loaded decode(byte[] bytes, String path, int frameBytes) {
        ManifestDecoder decoder = new ManifestDecoder(bytes, path);
        decoder.readFileHeader(frameBytes);
        decoder.readRecords();
        boolean clean = decoder.sealed && decoder.end == bytes.length;
        return new Loaded(decoder.state, decoder.end, clean);
    }

    private void readFileHeader(int frameBytes) {
        if (bytes.length < VERSION_OFFSET || getLong(bytes, MAGIC_OFFSET) != MAGIC) {
            throw new StoreFormatException(
                    path, "this is no manifest of a Holt database", "restore the file from a backup");
        }
        if (bytes.length < FILE_HEADER_BYTES) {
            throw damaged(bytes.length, "the file ends inside its header");
        }
        int version = getInt(bytes, VERSION_OFFSET);
        if (version > FORMAT_VERSION) {
            throw new StoreFormatException(
                    path,
                    "it has format version " + Integer.toUnsignedString(version) + ", this program reads up to "
                            + FORMAT_VERSION,
                    "open it with a newer version of Holt");
        }
        if (getInt(bytes, HEADER_CRC_OFFSET) != ManifestEncoder.headerCrc(bytes)) {
            throw damaged(0, "the checksum of the file header is wrong");
        }
        if (version != FORMAT_VERSION || getInt(bytes, FRAME_BYTES_OFFSET) != frameBytes) {
            throw new StoreFormatException(
                    path,
                    "it has format version " + version + " and frames of " + getInt(bytes, FRAME_BYTES_OFFSET)
                            + " bytes, this program reads version " + FORMAT_VERSION + " and " + frameBytes + " bytes",
                    "open it with the version of Holt that wrote it");
        }
        state = new ManifestState(new UUID(getLong(bytes, STORE_ID_HIGH_OFFSET), getLong(bytes, STORE_ID_LOW_OFFSET)));
    }

    private void readRecords() {
        end = FILE_HEADER_BYTES;
        while (end < bytes.length) {
            if (!isRecord(end)) {
                checkNothingFollows();
                break;
            }
            readRecord(end);
            end = (int) Math.min(bytes.length, end + aligned(getInt(bytes, end + RECORD_BYTES_OFFSET)));
        }
        // The first record was durable before the file got its name.
        if (end == FILE_HEADER_BYTES) {
            throw damaged(end, "its first record can't be read");
        }
    }

    /** Whether the bytes at an offset are those of a record that was written there. */
    private boolean isRecord(int at) {
        if (at + RECORD_HEADER_BYTES > bytes.length || getLong(bytes, at + SELF_OFFSET) != at) {
            return false;
        }
        int recordBytes = getInt(bytes, at + RECORD_BYTES_OFFSET);
        return recordBytes >= RECORD_HEADER_BYTES
                && recordBytes <= bytes.length - at
                && getInt(bytes, at + RECORD_CRC_OFFSET) == ManifestEncoder.recordCrc(bytes, at, recordBytes);
    }

    /** A record is written when the one before is durable and sealed: one after {@code end} proves damage there. */
    private void checkNothingFollows() {
        for (int at = end + ALIGNMENT_BYTES; at < bytes.length; at += ALIGNMENT_BYTES) {
            if (isRecord(at)) {
                throw damaged(end, "a record can't be read, and was durable when the one at " + at + " was written");
            }
        }
    }

    private void readRecord(int at) {
        long checkpoint = getLong(bytes, at + CHECKPOINT_OFFSET);
        byte type = bytes[at + TYPE_OFFSET];
        boolean first = at == FILE_HEADER_BYTES;
        switch (type) {
            case TYPE_SEAL -> {
                check(!first && !sealed && checkpoint == state.checkpoint(), at, "a seal is out of order");
                sealed = true;
            }
            case TYPE_FULL, TYPE_DELTA -> {
                boolean inOrder = first
                        ? type == TYPE_FULL
                        : type == TYPE_DELTA && sealed && checkpoint == state.checkpoint() + 1;
                check(inOrder, at, "a record is out of order");
                readBody(at, type == TYPE_FULL);
                sealed = false;
            }
            default ->
                throw new StoreFormatException(
                        path,
                        "it has a record of unknown type " + type + " at byte offset " + at,
                        "open it with the version of Holt that wrote it");
        }
    }

    private void readBody(int at, boolean full) {
        int recordBytes = getInt(bytes, at + RECORD_BYTES_OFFSET);
        check(recordBytes >= BODY_OFFSET, at, "a record is too short");
        int trees = getInt(bytes, at + TREES_OFFSET);
        int placeCount = getInt(bytes, at + PLACES_OFFSET);
        int treesBytes = getInt(bytes, at + TREES_BYTES_OFFSET);
        long placeBytes = full ? FULL_PLACE_BYTES : DELTA_PLACE_BYTES;
        boolean fits = trees >= 0
                && placeCount >= 0
                && treesBytes >= 0
                && BODY_OFFSET + (long) treesBytes + placeCount * placeBytes == recordBytes;
        check(fits, at, "the parts of a record do not add up");
        boolean ascends = getInt(bytes, at + NEXT_BLOB_ID_OFFSET) >= state.nextBlobId()
                && getInt(bytes, at + NEXT_TREE_ID_OFFSET) >= state.nextTreeId()
                && getLong(bytes, at + EPOCH_OFFSET) >= state.epoch();
        check(ascends, at, "ids or epochs of a record are below those before");
        state.restore(
                getLong(bytes, at + CHECKPOINT_OFFSET),
                getLong(bytes, at + EPOCH_OFFSET),
                getLong(bytes, at + REPLAY_LSN_OFFSET),
                (getInt(bytes, at + FLAGS_OFFSET) & FLAG_LOGGED) != 0,
                getInt(bytes, at + NEXT_BLOB_ID_OFFSET),
                getInt(bytes, at + NEXT_TREE_ID_OFFSET));
        readTrees(at, trees, at + BODY_OFFSET, at + BODY_OFFSET + treesBytes);
        readPlaces(at, full, placeCount, at + BODY_OFFSET + treesBytes);
    }

    private void readTrees(int record, int trees, int from, int limit) {
        int at = from;
        for (int i = 0; i < trees; i++) {
            check(limit - at >= TREE_NAME_OFFSET, record, "a tree does not fit into its record");
            int nameBytes = getInt(bytes, at + TREE_NAME_BYTES_OFFSET);
            check(nameBytes >= 0 && nameBytes <= limit - at - TREE_NAME_OFFSET, record, "a tree's name is too long");
            String name = new String(bytes, at + TREE_NAME_OFFSET, nameBytes, StandardCharsets.UTF_8);
            boolean dropped = getInt(bytes, at + TREE_DROPPED_OFFSET) != 0;
            TreeEntry entry = new TreeEntry(
                    getInt(bytes, at + TREE_ID_OFFSET),
                    getInt(bytes, at + TREE_ROOT_OFFSET),
                    getLong(bytes, at + TREE_RECORDS_OFFSET));
            boolean rooted = dropped || (entry.rootBlobId() >= 1 && entry.rootBlobId() < state.nextBlobId());
            check(rooted, record, "tree " + name + " has root blob " + entry.rootBlobId() + ", which there is not");
            state.restoreTree(name, dropped ? null : entry);
            at += (int) aligned(TREE_NAME_OFFSET + (long) nameBytes);
        }
        check(at == limit, record, "there are bytes between trees and places");
    }

    private void readPlaces(int record, boolean full, int count, int from) {
        for (int i = 0; i < count; i++) {
            int at = from + i * (full ? FULL_PLACE_BYTES : DELTA_PLACE_BYTES);
            int blobId = full ? i : getInt(bytes, at);
            int place = getInt(bytes, full ? at : at + Integer.BYTES);
            boolean possible =
                    blobId >= (full ? 0 : 1) && blobId < state.nextBlobId() && place >= ManifestState.NO_PLACE;
            check(possible, record, "blob " + blobId + " at place " + place + " can't be");
            state.restorePlace(blobId, place);
        }
    }

    private void check(boolean holds, int at, String problem) {
        if (!holds) {
            throw damaged(at, problem);
        }
    }

    private CorruptDataException damaged(int at, String problem) {
        return new CorruptDataException(path, at, problem);
    }
}
