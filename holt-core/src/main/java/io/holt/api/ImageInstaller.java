package io.holt.api;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Puts a database together from the frames of a {@link CheckpointImage}, made by {@code Holt.installer}. Give it the
 * frames, in any order and from as many streams as there are, then {@link #finish()} it. For one thread.
 *
 * <p>If it is closed without having been finished, nothing is left behind.
 */
public interface ImageInstaller extends AutoCloseable {

    /**
     * Reads one frame and takes it if it counts: if its blob is one of the image, and it is no newer than the image and
     * the newest frame of this blob so far. So the frames of older images can be given as they are.
     *
     * @return whether it was taken
     * @throws EOFException if the stream ends before or within the frame; nothing was taken
     * @throws CorruptDataException if it is not what was written; nothing was taken
     * @throws MemoryBudgetException if the database is made in memory and its budget is exhausted
     * @throws IOException if the stream throws it
     */
    boolean addFrame(InputStream in) throws IOException;

    /**
     * As {@link #addFrame}, but takes the frame without its records, and without all that is below it: those frames
     * need not be given. Reads the frame's first page and skips the others. For the frames of keys that are not wanted.
     *
     * @throws IllegalArgumentException if it is a part of a large value, which can only be left out together with the
     *     frame that names it
     */
    boolean addEmptied(InputStream in) throws IOException;

    /** The pieces of a frame, one after the other. Each stream is done with when the next piece is asked for. */
    @FunctionalInterface
    interface FramePieces {

        /**
         * First a stream at the beginning of what {@link CheckpointImage.FrameCursor#writeTo} wrote, then streams at
         * the beginning of changes, the oldest first; null at the end. A stream that is a
         * {@link java.nio.channels.ReadableByteChannel} too, with the same bytes, is read without copies between.
         */
        InputStream next() throws IOException;
    }

    /**
     * As {@link #addFrame(InputStream)}, for a frame that is kept as an earlier form and changes.
     *
     * @throws CorruptDataException if it is not what was written, or the pieces do not belong together; nothing was
     *     taken
     */
    boolean addFrame(FramePieces pieces) throws IOException;

    /** As {@link #addEmptied(InputStream)}, for a frame that is kept as an earlier form and changes. */
    boolean addEmptied(FramePieces pieces) throws IOException;

    /**
     * Reads frames to the end of the stream.
     *
     * @return how many were taken
     */
    int addFrames(InputStream in) throws IOException;

    /**
     * What tells later which pages of a blob's frame have changed in the database that is made: with it, images of that
     * database can give changes of the frame as it is now, in pages of 4 KiB. Of the newest frame that was taken.
     *
     * @return null if none was taken, or only without its records
     */
    FrameDigest digest(int blobId);

    /**
     * Makes the database: it continues with the epoch after the image's, so images of it can name that one as the
     * instant since when frames changed. In a directory it is durable when this returns.
     *
     * @throws CorruptDataException if a frame is missing that another one, or a tree, leads to
     */
    HoltDb finish();

    /** Gives up what was not finished. Idempotent. */
    @Override
    void close();
}
