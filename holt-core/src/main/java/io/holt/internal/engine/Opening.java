package io.holt.internal.engine;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.InvalidOptionException;
import io.holt.api.MemoryBudget;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.buffer.FrameLoader;
import io.holt.internal.checkpoint.ImageCatalog;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoEngines;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.snapshot.SnapshotRegistry;
import io.holt.internal.store.ManifestState;
import io.holt.internal.store.TreeEntry;
import io.holt.internal.sync.EpochClock;
import io.holt.internal.sync.WriterGate;
import io.holt.internal.tree.RedoLog;
import io.holt.internal.tree.TreeCore;
import io.holt.internal.wal.WalConfig;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.Function;

/** Puts the rooms of a database together. */
public final class Opening {

    private Opening() {}

    /** Makes an empty database without files. */
    public static HoltDb inMemory(HoltOptions options) {
        BlobBufPool ownPool = options.memory().isPresent() ? null : newPool(options.memoryBytes());
        BlobBufPool pool = ownPool != null ? ownPool : pool(options.memory().get());
        BufferManager buffers = new BufferManager(pool, FrameLoader.NONE);
        SnapshotRegistry snapshots = new SnapshotRegistry(buffers, new EpochClock(1));
        WriterGate gate = new WriterGate();
        TreeCore core = new TreeCore(buffers, snapshots, gate, RedoLog.NONE);
        TreeCatalog catalog = new TreeCatalog(core, Map.of(), 1);
        return new Engine(buffers, snapshots, gate, core, catalog, Persistence.NONE, ownPool);
    }

    /** Opens the database in a directory. */
    public static HoltDb open(Path path, HoltOptions options) {
        return open(IoEngines.open(options.ioEngine()), path, options, WalConfig.DEFAULT_SEGMENT_BYTES);
    }

    /**
     * As {@link #open(Path, HoltOptions)}, through an engine that the database closes.
     *
     * @param segmentBytes size of the log's segments
     */
    public static HoltDb open(IoEngine io, Path path, HoltOptions options, long segmentBytes) {
        StoredPersistence files = options.readOnly()
                ? ReadPersistence.open(io, path)
                : FilePersistence.open(io, path, options, segmentBytes);
        ManifestState state = files.state();
        return assemble(files, options, Function.identity(), state.epoch(), state.trees(), state.nextTreeId());
    }

    /**
     * Opens a new database whose trees have no frames yet, to be filled with those of an image.
     *
     * @param frames where they are until then, made of where they will be
     */
    static Engine openToFill(
            Path path, HoltOptions options, ImageCatalog catalog, Function<FrameLoader, FrameLoader> frames) {
        IoEngine io = IoEngines.open(options.ioEngine());
        FilePersistence files = FilePersistence.create(io, path, options);
        return assemble(files, options, frames, catalog.epoch(), catalog.trees(), catalog.nextTreeId());
    }

    private static Engine assemble(
            StoredPersistence files,
            HoltOptions options,
            Function<FrameLoader, FrameLoader> frames,
            long epoch,
            Map<String, TreeEntry> trees,
            int nextTreeId) {
        BlobBufPool ownPool = null;
        BufferManager buffers = null;
        TreeCore core = null;
        try {
            ownPool = options.memory().isPresent() ? null : newPool(options.memoryBytes());
            buffers = new BufferManager(
                    ownPool != null ? ownPool : pool(options.memory().get()), frames.apply(files.frameFile()));
            buffers.adoptBlobIds(files.frameFile().blobIds(), files.state().nextBlobId());
            buffers.dirty().openedAt(files.state().epoch());
            SnapshotRegistry snapshots = new SnapshotRegistry(buffers, new EpochClock(epoch + 1));
            WriterGate gate = new WriterGate();
            core = new TreeCore(buffers, snapshots, gate, RedoLog.NONE);
            TreeCatalog catalog = new TreeCatalog(core, TreeCatalog.states(trees), nextTreeId);
            files.recover(core, buffers, catalog);
            return new Engine(buffers, snapshots, gate, core, catalog, files, ownPool);
        } catch (RuntimeException | Error e) {
            try {
                abandon(files, buffers, core, ownPool);
            } catch (RuntimeException alsoFailed) {
                e.addSuppressed(alsoFailed);
            }
            throw e;
        }
    }

    private static void abandon(StoredPersistence files, BufferManager buffers, TreeCore core, BlobBufPool ownPool) {
        try (Closing closing = new Closing()) {
            if (ownPool != null) {
                closing.add(ownPool);
            }
            closing.add(files);
            if (buffers != null) {
                closing.add(buffers::close);
                closing.add(files::releaseBuffers);
            }
            if (core != null) {
                closing.add(core.drop()::stop);
            }
        }
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
