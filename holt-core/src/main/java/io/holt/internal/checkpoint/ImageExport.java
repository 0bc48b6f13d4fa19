package io.holt.internal.checkpoint;

import io.holt.api.HoltIoException;
import io.holt.internal.io.IoEngine;
import io.holt.internal.memory.Crc32c;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.BitSet;

/**
 * A whole image in one stream, and as a directory. The stream, little-endian: length and CRC32C of the catalog, 4 bytes
 * each; the catalog; the frames; what ends them (see {@link FrameRecordDescriptor}).
 */
public final class ImageExport {

    private static final int PREFIX_BYTES = 8;

    private ImageExport() {}

    /** Writes catalog and frames; answers how many bytes. */
    public static long toStream(byte[] catalog, SnapshotFrames frames, OutputStream out) throws IOException {
        byte[] prefix = new byte[PREFIX_BYTES];
        ByteBuffer.wrap(prefix)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(catalog.length)
                .putInt(Crc32c.of(catalog, 0, catalog.length));
        out.write(prefix);
        out.write(catalog);
        long bytes = PREFIX_BYTES + (long) catalog.length;
        long count = 0;
        while (frames.next()) {
            frames.writeTo(out);
            bytes += frames.bytes();
            count++;
        }
        byte[] end = FrameRecordDescriptor.end(count);
        out.write(end);
        out.flush();
        return bytes + end.length;
    }

    /**
     * Reads the catalog with which a stream begins.
     *
     * @throws io.holt.api.StoreFormatException if it is not the stream of an image
     * @throws io.holt.api.CorruptDataException if it is damaged
     * @throws EOFException if it ends within
     */
    public static byte[] readCatalog(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(PREFIX_BYTES);
        if (bytes.length < PREFIX_BYTES) {
            throw new EOFException("the stream of a checkpoint image ends before its catalog");
        }
        ByteBuffer prefix = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        int length = prefix.getInt();
        // Reads in pieces, so a length that is wrong costs no more memory than there are bytes.
        byte[] catalog = in.readNBytes(Math.max(0, length));
        if (length < 0 || catalog.length < length || Crc32c.of(catalog, 0, length) != prefix.getInt()) {
            throw FrameReceiver.damaged(0, "this is no stream of an image, or its catalog is damaged");
        }
        return catalog;
    }

    /** Makes a database of all frames in a directory; answers how many bytes were written to its data file. */
    public static long toDirectory(IoEngine io, ImageCatalog catalog, SnapshotFrames frames, Path path) {
        try (ImageDirectory directory = ImageDirectory.create(io, path, true, frames.image())) {
            Reachability reachability = new Reachability();
            BitSet written = new BitSet();
            while (frames.next()) {
                directory.accept(frames.blobId(), frames.image());
                reachability.put(frames.blobId(), frames.image());
                written.set(frames.blobId());
            }
            BitSet reached = reachability.from(catalog.trees());
            written.andNot(reached);
            written.stream().forEach(directory::drop);
            directory.finish(catalog, reached);
            return directory.bytes();
        } catch (HoltIoException e) {
            throw new HoltIoException("exporting to " + path + " failed, nothing is left there: " + e.getMessage(), e);
        }
    }
}
