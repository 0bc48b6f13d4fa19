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
}
