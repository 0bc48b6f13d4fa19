package io.holt.internal.checkpoint;

import io.holt.api.ImageInstaller.FramePieces;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** Puts frames together that are kept as an earlier form and changes, and verifies them (I6). For one thread. */
final class PieceReceiver {

    private final FrameReceiver receiver;
    private final ChangesReceiver changes = new ChangesReceiver();

    /** @param receiver reads the earlier forms, and tells of which blob they are */
    PieceReceiver(FrameReceiver receiver) {
        this.receiver = receiver;
    }

    /** Of the frame that was read last. */
    int blobId() {
        return receiver.blobId();
    }

    /**
     * Reads a frame to an address of 512 KiB.
     *
     * @throws io.holt.api.CorruptDataException if it is not what was written
     * @throws EOFException if a stream ends within
     */
    void readFrame(FramePieces pieces, long address) throws IOException {
        receiver.readPagesToChange(startWhole(pieces), address);
        applyChanges(pieces, address, FrameHeader.PAGES);
        FrameImage.verify(address, blobId(), ImageCatalog.SOURCE, 0);
    }

    /** As {@link #readFrame}, but the first page only. */
    void readFirstPage(FramePieces pieces, long address) throws IOException {
        receiver.readFirstPage(startWhole(pieces), address);
        applyChanges(pieces, address, 1);
    }

    private InputStream startWhole(FramePieces pieces) throws IOException {
        InputStream whole = pieces.next();
        if (whole == null || receiver.readHeader(whole) != FrameReceiver.Next.FRAME) {
            throw new EOFException("the stream has no more frames");
        }
        return whole;
    }

    private void applyChanges(FramePieces pieces, long address, int pages) throws IOException {
        int blobId = blobId();
        for (InputStream piece = pieces.next(); piece != null; piece = pieces.next()) {
            changes.apply(piece, blobId, address, pages);
            FrameImage.verifyHeader(address, blobId, ImageCatalog.SOURCE, 0);
            changes.checkAgrees(blobId, address);
        }
    }

    /**
     * The key bytes above the root of the frame whose first page was read.
     *
     * @throws IllegalArgumentException if it is a part of a value
     */
    static byte[] pathOf(long address) {
        if (FrameHeader.kind(address) == FrameHeader.KIND_VALUE) {
            throw new IllegalArgumentException(
                    "blob " + FrameHeader.blobId(address) + " is a part of a value; leave out the frame that names it");
        }
        byte[] path = new byte[FrameHeader.rootDepth(address)];
        Memory.copyToArray(FrameHeader.basePath(address), path, 0, FrameHeader.basePathBytes(address));
        return path;
    }
}
