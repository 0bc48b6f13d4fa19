package io.holt.api;

import java.io.IOException;

/**
 * The frames of a {@link CheckpointImage}, each to be had at any time, for a database that is in use before they are
 * all read. Made by whoever keeps the image. Threads: any, several at a time.
 */
public interface FrameSource extends AutoCloseable {

    /** What is wanted of a frame. */
    enum Want {
        /** All of it. */
        RECORDS,
        /** All of it, if a frame that is wanted names it: it is a part of a large value. */
        VALUE_PART,
        /** None of its records, and nothing of the frames below it; see {@link ImageInstaller#addEmptied}. */
        NOTHING
    }

    /**
     * The pieces of a frame; see {@link ImageInstaller.FramePieces}. For one thread, which closes it before it opens
     * another one.
     */
    interface Reading extends ImageInstaller.FramePieces, AutoCloseable {

        @Override
        void close() throws IOException;
    }

    /** Blob ids of all frames, in the order in which it costs least to read them all; a copy. */
    int[] blobIds();

    /** What is wanted of the frame of one of {@link #blobIds()}. */
    Want want(int blobId);

    /**
     * Opens the frame of one of {@link #blobIds()}.
     *
     * @param inTurn whether all frames are read, in the order that this source gave, by one thread; else somebody waits
     *     for this one
     * @throws IOException if it can't be had
     */
    Reading open(int blobId, boolean inTurn) throws IOException;

    /** Where the frame of one of {@link #blobIds()} is, for messages. */
    String describe(int blobId);

    /**
     * Told that the frame of one of {@link #blobIds()} is damaged, or that reading it failed, before anybody else is.
     * Whoever has the image elsewhere too can see to it that it is not taken from here again.
     */
    default void unreadable(int blobId) {}

    /**
     * Told, by the thread that reads in turn, that no frame is needed any more from here, before those who wait for all
     * of them go on. Not told if reading failed or was given up.
     */
    default void allRead() {}

    /** Ends readings that are under way, which throw {@link IOException}; there are no others after. Idempotent. */
    @Override
    void close();
}
