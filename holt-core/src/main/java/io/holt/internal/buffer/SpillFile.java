package io.holt.internal.buffer;

/**
 * Where frames go that must leave memory between checkpoints: to fresh places on disk that the durable manifest does
 * not name, so that they are forgotten if the process dies. Threads: any.
 */
public interface SpillFile {

    /**
     * Writes a frame to a fresh place.
     *
     * @param image address of a copy of the frame, which is made ready for the disk on the way
     * @return its place
     * @throws io.holt.api.HoltIoException if that failed; no place is taken
     */
    int write(long image);

    /**
     * Reads a frame back and verifies it. The latch word at the address is left odd.
     *
     * @throws io.holt.api.CorruptDataException if it is not what was written
     */
    void read(int place, int blobId, long address);

    /** Gives a place back. */
    void free(int place);
}
