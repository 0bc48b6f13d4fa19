package io.holt.internal.buffer;

import io.holt.api.CorruptDataException;
import io.holt.api.HoltIoException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Which blobs have their newest frame at a place that no checkpoint named yet. Threads: any.
 *
 * <p>Invariant: while a blob is not in memory, its entry here, if there is one, is its newest content; while it is in
 * memory the entry may be older than that.
 */
final class Spills {

    private record Spilled(int place, long epoch) {}

    private final SpillFile file;
    private final Map<Integer, Spilled> spilled = new ConcurrentHashMap<>();

    Spills(SpillFile file) {
        this.file = file;
    }

    /** Takes a place, instead of the one that the blob had here before. */
    synchronized void put(int blobId, int place, long epoch) {
        giveBack(spilled.put(blobId, new Spilled(place, epoch)));
    }

    /** The blob is freed. */
    synchronized void forget(int blobId) {
        giveBack(spilled.remove(blobId));
    }

    /** A checkpoint has the blob as it was at the end of this epoch. */
    synchronized void settled(int blobId, long epoch) {
        Spilled held = spilled.get(blobId);
        if (held != null && held.epoch <= epoch) {
            giveBack(spilled.remove(blobId));
        }
    }

    private void giveBack(Spilled held) {
        if (held != null) {
            file.free(held.place);
        }
    }

    boolean has(int blobId) {
        return spilled.containsKey(blobId);
    }

    /**
     * Reads a blob's frame.
     *
     * @return false if it has none here
     */
    boolean read(int blobId, long address) {
        while (true) {
            Spilled held = spilled.get(blobId);
            if (held == null) {
                return false;
            }
            try {
                file.read(held.place, blobId, address);
                return true;
            } catch (CorruptDataException | HoltIoException e) {
                // A checkpoint may have given the place back meanwhile: another frame may be there, or the file may
                // end.
                if (held.equals(spilled.get(blobId))) {
                    throw e;
                }
            }
        }
    }
}
