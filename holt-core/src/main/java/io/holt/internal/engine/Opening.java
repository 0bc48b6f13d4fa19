package io.holt.internal.engine;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.InvalidOptionException;
import io.holt.api.MemoryBudget;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.buffer.FrameLoader;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.snapshot.SnapshotRegistry;
import io.holt.internal.sync.EpochClock;
import io.holt.internal.sync.WriterGate;
import io.holt.internal.tree.RedoLog;
import io.holt.internal.tree.TreeCore;
import java.util.Map;

/** Puts the rooms of a database together. */
public final class Opening {

    private static final TreeCatalog.CatalogLog NO_LOG = new TreeCatalog.CatalogLog() {
        @Override
        public void created(int treeId, String name) {}

        @Override
        public void dropped(int treeId) {}
    };

    private Opening() {}

    /** Makes an empty database without files. */
    public static HoltDb inMemory(HoltOptions options) {
        BlobBufPool ownPool = options.memory().isPresent() ? null : newPool(options.memoryBytes());
        BlobBufPool pool = ownPool != null ? ownPool : pool(options.memory().get());
        BufferManager buffers = new BufferManager(pool, FrameLoader.NONE);
        SnapshotRegistry snapshots = new SnapshotRegistry(buffers, new EpochClock(1));
        WriterGate gate = new WriterGate();
        TreeCore core = new TreeCore(buffers, snapshots, gate, RedoLog.NONE);
        TreeCatalog catalog = new TreeCatalog(core, NO_LOG, Map.of(), 1);
        return new Engine(buffers, snapshots, gate, core, catalog, Persistence.NONE, ownPool);
    }

    /** Takes memory for several databases. */
    public static MemoryBudget memory(long bytes) {
        return newPool(HoltOptions.builder().memoryBytes(bytes).build().memoryBytes());
    }

    static BlobBufPool newPool(long bytes) {
        return new BlobBufPool((int) (bytes / FrameHeader.FRAME_BYTES));
    }

    static BlobBufPool pool(MemoryBudget budget) {
        if (budget instanceof BlobBufPool pool) {
            return pool;
        }
        throw new InvalidOptionException("memory", budget.getClass().getName(), "give a budget made by Holt.memory");
    }
}
