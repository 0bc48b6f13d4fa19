package io.holt.internal.checkpoint;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Crc32c;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.BitSet;

/**
 * Changes of a frame in a stream: the blocks that differ from an earlier form of it. Little-endian; reserved bytes are
 * 0.
 *
 * <pre>
 *         0       1       2       3       4       5       6       7
 *    0 | magic "HLCH"                  | blob id                       |
 *    8 | epoch of the last change                                      |
 *   16 | epoch of the form that it changes                             |
 *   24 | inner end page| leaf page     | block bytes   | runs          |
 *   32 | reserved                      | CRC32C of [0, 36) and the runs|
 *   40 | runs, 4 bytes each: first block, blocks                       |
 *      | the blocks of the runs                                        |
 * </pre>
 *
 * <p>The blocks have no checksum of their own: the frame's first page, which is always among them, has those of all
 * pages as they are with the changes.
 */
final class ChangesRecordDescriptor {

    static final int MAGIC = 0x4843_4C48;

    static final int MAGIC_OFFSET = 0;
    static final int BLOB_ID_OFFSET = MAGIC_OFFSET + Integer.BYTES;
    static final int EPOCH_OFFSET = BLOB_ID_OFFSET + Integer.BYTES;
    static final int BASE_EPOCH_OFFSET = EPOCH_OFFSET + Long.BYTES;
    static final int INNER_END_PAGE_OFFSET = BASE_EPOCH_OFFSET + Long.BYTES;
    static final int LEAF_PAGE_OFFSET = INNER_END_PAGE_OFFSET + Short.BYTES;
    static final int BLOCK_BYTES_OFFSET = LEAF_PAGE_OFFSET + Short.BYTES;
    static final int RUNS_OFFSET = BLOCK_BYTES_OFFSET + Short.BYTES;
    static final int CRC_OFFSET = RUNS_OFFSET + Short.BYTES + Integer.BYTES;
    static final int HEADER_BYTES = CRC_OFFSET + Integer.BYTES;
    static final int RUN_BYTES = 2 * Short.BYTES;

    private ChangesRecordDescriptor() {}

    /** Length of a record: header, runs and blocks. */
    static int bytes(BitSet blocks) {
        return HEADER_BYTES + RUN_BYTES * runs(blocks) + BlockDigests.BLOCK_BYTES * blocks.cardinality();
    }

    private static int runs(BitSet blocks) {
        int runs = 0;
        for (int first = blocks.nextSetBit(0); first >= 0; first = blocks.nextSetBit(blocks.nextClearBit(first))) {
            runs++;
        }
        return runs;
    }

    /** Header and runs of the changes of a sealed image. */
    static byte[] header(long image, long baseEpoch, BitSet blocks) {
        int runs = runs(blocks);
        byte[] header = new byte[HEADER_BYTES + RUN_BYTES * runs];
        ByteBuffer fields = fields(header);
        fields.putInt(MAGIC_OFFSET, MAGIC);
        fields.putInt(BLOB_ID_OFFSET, FrameHeader.blobId(image));
        fields.putLong(EPOCH_OFFSET, FrameHeader.epoch(image));
        fields.putLong(BASE_EPOCH_OFFSET, baseEpoch);
        fields.putShort(INNER_END_PAGE_OFFSET, (short) FrameHeader.innerEndPage(image));
        fields.putShort(LEAF_PAGE_OFFSET, (short) FrameRecordDescriptor.leafPage(image));
        fields.putShort(BLOCK_BYTES_OFFSET, (short) BlockDigests.BLOCK_BYTES);
        fields.putShort(RUNS_OFFSET, (short) runs);
        int at = HEADER_BYTES;
        for (int first = blocks.nextSetBit(0); first >= 0; ) {
            int end = blocks.nextClearBit(first);
            fields.putShort(at, (short) first).putShort(at + Short.BYTES, (short) (end - first));
            at += RUN_BYTES;
            first = blocks.nextSetBit(end);
        }
        fields.putInt(CRC_OFFSET, crc(header));
        return header;
    }

    /** The checksum that a header with its runs should have. */
    static int crc(byte[] header) {
        return new Crc32c()
                .update(header, 0, CRC_OFFSET)
                .update(header, HEADER_BYTES, header.length - HEADER_BYTES)
                .value();
    }

    /** A view of a header's fields. */
    static ByteBuffer fields(byte[] header) {
        return ByteBuffer.wrap(header).order(ByteOrder.LITTLE_ENDIAN);
    }
}
