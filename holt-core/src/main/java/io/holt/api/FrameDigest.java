package io.holt.api;

/**
 * What is remembered of a frame that was written, so that of its next form only the blocks that differ need to be
 * written: 64 bits for each block of 512 bytes, 11 KiB of heap in all; or hardly anything, of a frame that was
 * installed, and then all blocks of the pages that changed are written. Immutable.
 *
 * <p>Different blocks have the same digest with a probability of about 2^-62, whatever they hold: digests have a key
 * that is drawn when the process starts. So they are of use in this process only.
 */
public interface FrameDigest {

    int blobId();

    /** When the frame was last changed. */
    long epoch();
}
