package io.holt.internal.checkpoint;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Crc32c;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * A frame in a stream: a header, then its used pages as they lie on disk, each with its checksum in the first of them.
 * Little-endian; reserved bytes are 0.
 *
 * <pre>
 *         0       1       2       3       4       5       6       7
 *    0 | magic "HLFR", or "HLEN"       | blob id                       |
 *    8 | epoch of the last change; for "HLEN" how many frames came before |
 *   16 | inner end page| leaf page     | tree id                       |
 *   24 | reserved                      | CRC32C of [0, 28)             |
 *   32 | pages [0, inner end page), then pages [leaf page, 128)        |
 * </pre>
 *
 * <p>"HLEN" ends the frames of a whole image and has no pages.
 */
final class FrameRecordDescriptor {

    static final int FRAME_MAGIC = 0x5246_4C48;
    static final int END_MAGIC = 0x4E45_4C48;

    static final int MAGIC_OFFSET = 0;
    static final int BLOB_ID_OFFSET = MAGIC_OFFSET + Integer.BYTES;
    static final int EPOCH_OFFSET = BLOB_ID_OFFSET + Integer.BYTES;
    static final int INNER_END_PAGE_OFFSET = EPOCH_OFFSET + Long.BYTES;
    static final int LEAF_PAGE_OFFSET = INNER_END_PAGE_OFFSET + Short.BYTES;
    static final int TREE_ID_OFFSET = LEAF_PAGE_OFFSET + Short.BYTES;
    static final int CRC_OFFSET = TREE_ID_OFFSET + 2 * Integer.BYTES;
    static final int HEADER_BYTES = CRC_OFFSET + Integer.BYTES;

    private FrameRecordDescriptor() {}

    /** The header of a sealed frame image. */
    static byte[] ofFrame(long image) {
        byte[] header = new byte[HEADER_BYTES];
        ByteBuffer fields = start(header, FRAME_MAGIC, FrameHeader.blobId(image), FrameHeader.epoch(image));
        fields.putShort(INNER_END_PAGE_OFFSET, (short) FrameHeader.innerEndPage(image));
        fields.putShort(LEAF_PAGE_OFFSET, (short) leafPage(image));
        fields.putInt(TREE_ID_OFFSET, FrameHeader.treeId(image));
        fields.putInt(CRC_OFFSET, Crc32c.of(header, 0, CRC_OFFSET));
        return header;
    }

    /** What ends an image of so many frames. */
    static byte[] end(long frames) {
        byte[] header = new byte[HEADER_BYTES];
        start(header, END_MAGIC, 0, frames).putInt(CRC_OFFSET, Crc32c.of(header, 0, CRC_OFFSET));
        return header;
    }

    private static ByteBuffer start(byte[] header, int magic, int blobId, long epoch) {
        return fields(header)
                .putInt(MAGIC_OFFSET, magic)
                .putInt(BLOB_ID_OFFSET, blobId)
                .putLong(EPOCH_OFFSET, epoch);
    }

    /** A view of a header's fields. */
    static ByteBuffer fields(byte[] header) {
        return ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    }

    static boolean hasValidCrc(byte[] header) {
        return fields(header).getInt(CRC_OFFSET) == Crc32c.of(header, 0, CRC_OFFSET);
    }

    /** First page of the second run: the page in which both regions meet belongs to the first. */
    static int leafPage(long image) {
        return Math.max(FrameHeader.innerEndPage(image), FrameHeader.leafStartPage(image));
    }
}
