package io.holt.internal.buffer;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * Maps blob ids to the addresses of their frames in memory, with one array load.
 *
 * <p>Reading: any thread, no lock. A reader that uses an address checks afterwards that the id still has it.
 *
 * <p>Invariant: an id whose frame was freed is {@link #GONE} until a new frame gets it. What a checkpoint has of it on
 * disk is of the past: it must not be read in again, neither by a reader that comes late nor for a snapshot.
 */
final class FrameTable {

    private static final VarHandle ELEMENT = MethodHandles.arrayElementVarHandle(long[].class);
    private static final int FIRST_LENGTH = 1024;

    /** In place of an address: the blob's frame was in memory and is freed. No address is negative. */
    static final long GONE = -1;

    private volatile long[] addresses = new long[FIRST_LENGTH];

    /** Address of the frame, 0 if it was never in memory, or {@link #GONE}; any int may be asked for. */
    long address(int blobId) {
        long[] now = addresses;
        return blobId >= 0 && blobId < now.length ? (long) ELEMENT.getAcquire(now, blobId) : 0;
    }

    /** Sets an address; synchronized, so that no setting is lost when the array grows. */
    synchronized void set(int blobId, long address) {
        long[] now = addresses;
        if (blobId >= now.length) {
            now = Arrays.copyOf(now, Math.max(blobId + 1, 2 * now.length));
            now[blobId] = address;
            addresses = now;
        } else {
            ELEMENT.setRelease(now, blobId, address);
        }
    }

    /** How many ids have a frame in memory. */
    long resident() {
        long count = 0;
        for (long address : addresses) {
            count += address > 0 ? 1 : 0;
        }
        return count;
    }

    int length() {
        return addresses.length;
    }
}
