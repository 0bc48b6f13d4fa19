package io.holt.internal.checkpoint;

import io.holt.api.CorruptDataException;
import io.holt.api.StoreFormatException;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Crc32c;
import io.holt.internal.store.TreeEntry;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/**
 * What an image says besides its frames. Little-endian:
 *
 * <pre>
 *         0       1       2       3       4       5       6       7
 *    0 | magic "HLTIMAGE"                                              |
 *    8 | format version                | frame bytes                   |
 *   16 | epoch                                                         |
 *   24 | next tree id                  | trees                         |
 *   32 | words of blob ids             | CRC32C of all but itself      |
 *   40 | trees: id, root blob id, bytes of the name, name in UTF-8     |
 *      | blob ids: 64 a word, the lowest bit first                     |
 * </pre>
 *
 * @param epoch the instant of the image
 * @param nextTreeId the least tree id that was never given out
 * @param trees by name
 * @param blobIds of all blobs; some may be missing from the frames, if nothing leads to them
 */
public record ImageCatalog(long epoch, int nextTreeId, Map<String, TreeEntry> trees, BitSet blobIds) {

    static final long MAGIC = 0x4547_414D_4954_4C48L;
    static final int FORMAT_VERSION = 1;

    /** The name of an image in messages. */
    static final String SOURCE = "checkpoint image";

    private static final int VERSION_OFFSET = 8;
    private static final int CRC_OFFSET = 36;
    private static final int HEADER_BYTES = 40;
    private static final int TREE_BYTES = 3 * Integer.BYTES;

    /** The bytes that {@link #decode} reads. */
    public byte[] encode() {
        Map<String, TreeEntry> sorted = new TreeMap<>(trees);
        long[] words = blobIds.toLongArray();
        int bytes = HEADER_BYTES + Long.BYTES * words.length;
        for (String name : sorted.keySet()) {
            bytes += TREE_BYTES + name.getBytes(StandardCharsets.UTF_8).length;
        }
        byte[] array = new byte[bytes];
        ByteBuffer out = ByteBuffer.wrap(array).order(ByteOrder.LITTLE_ENDIAN);
        out.putLong(MAGIC)
                .putInt(FORMAT_VERSION)
                .putInt(FrameHeader.FRAME_BYTES)
                .putLong(epoch);
        out.putInt(nextTreeId).putInt(sorted.size()).putInt(words.length).putInt(0);
        sorted.forEach((name, tree) -> {
            byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
            out.putInt(tree.treeId())
                    .putInt(tree.rootBlobId())
                    .putInt(utf8.length)
                    .put(utf8);
        });
        for (long word : words) {
            out.putLong(word);
        }
        out.putInt(CRC_OFFSET, crc(array));
        return array;
    }

    /**
     * Reads a catalog, which is all of the array.
     *
     * @throws StoreFormatException if it is none, or one of a newer format
     * @throws CorruptDataException if it is damaged
     */
    public static ImageCatalog decode(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.length < HEADER_BYTES || in.getLong() != MAGIC) {
            throw new StoreFormatException(SOURCE, "this is no catalog of one", "give what an image said it was");
        }
        int version = in.getInt(VERSION_OFFSET);
        if (version > FORMAT_VERSION) {
            throw new StoreFormatException(
                    SOURCE,
                    "it has format version " + Integer.toUnsignedString(version) + ", this program reads up to "
                            + FORMAT_VERSION,
                    "use a newer version of Holt");
        }
        if (in.getInt(CRC_OFFSET) != crc(bytes)) {
            throw new CorruptDataException(SOURCE, 0, "its catalog does not match its checksum");
        }
        in.position(VERSION_OFFSET + Integer.BYTES);
        int frameBytes = in.getInt();
        if (frameBytes != FrameHeader.FRAME_BYTES) {
            throw new StoreFormatException(SOURCE, "its frames have " + frameBytes + " bytes", "use another version");
        }
        try {
            return decodeBody(in);
        } catch (java.nio.BufferUnderflowException | IllegalArgumentException | NegativeArraySizeException e) {
            throw new CorruptDataException(SOURCE, in.position(), "its catalog contradicts itself");
        }
    }

    private static ImageCatalog decodeBody(ByteBuffer in) {
        long epoch = in.getLong();
        int nextTreeId = in.getInt();
        int trees = in.getInt();
        int words = in.getInt();
        in.position(HEADER_BYTES);
        Map<String, TreeEntry> entries = new TreeMap<>();
        for (int i = 0; i < trees; i++) {
            int id = in.getInt();
            int root = in.getInt();
            int nameBytes = in.getInt();
            if (nameBytes > in.remaining()) {
                throw new IllegalArgumentException("a name of " + nameBytes + " bytes");
            }
            byte[] name = new byte[nameBytes];
            in.get(name);
            entries.put(new String(name, StandardCharsets.UTF_8), new TreeEntry(id, root, 0));
        }
        if (in.remaining() != Long.BYTES * (long) words) {
            throw new IllegalArgumentException(words + " words of blob ids");
        }
        BitSet ids = BitSet.valueOf(in.slice().order(ByteOrder.LITTLE_ENDIAN));
        return new ImageCatalog(epoch, nextTreeId, entries, ids);
    }

    private static int crc(byte[] bytes) {
        return new Crc32c()
                .update(bytes, 0, CRC_OFFSET)
                .update(bytes, HEADER_BYTES, bytes.length - HEADER_BYTES)
                .value();
    }
}
