package io.holt.internal.engine;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.buffer.FrameLoader;
import io.holt.internal.checkpoint.ImageCatalog;
import io.holt.internal.checkpoint.ImageIntake;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.memory.Memory;
import io.holt.internal.snapshot.SnapshotRegistry;
import io.holt.internal.sync.EpochClock;
import io.holt.internal.sync.WriterGate;
import io.holt.internal.tree.RedoLog;
import io.holt.internal.tree.TreeCore;
import java.util.BitSet;

/** A database in memory, made of the frames of an image: each is read to the slot where it stays. */
final class MemoryInstaller extends IntakeInstaller implements ImageIntake.Target {

    private final ImageCatalog catalog;
    private final BlobBufPool ownPool;
    private final BufferManager buffers;
    private final ImageIntake intake;
    private long latchWord;

    MemoryInstaller(ImageCatalog catalog, HoltOptions options) {
        this.catalog = catalog;
        this.ownPool = options.memory().isPresent() ? null : Opening.newPool(options.memoryBytes());
        this.buffers = new BufferManager(
                ownPool != null ? ownPool : Opening.pool(options.memory().get()), FrameLoader.NONE);
        this.intake = new ImageIntake(catalog, this);
    }

    @Override
    ImageIntake intake() {
        return intake;
    }

    @Override
    public long begin() {
        long address = buffers.lease("installing a frame of an image");
        latchWord = Memory.getLong(address);
        return address;
    }

    @Override
    public void accept(int blobId, long address) {
        Memory.putLong(address, latchWord);
        drop(blobId);
        buffers.publish(blobId, address);
    }

    @Override
    public void reject(long address) {
        buffers.release(address);
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
        BitSet blobIds = intake.complete();
        buffers.adoptBlobIds(blobIds, Math.max(1, blobIds.length()));
        blobIds.stream().forEach(blobId -> buffers.dirty().setChangeEpoch(blobId, intake.epochOf(blobId)));
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
