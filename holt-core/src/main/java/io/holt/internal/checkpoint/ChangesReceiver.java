package io.holt.internal.checkpoint;

import io.holt.internal.layout.FrameHeader;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Reads changes of frames from streams and applies them to images of what they change. The result is to be verified
 * once all are applied (I6): changes that belong to something else are found by the epoch they build on, and by the
 * checksums of all pages. For one thread.
 */
final class ChangesReceiver {

    private final byte[] chunk = new byte[64 * 1024];
    private byte[] header = new byte[0];
    private ByteBuffer fields = ByteBuffer.wrap(header);

    /**
     * Reads a record of changes and applies it.
     *
     * @param image a frame of this blob, whose header is as it was written
     * @param pages how many pages are wanted; blocks behind them are not read
     * @throws io.holt.api.CorruptDataException if these are no changes, or others than those of this form of the frame;
     *     nothing was applied
     * @throws EOFException if the stream ends within
     */
    void apply(InputStream in, int blobId, long image, int pages) throws IOException {
        readHeader(in, blobId);
        if (fields.getInt(ChangesRecordDescriptor.BLOB_ID_OFFSET) != blobId
                || fields.getLong(ChangesRecordDescriptor.BASE_EPOCH_OFFSET) != FrameHeader.epoch(image)
                || fields.getLong(ChangesRecordDescriptor.EPOCH_OFFSET) < FrameHeader.epoch(image)) {
            throw FrameReceiver.damaged(
                    0,
                    "changes of blob " + fields.getInt(ChangesRecordDescriptor.BLOB_ID_OFFSET) + " since epoch "
                            + fields.getLong(ChangesRecordDescriptor.BASE_EPOCH_OFFSET)
                            + " do not belong to the frame before them, which is blob " + blobId + " of epoch "
                            + FrameHeader.epoch(image));
        }
        checkRuns(blobId);
        int wanted = pages * BlockDigests.BLOCKS_PER_PAGE;
        for (int at = ChangesRecordDescriptor.HEADER_BYTES;
                at < header.length;
                at += ChangesRecordDescriptor.RUN_BYTES) {
            int first = firstBlock(at);
            int blocks = Math.min(blocks(at), wanted - first);
            if (blocks <= 0) {
                return;
            }
            readBlocks(in, blobId, image + (long) first * BlockDigests.BLOCK_BYTES, blocks * BlockDigests.BLOCK_BYTES);
        }
    }

    private void readHeader(InputStream in, int blobId) throws IOException {
        byte[] fixed = in.readNBytes(ChangesRecordDescriptor.HEADER_BYTES);
        if (fixed.length < ChangesRecordDescriptor.HEADER_BYTES) {
            throw endsWithin(blobId);
        }
        ByteBuffer start = ChangesRecordDescriptor.fields(fixed);
        int runs = Short.toUnsignedInt(start.getShort(ChangesRecordDescriptor.RUNS_OFFSET));
        if (start.getInt(ChangesRecordDescriptor.MAGIC_OFFSET) != ChangesRecordDescriptor.MAGIC
                || runs > BlockDigests.BLOCKS) {
            throw noChanges(blobId);
        }
        int bytes = fixed.length + runs * ChangesRecordDescriptor.RUN_BYTES;
        header = Arrays.copyOf(fixed, bytes);
        fields = ChangesRecordDescriptor.fields(header);
        if (in.readNBytes(header, fixed.length, bytes - fixed.length) < bytes - fixed.length) {
            throw endsWithin(blobId);
        }
        if (fields.getInt(ChangesRecordDescriptor.CRC_OFFSET) != ChangesRecordDescriptor.crc(header)) {
            throw noChanges(blobId);
        }
    }

    private static RuntimeException noChanges(int blobId) {
        return FrameReceiver.damaged(
                0, "changes of blob " + blobId + " should begin here, but their header does not match its checksum");
    }

    private static EOFException endsWithin(int blobId) {
        return new EOFException("the stream of a checkpoint image ends within changes of blob " + blobId);
    }

    private void checkRuns(int blobId) {
        boolean valid = Short.toUnsignedInt(fields.getShort(ChangesRecordDescriptor.BLOCK_BYTES_OFFSET))
                == BlockDigests.BLOCK_BYTES;
        int end = 0;
        for (int at = ChangesRecordDescriptor.HEADER_BYTES;
                at < header.length;
                at += ChangesRecordDescriptor.RUN_BYTES) {
            valid &= firstBlock(at) >= end && blocks(at) > 0;
            end = firstBlock(at) + blocks(at);
        }
        if (!valid || end > BlockDigests.BLOCKS) {
            throw FrameReceiver.damaged(
                    0, "changes of blob " + blobId + " can't have the blocks that their header says");
        }
    }

    private int firstBlock(int at) {
        return Short.toUnsignedInt(fields.getShort(at));
    }

    private int blocks(int at) {
        return Short.toUnsignedInt(fields.getShort(at + Short.BYTES));
    }

    private void readBlocks(InputStream in, int blobId, long address, int bytes) throws IOException {
        if (!FrameReceiver.read(in, address, bytes, chunk)) {
            throw endsWithin(blobId);
        }
    }

    /** Checks that a frame with the changes that were applied last is the one that they say. */
    void checkAgrees(int blobId, long image) {
        boolean agrees = FrameHeader.epoch(image) == fields.getLong(ChangesRecordDescriptor.EPOCH_OFFSET)
                && FrameHeader.innerEndPage(image)
                        == Short.toUnsignedInt(fields.getShort(ChangesRecordDescriptor.INNER_END_PAGE_OFFSET))
                && FrameRecordDescriptor.leafPage(image)
                        == Short.toUnsignedInt(fields.getShort(ChangesRecordDescriptor.LEAF_PAGE_OFFSET));
        if (!agrees) {
            throw FrameReceiver.damaged(0, "the frame of blob " + blobId + " is not the one that its changes say");
        }
    }
}
