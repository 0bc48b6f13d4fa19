package io.holt.internal.engine;

import io.holt.api.HoltDb;
import io.holt.internal.checkpoint.ImageCatalog;
import java.util.BitSet;

/**
 * A database whose frames are read to the slots where they stay; those that do not fit leave memory as they do later
 * on. Nothing is durable before its first checkpoint.
 *
 * <p>Invariant: no frame is marked as changed before all are there, so no checkpoint sees a part of the image.
 */
final class WorkingInstaller extends SlotInstaller {

    private final Engine engine;
    private final BitSet dropped = new BitSet();

    /** Takes over an empty database with the trees of the catalog. */
    WorkingInstaller(ImageCatalog catalog, Engine engine) {
        super(catalog, engine.core().buffers());
        this.engine = engine;
    }

    @Override
    public void accept(int blobId, long address) {
        super.accept(blobId, address);
        dropped.clear(blobId);
    }

    @Override
    public void drop(int blobId) {
        // Another database of the budget may be evicting it.
        long before = buffers.lock(blobId);
        if (before != 0) {
            buffers.remove(blobId);
            buffers.release(before);
            dropped.set(blobId);
        }
    }

    @Override
    public HoltDb finish() {
        checkNotDone();
        BitSet blobIds = intake().complete();
        BitSet seen = (BitSet) blobIds.clone();
        seen.or(dropped);
        buffers.adoptBlobIds(seen, Math.max(1, seen.length()));
        dropped.stream().forEach(buffers::freeBlobId);
        blobIds.stream().forEach(blobId -> buffers.dirty().markChanged(blobId, intake().epochOf(blobId)));
        end();
        return engine;
    }

    @Override
    void discard() {
        engine.close();
    }
}
