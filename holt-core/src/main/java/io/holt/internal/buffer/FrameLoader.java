package io.holt.internal.buffer;

/** Where frames that are not in memory come from. Threads: any. */
public interface FrameLoader {

    /** For a database without files: nothing is ever elsewhere. */
    FrameLoader NONE = new FrameLoader() {
        @Override
        public boolean has(int blobId) {
            return false;
        }

        @Override
        public void load(int blobId, long address) {
            throw new IllegalStateException("no place holds blob " + blobId);
        }
    };

    /** Whether a frame of this blob id is there; any int may be asked for. */
    boolean has(int blobId);

    /**
     * Reads a frame and verifies it. The latch word at the address is left odd.
     *
     * @throws io.holt.api.CorruptDataException if it is not what was written
     */
    void load(int blobId, long address);

    /**
     * What {@link #load} read of a blob is in a slot of its own now.
     *
     * @return whether it is not here any more, so that it must be written before it may leave memory
     */
    default boolean handOver(int blobId) {
        return false;
    }

    /** Whether the frame here refers to no other one, as is known without reading it. */
    default boolean leadsNowhere(int blobId) {
        return false;
    }

    /** The blob is freed; another one may get its id. */
    default void forget(int blobId) {}
}
