package io.holt.api;

import java.io.IOException;
import java.io.OutputStream;
import java.util.BitSet;

/**
 * A snapshot as frames, to be kept elsewhere and put together again by an {@link ImageInstaller}: all of them, or
 * those that changed after an earlier instant, so that checkpoints can be incremental.
 *
 * <p>A frame belongs to a <em>blob</em>, which keeps its id for life; the newest frame of a blob, up to the epoch of
 * the image, is the one that counts. So an image is whole if of each blob of {@link #blobIds()} its newest frame is
 * kept, from whichever image it came.
 *
 * <p>Usable until its snapshot is closed, from any thread; after that its methods throw {@link HoltClosedException}.
 */
public interface CheckpointImage {

    /** The instant of its snapshot. */
    long epoch();

    /** Frames that did not change after this epoch are left out; 0 if none is. */
    long sinceEpoch();

    /** What the installer must know besides the frames: trees, epoch, blob ids. It has a checksum. */
    byte[] catalog();

    /**
     * Ids of all blobs of the snapshot, a copy. Among them may be some that are unhooked and wait to be freed: nothing
     * leads to those, and it does no harm if they are missing.
     */
    BitSet blobIds();

    /**
     * Starts with the first frame. Writers go on meanwhile.
     *
     * @throws MemoryBudgetException if there is no slot for the copy of a frame, one for each open cursor
     */
    default FrameCursor frames() {
        return frames(new BitSet());
    }

    /**
     * As {@link #frames()}, and goes over the frames of some blobs too that did not change: for those who write some of
     * what they kept anew.
     *
     * @param also blob ids; those that the snapshot does not have are passed over
     */
    FrameCursor frames(BitSet also);

    /** Goes over the frames of an image in order of blob ids. For one thread. */
    interface FrameCursor extends AutoCloseable {

        /**
         * Moves to the next frame.
         *
         * @return false if there is none; then the other methods must not be called
         * @throws CorruptDataException if a frame that had to be read from disk is damaged
         */
        boolean next();

        int blobId();

        /** When the frame was last changed: more than {@link CheckpointImage#sinceEpoch()}, if not asked for by id. */
        long epoch();

        /** Name of the tree that it belongs to; empty if that tree was dropped and its frames wait to be freed. */
        String treeName();

        /**
         * A prefix that no key of the frame, or of a frame below it, is less than. Empty for a part of a large value,
         * which has no keys.
         */
        byte[] lowestPrefix();

        /**
         * A prefix such that each key of the frame, and of all frames below it, begins with it or is less. Empty for a
         * part of a large value, which has no keys.
         */
        byte[] highestPrefix();

        /** Whether it is a part of a value of more than 64 KiB, which belongs to one record elsewhere. */
        boolean isValuePart();

        /** How many bytes {@link #writeTo} writes: the used pages of the frame and 32 more. */
        int bytes();

        /**
         * Writes the frame with the checksums of its pages; such pieces can be strung together.
         *
         * @throws IOException if the stream throws it
         */
        void writeTo(OutputStream out) throws IOException;

        /**
         * What tells later which parts of this frame have changed.
         *
         * @param earlier of an earlier form of the frame, from which pages that did not change are known; or null
         * @throws IllegalArgumentException if it is the digest of another blob or of a later form
         */
        FrameDigest digest(FrameDigest earlier);

        /**
         * How many bytes {@link #writeChangesTo} writes: the blocks of 512 bytes that differ, and some more.
         *
         * @throws IllegalArgumentException if it is the digest of another blob or of a later form
         */
        int bytesOfChanges(FrameDigest since);

        /**
         * Writes what changed since an earlier form of this blob's frame. An installer puts that form and the changes
         * together; changes may build on changes.
         *
         * @param since the digest of that form, taken in this process from an image of this database
         * @throws IllegalArgumentException as {@link #bytesOfChanges}
         * @throws IOException if the stream throws it
         */
        void writeChangesTo(FrameDigest since, OutputStream out) throws IOException;

        /** Gives the slot back. Idempotent. */
        @Override
        void close();
    }
}
