package io.holt.internal.checkpoint;

import io.holt.api.CorruptDataException;
import io.holt.api.HoltIoException;
import io.holt.internal.buffer.FrameLoader;
import io.holt.internal.buffer.SpillFile;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.store.BlobBatch;
import io.holt.internal.store.BlobStore;
import io.holt.internal.store.ManifestState;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Where on disk each blob's newest checkpointed frame is, and how it is read. Threads: reading any; {@link #moved} the
 * checkpointer only.
 */
public final class FrameFile implements FrameLoader, SpillFile {

    private static final int NO_PLACE = ManifestState.NO_PLACE;

    private final BlobStore store;
    private final String path;
    private volatile int[] places;

    /** Takes over the places that the manifest names. */
    public FrameFile(BlobStore store, String path, ManifestState state) {
        this.store = store;
        this.path = path;
        int[] named = new int[Math.max(16, state.placesLength())];
        Arrays.fill(named, NO_PLACE);
        for (int id = 1; id < state.placesLength(); id++) {
            named[id] = state.place(id);
        }
        this.places = named;
    }

    @Override
    public boolean has(int blobId) {
        return place(blobId) != NO_PLACE;
    }

    @Override
    public void load(int blobId, long address) {
        while (true) {
            int place = place(blobId);
            try {
                read(place, blobId, address);
                return;
            } catch (CorruptDataException | HoltIoException e) {
                // A checkpoint may have moved the blob meanwhile: another one may lie here, or the file may end.
                if (place == place(blobId)) {
                    throw e;
                }
            }
        }
    }

    @Override
    public void read(int place, int blobId, long address) {
        store.read(place, address);
        FrameImage.verify(address, blobId, path, (long) place * FrameHeader.FRAME_BYTES);
    }

    @Override
    public int write(long image) {
        FrameImage.seal(image);
        int place = store.allocate();
        boolean written = false;
        try {
            BlobBatch batch = new BlobBatch(1);
            addWrite(batch, place, image);
            store.submit(batch);
            written = true;
            return place;
        } finally {
            if (!written) {
                store.free(place);
            }
        }
    }

    @Override
    public void free(int place) {
        store.free(place);
    }

    /** Adds the used pages of a sealed frame. */
    static void addWrite(BlobBatch batch, int place, long image) {
        int innerEnd = FrameHeader.innerEndPage(image);
        int leafStart = Math.max(innerEnd, FrameHeader.leafStartPage(image));
        batch.addWrite(place, image, innerEnd, leafStart);
    }

    int place(int blobId) {
        int[] now = places;
        return blobId >= 0 && blobId < now.length ? now[blobId] : NO_PLACE;
    }

    /** Ids of all blobs on disk. */
    public BitSet blobIds() {
        BitSet ids = new BitSet();
        int[] now = places;
        for (int id = 1; id < now.length; id++) {
            if (now[id] != NO_PLACE) {
                ids.set(id);
            }
        }
        return ids;
    }

    /** The durable manifest names another place for a blob, or none. */
    void moved(int blobId, int place) {
        int[] now = places;
        if (blobId >= now.length) {
            now = Arrays.copyOf(now, Math.max(blobId + 1, 2 * now.length));
            Arrays.fill(now, places.length, now.length, NO_PLACE);
        }
        now[blobId] = place;
        places = now;
    }
}
