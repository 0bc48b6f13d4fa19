package io.holt.internal.engine;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.buffer.FrameLoader;
import io.holt.internal.checkpoint.ImageCatalog;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.snapshot.SnapshotRegistry;
import io.holt.internal.sync.EpochClock;
import io.holt.internal.sync.WriterGate;
import io.holt.internal.tree.RedoLog;
import io.holt.internal.tree.TreeCore;
import java.util.BitSet;

/** A database in memory, made of the frames of an image: each is read to the slot where it stays. */
final class MemoryInstaller extends SlotInstaller {

    private final ImageCatalog catalog;
    private final BlobBufPool ownPool;

    private MemoryInstaller(ImageCatalog catalog, HoltOptions options, BlobBufPool ownPool) {
        super(
                catalog,
                new BufferManager(
                        ownPool != null
                                ? ownPool
                                : Opening.pool(options.memory().get()),
                        FrameLoader.NONE));
        this.catalog = catalog;
        this.ownPool = ownPool;
    }

    static MemoryInstaller of(ImageCatalog catalog, HoltOptions options) {
        BlobBufPool ownPool = options.memory().isPresent() ? null : Opening.newPool(options.memoryBytes());
        return new MemoryInstaller(catalog, options, ownPool);
    }

    @Override
    public void drop(int blobId) {
        long before = buffers.residentAddress(blobId);
        if (before > 0) {
            buffers.remove(blobId);
            buffers.release(before);
        }
    }

    @Override
    public HoltDb finish() {
        checkNotDone();
        BitSet blobIds = intake().complete();
        buffers.adoptBlobIds(blobIds, Math.max(1, blobIds.length()));
        blobIds.stream().forEach(blobId -> buffers.dirty().setChangeEpoch(blobId, intake().epochOf(blobId)));
        SnapshotRegistry snapshots = new SnapshotRegistry(buffers, new EpochClock(catalog.epoch() + 1));
        WriterGate gate = new WriterGate();
        TreeCore core = new TreeCore(buffers, snapshots, gate, RedoLog.NONE);
        TreeCatalog trees = new TreeCatalog(core, TreeCatalog.states(catalog.trees()), catalog.nextTreeId());
        end();
        return new Engine(buffers, snapshots, gate, core, trees, Persistence.NONE, ownPool);
    }

    @Override
    void discard() {
        buffers.close();
        if (ownPool != null) {
            ownPool.close();
        }
    }
}
