package io.holt.internal.store;

import io.holt.api.CorruptDataException;
import io.holt.internal.io.Caching;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoFile;
import io.holt.internal.io.OpenMode;

/**
 * Frames in one data file, past the page cache where that can be.
 *
 * <p>The file grows ahead of its use, without taking disk space: on the file systems that were measured a first write
 * to preallocated space takes two to five times as long as one to a hole, and pages that are not written stay holes.
 */
public final class FileBlobStore implements BlobStore {

    /** The file grows by an eighth of its places, and by these at least and at most. */
    private static final int LEAST_GROWTH = 16;

    private static final int MOST_GROWTH = 2048;

    private final IoEngine engine;
    private final IoFile file;
    private final Object lock = new Object();
    private final PlaceMap places = new PlaceMap();

    /** Where reading must end; the end of a file that is written is moved to that of its last place. */
    private long readEnd = Long.MAX_VALUE;

    /** Whole places that the file has room for. */
    private int capacity;

    private FileBlobStore(IoEngine engine, IoFile file) {
        this.engine = engine;
        this.file = file;
    }

    /**
     * Opens the data file; makes it if the manifest names no place.
     *
     * @param state of the durable manifest
     * @throws CorruptDataException if the file is missing or too short for the places that the manifest names, or if
     *     the manifest puts two blobs at one place
     */
    public static FileBlobStore open(IoEngine engine, StoreFiles files, ManifestState state) {
        boolean exists = engine.exists(files.data());
        int needed = placesNeeded(state);
        if (!exists && needed > 0) {
            throw new CorruptDataException(
                    files.data().toString(), 0, "it is missing, and the manifest names " + needed + " places in it");
        }
        return open(engine, files, state, needed, exists, OpenMode.CREATE);
    }

    /**
     * Opens the data file to be read only; errors as {@link #open}, and it must be there.
     *
     * @param state of the durable manifest
     */
    public static FileBlobStore openToRead(IoEngine engine, StoreFiles files, ManifestState state) {
        boolean exists = engine.exists(files.data());
        int needed = placesNeeded(state);
        if (!exists) {
            throw new CorruptDataException(
                    files.data().toString(), 0, "it is missing, and the manifest names " + needed + " places in it");
        }
        return open(engine, files, state, needed, true, OpenMode.READ);
    }

    private static FileBlobStore open(
            IoEngine engine, StoreFiles files, ManifestState state, int needed, boolean exists, OpenMode mode) {
        FileBlobStore store = new FileBlobStore(engine, engine.open(files.data(), mode, Caching.DIRECT));
        boolean opened = false;
        try {
            if (!exists) {
                engine.syncDirectory(files.directory());
            }
            store.restore(files, state, needed, mode);
            opened = true;
            return store;
        } finally {
            if (!opened) {
                store.close();
            }
        }
    }

    private static int placesNeeded(ManifestState state) {
        int needed = 0;
        for (int blobId = 1; blobId < state.placesLength(); blobId++) {
            needed = Math.max(needed, state.place(blobId) + 1);
        }
        return needed;
    }

    private void restore(StoreFiles files, ManifestState state, int needed, OpenMode mode) {
        long size = file.size();
        // A part of the last place may be missing: the pages at its end, if they were never written.
        if (size <= (long) (needed - 1) * FRAME_BYTES) {
            throw new CorruptDataException(
                    files.data().toString(), size, "it ends here, and the manifest names " + needed + " places in it");
        }
        for (int blobId = 1; blobId < state.placesLength(); blobId++) {
            int place = state.place(blobId);
            if (place != ManifestState.NO_PLACE && !places.restore(place)) {
                throw new CorruptDataException(
                        files.manifest().toString(), 0, "blob " + blobId + " shares place " + place + " with another");
            }
        }
        capacity = (int) ((size + FRAME_BYTES - 1) / FRAME_BYTES);
        places.restored(capacity);
        if (mode == OpenMode.READ) {
            readEnd = size;
        } else if (size % FRAME_BYTES != 0) {
            file.truncate((long) capacity * FRAME_BYTES);
        }
    }

    @Override
    public int allocate() {
        synchronized (lock) {
            int place = places.allocate();
            if (place >= capacity) {
                int grown = place + 1 + Math.clamp(place / 8, LEAST_GROWTH, MOST_GROWTH);
                boolean extended = false;
                try {
                    file.truncate((long) grown * FRAME_BYTES);
                    extended = true;
                } finally {
                    if (!extended) {
                        places.free(place);
                    }
                }
                capacity = grown;
            }
            return place;
        }
    }

    @Override
    public void markLive(int place) {
        synchronized (lock) {
            places.markLive(place);
        }
    }

    @Override
    public void free(int place) {
        synchronized (lock) {
            places.free(place);
        }
    }

    @Override
    public void read(int place, long address) {
        long offset = BlobBatch.offset(place);
        file.read(offset, address, Math.min(FRAME_BYTES, readEnd - offset));
    }

    @Override
    public void readPages(int place, int firstPage, int pages, long address) {
        file.read(BlobBatch.offset(place) + (long) firstPage * PAGE_BYTES, address, (long) pages * PAGE_BYTES);
    }

    @Override
    public void submit(BlobBatch batch) {
        synchronized (lock) {
            for (int i = 0; i < batch.writes(); i++) {
                places.checkWritable(batch.writtenPlace(i));
            }
        }
        file.submit(batch.requests());
    }

    @Override
    public void sync() {
        file.sync();
    }

    @Override
    public void registerBuffers(long[] addresses) {
        engine.registerBuffers(addresses, FRAME_BYTES);
    }

    @Override
    public long reclaimFree(int kept, int mostRuns) {
        long bytes = BlobBatch.offset(cutEnd(kept));
        for (int run = 0; run < mostRuns; run++) {
            // Under the lock, since a place that was allocated meanwhile must not be punched.
            synchronized (lock) {
                int from = places.nextStale(places.staleEnd(kept));
                if (from < 0) {
                    break;
                }
                int to = places.staleRunEnd(from);
                if (!file.punchHole(BlobBatch.offset(from), BlobBatch.offset(to - from))) {
                    break;
                }
                places.reclaimed(from, to);
                bytes += BlobBatch.offset(to - from);
            }
        }
        return bytes;
    }

    /** Returns how many places were cut off that might have taken disk space. */
    private int cutEnd(int kept) {
        synchronized (lock) {
            int end = Math.max(places.highEnd(), places.staleEnd(kept));
            if (end < capacity) {
                file.truncate(BlobBatch.offset(end));
                capacity = end;
            }
            return places.reclaimFrom(end);
        }
    }

    @Override
    public boolean punchGap(int place, int innerEndPage, int leafStartPage) {
        if (innerEndPage >= leafStartPage) {
            return true;
        }
        long from = BlobBatch.offset(place) + (long) innerEndPage * PAGE_BYTES;
        return file.punchHole(from, (long) (leafStartPage - innerEndPage) * PAGE_BYTES);
    }

    @Override
    public int placesInUse() {
        synchronized (lock) {
            return places.usedCount();
        }
    }

    @Override
    public long fileBytes() {
        return file.allocatedBytes();
    }

    @Override
    public void close() {
        file.close();
    }
}
