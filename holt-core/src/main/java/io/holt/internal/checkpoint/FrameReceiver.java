package io.holt.internal.checkpoint;

import io.holt.api.CorruptDataException;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** Reads frames from streams and verifies them (I6). For one thread. */
final class FrameReceiver {

    private static final int CHUNK_BYTES = 64 * 1024;

    private final byte[] chunk = new byte[CHUNK_BYTES];
    private final byte[] headerBytes = new byte[FrameRecordDescriptor.HEADER_BYTES];
    private final ByteBuffer header = FrameRecordDescriptor.fields(headerBytes);

    /** What comes next in a stream. */
    enum Next {
        FRAME,
        END_OF_IMAGE,
        END_OF_STREAM
    }

    /**
     * Reads the header of what comes next.
     *
     * @throws CorruptDataException if it is neither a frame nor the end of an image
     * @throws EOFException if the stream ends within it
     */
    Next readHeader(InputStream in) throws IOException {
        int read = in.readNBytes(headerBytes, 0, headerBytes.length);
        if (read == 0) {
            return Next.END_OF_STREAM;
        }
        if (read < headerBytes.length) {
            throw new EOFException("the stream of a checkpoint image ends within the header of a frame");
        }
        int magic = header.getInt(FrameRecordDescriptor.MAGIC_OFFSET);
        boolean known = magic == FrameRecordDescriptor.FRAME_MAGIC || magic == FrameRecordDescriptor.END_MAGIC;
        if (!known || !FrameRecordDescriptor.hasValidCrc(headerBytes)) {
            throw damaged(0, "a frame should begin here, but its header does not match its checksum");
        }
        if (magic == FrameRecordDescriptor.END_MAGIC) {
            return Next.END_OF_IMAGE;
        }
        if (innerEndPage() < 1 || innerEndPage() > leafPage() || leafPage() > FrameHeader.PAGES || blobId() < 1) {
            throw damaged(0, "a frame of blob " + blobId() + " can't have the pages that its header says");
        }
        return Next.FRAME;
    }

    int blobId() {
        return header.getInt(FrameRecordDescriptor.BLOB_ID_OFFSET);
    }

    /** Epoch of the frame, or number of frames before the end of the image. */
    long epoch() {
        return header.getLong(FrameRecordDescriptor.EPOCH_OFFSET);
    }

    private int innerEndPage() {
        return Short.toUnsignedInt(header.getShort(FrameRecordDescriptor.INNER_END_PAGE_OFFSET));
    }

    private int leafPage() {
        return Short.toUnsignedInt(header.getShort(FrameRecordDescriptor.LEAF_PAGE_OFFSET));
    }

    private int pageBytes() {
        return (innerEndPage() + FrameHeader.PAGES - leafPage()) * FrameHeader.PAGE_BYTES;
    }

    /** Reads the pages of the frame whose header was read to an address of 512 KiB, and verifies them. */
    void readPages(InputStream in, long image) throws IOException {
        readUnverified(in, image);
        FrameImage.verify(image, blobId(), ImageCatalog.SOURCE, 0);
        checkAgrees(image);
    }

    /** Reads the pages of a frame that is to be changed and verified then; only the first one is verified. */
    void readPagesToChange(InputStream in, long image) throws IOException {
        readUnverified(in, image);
        FrameImage.verifyHeader(image, blobId(), ImageCatalog.SOURCE, 0);
        checkAgrees(image);
    }

    private void readUnverified(InputStream in, long image) throws IOException {
        readPages(in, image, 0, innerEndPage());
        readPages(in, image, leafPage(), FrameHeader.PAGES);
    }

    /** Reads the first page only and verifies it. */
    void readFirstPage(InputStream in, long image) throws IOException {
        readPages(in, image, 0, 1);
        FrameImage.verifyHeader(image, blobId(), ImageCatalog.SOURCE, 0);
        checkAgrees(image);
    }

    /** Skips the pages after the first. */
    void skipOtherPages(InputStream in) throws IOException {
        in.skipNBytes(pageBytes() - FrameHeader.PAGE_BYTES);
    }

    /** Skips the pages. */
    void skipPages(InputStream in) throws IOException {
        in.skipNBytes(pageBytes());
    }

    private void checkAgrees(long image) {
        if (FrameHeader.epoch(image) != epoch()
                || FrameHeader.innerEndPage(image) != innerEndPage()
                || FrameRecordDescriptor.leafPage(image) != leafPage()) {
            throw damaged(0, "the frame of blob " + blobId() + " is not the one that its header says");
        }
    }

    private void readPages(InputStream in, long image, int fromPage, int toPage) throws IOException {
        int from = fromPage * FrameHeader.PAGE_BYTES;
        if (!read(in, image + from, toPage * FrameHeader.PAGE_BYTES - from, chunk)) {
            throw new EOFException("the stream of a checkpoint image ends within the frame of blob " + blobId());
        }
    }

    /**
     * Reads bytes to an address, without a copy between if the stream is a channel too.
     *
     * @param chunk for copies
     * @return false if the stream ends before
     */
    static boolean read(InputStream in, long address, int bytes, byte[] chunk) throws IOException {
        if (in instanceof ReadableByteChannel channel && bytes >= FrameHeader.PAGE_BYTES) {
            ByteBuffer target = Memory.segment(address, bytes).asByteBuffer();
            int read = 0;
            while (target.hasRemaining() && read >= 0) {
                read = channel.read(target);
            }
            return read >= 0;
        }
        int read;
        for (int at = 0; at < bytes; at += read) {
            read = Math.min(chunk.length, bytes - at);
            if (in.readNBytes(chunk, 0, read) < read) {
                return false;
            }
            Memory.copyFromArray(chunk, 0, address + at, read);
        }
        return true;
    }

    static CorruptDataException damaged(long offset, String problem) {
        return new CorruptDataException(ImageCatalog.SOURCE, offset, problem);
    }
}
