package io.holt.api;

/**
 * A database that works with the frames of an image while they arrive: a frame is read when it is first asked for, or
 * in its turn by a thread of the database. Threads: any.
 *
 * <p>What is asked for and can't be read is reported where it is asked for: by {@link CorruptDataException} if it is
 * damaged or incomplete, by {@link HoltIoException} if the source failed. No wrong or missing record is given instead.
 *
 * <p>{@link HoltDb#close} of the database waits until all frames are there; {@link HoltDb#discard} does not. Either
 * closes the source; so does the arrival of the last frame.
 */
public interface ImageArrival {

    /** Told of the end of reading, in the thread that reads. */
    interface Listener {

        /** All frames that the trees lead to are in memory or in the database's own files. */
        void complete();

        /** Some frame can't be had, for the image is damaged or the source failed; nothing more is read in turn. */
        void failed(RuntimeException cause);
    }

    /** The database, usable from the beginning. */
    HoltDb db();

    /** Starts to read what nobody asked for yet; once. */
    void start(Listener listener);

    /** How many frames of the source are still to be read, or to be found needless. */
    long framesMissing();

    /** What {@link ImageInstaller#digest} tells, of a frame that is there; null if it is not, or has no records. */
    FrameDigest digest(int blobId);

    /**
     * Returns when the source is no longer needed.
     *
     * @throws HoltException the cause if a frame can't be had; {@link HoltClosedException} if the database was closed
     * @throws IllegalStateException if it was not started
     */
    void await() throws InterruptedException;
}
