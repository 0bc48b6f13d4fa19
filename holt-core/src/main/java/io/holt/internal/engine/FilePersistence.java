package io.holt.internal.engine;

import io.holt.api.Durability;
import io.holt.api.Envelope;
import io.holt.api.HoltIoException;
import io.holt.api.HoltOptions;
import io.holt.api.StoreFormatException;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.checkpoint.Checkpointer;
import io.holt.internal.checkpoint.FrameFile;
import io.holt.internal.io.IoEngine;
import io.holt.internal.memory.AlignedBlobBuf;
import io.holt.internal.store.FileBlobStore;
import io.holt.internal.store.Manifest;
import io.holt.internal.store.ManifestEdit;
import io.holt.internal.store.ManifestState;
import io.holt.internal.store.StoreDirectory;
import io.holt.internal.store.TreeEntry;
import io.holt.internal.tree.TreeCore;
import io.holt.internal.tree.TreeState;
import io.holt.internal.wal.WalConfig;
import io.holt.internal.wal.WalEnd;
import io.holt.internal.wal.WalFiles;
import io.holt.internal.wal.WalReader;
import io.holt.internal.wal.WalWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * A database's files: opened in the order lock, manifest, data, log; closed in the opposite one.
 *
 * <p>Invariant I3: between two checkpoints everything acknowledged is in the log, unless the durability is NONE.
 */
final class FilePersistence implements StoredPersistence, Checkpointer.Source {

    private final HoltOptions options;
    private final long segmentBytes;
    private final IoEngine io;
    private final StoreDirectory directory;
    private final Manifest manifest;
    private final FileBlobStore store;
    private final FrameFile frameFile;
    private Checkpointer checkpointer;
    private TreeCatalog catalog;
    private AlignedBlobBuf staging;
    private WalWriter wal;
    private long openedFromLsn;
    private BackgroundCheckpoints background;
    private Map<String, TreeState> frozenTrees = Map.of();
    private int frozenNextTreeId;
    private long frozenLsn;
    private boolean logSwitched;

    private FilePersistence(
            HoltOptions options,
            long segmentBytes,
            IoEngine io,
            StoreDirectory directory,
            Manifest manifest,
            FileBlobStore store) {
        this.options = options;
        this.segmentBytes = segmentBytes;
        this.io = io;
        this.directory = directory;
        this.manifest = manifest;
        this.store = store;
        this.frameFile = new FrameFile(store, directory.files().data().toString(), manifest.state());
    }

    /** Opens or makes the files of a database; nothing stays open if that fails. */
    static FilePersistence open(IoEngine io, Path path, HoltOptions options, long segmentBytes) {
        return open(io, path, options, segmentBytes, false);
    }

    /**
     * Makes the files of a database; nothing stays open if that fails.
     *
     * @throws StoreFormatException if the directory holds a database, or anything else
     */
    static FilePersistence create(IoEngine io, Path path, HoltOptions options) {
        return open(io, path, options, WalConfig.DEFAULT_SEGMENT_BYTES, true);
    }

    private static FilePersistence open(
            IoEngine io, Path path, HoltOptions options, long segmentBytes, boolean mustBeNew) {
        try (Closing closing = new Closing()) {
            closing.add(io);
            StoreDirectory directory = closing.add(StoreDirectory.open(io, path, options.createIfMissing()));
            if (mustBeNew && directory.hasStore()) {
                throw new StoreFormatException(
                        path.toString(), "it holds a database already", "give an empty directory");
            }
            Manifest manifest = closing.add(
                    directory.hasStore()
                            ? Manifest.open(io, directory.files())
                            : Manifest.create(io, directory.files(), UUID.randomUUID()));
            FileBlobStore store = closing.add(FileBlobStore.open(io, directory.files(), manifest.state()));
            FilePersistence files = new FilePersistence(options, segmentBytes, io, directory, manifest, store);
            closing.release();
            return files;
        }
    }

    @Override
    public FrameFile frameFile() {
        return frameFile;
    }

    @Override
    public ManifestState state() {
        return manifest.state();
    }

    /**
     * Applies what the log says, and goes on logging if the durability asks for it.
     *
     * @throws io.holt.api.CorruptLogException if the log is damaged before its end
     */
    @Override
    public void recover(TreeCore core, BufferManager buffers, TreeCatalog trees) {
        this.catalog = trees;
        this.frozenTrees = trees.trees();
        this.frozenNextTreeId = trees.nextTreeId();
        buffers.enableEviction(frameFile, core::fail);
        this.checkpointer = new Checkpointer(core, buffers, store, frameFile, manifest, this);
        ManifestState state = manifest.state();
        Path logs = directory.files().directory();
        openedFromLsn = state.replayLsn();
        WalEnd end = WalEnd.none(openedFromLsn);
        if (state.logged()) {
            try (Replay replay = new Replay(core, trees)) {
                end = WalReader.replay(io, logs, state.storeId(), openedFromLsn, replay);
                replay.settle();
            }
        } else {
            WalFiles.deleteAll(io, logs);
        }
        frozenLsn = end.nextLsn();
        boolean logging = options.durability() != Durability.NONE;
        logSwitched = logging != state.logged();
        if (logging) {
            staging = AlignedBlobBuf.pooledOrPlain(buffers.pool());
            WalConfig config = new WalConfig(
                    state.storeId(), options.durability(), segmentBytes, staging.address(), AlignedBlobBuf.BYTES);
            wal = WalWriter.open(io, logs, config, end);
            WalLog log = new WalLog(core, wal);
            core.logTo(log);
            trees.logTo(log);
        }
        if (logSwitched) {
            checkpointer.run();
            if (!logging) {
                WalFiles.deleteAll(io, logs);
            }
        }
        background = BackgroundCheckpoints.start(options, logging, new BackgroundCheckpoints.Work() {
            @Override
            public int dirtyFrames() {
                return buffers.dirty().changedCount();
            }

            @Override
            public long logBytes() {
                return wal == null ? 0 : wal.bytes();
            }

            @Override
            public void checkpoint() {
                // Writers that go on copy frames before they change them: not into memory that has yet to be found.
                buffers.pool().findPages(buffers.dirty().changedCount());
                checkpointer.run();
            }

            @Override
            public boolean isOver() {
                return core.hasFailed();
            }
        });
    }

    @Override
    public boolean freeze() {
        Map<String, TreeState> trees = catalog.trees();
        // Such as envelopes: nothing but a checkpoint makes the log shorter.
        boolean onlyLogged = wal != null && wal.nextLsn() > frozenLsn && isLong(wal.bytes());
        boolean changed = logSwitched || trees != frozenTrees || onlyLogged;
        frozenTrees = trees;
        frozenNextTreeId = catalog.nextTreeId();
        frozenLsn = wal == null ? frozenLsn : wal.nextLsn();
        return changed;
    }

    private boolean isLong(long logBytes) {
        return options.checkpointLogBytes() > 0 && logBytes > options.checkpointLogBytes();
    }

    @Override
    public void describe(ManifestEdit edit) {
        edit.nextTreeId(frozenNextTreeId).replayFrom(frozenLsn, wal != null);
        Map<String, TreeEntry> before = manifest.state().trees();
        frozenTrees.forEach((name, tree) -> {
            TreeEntry entry = new TreeEntry(tree.treeId(), tree.rootBlobId(), 0);
            if (!entry.equals(before.get(name))) {
                edit.putTree(name, entry);
            }
        });
        before.keySet().stream().filter(name -> !frozenTrees.containsKey(name)).forEach(edit::dropTree);
    }

    @Override
    public void settled() {
        logSwitched = false;
        if (wal != null) {
            wal.truncateBefore(frozenLsn);
        }
    }

    @Override
    public void checkpoint() {
        checkpointer.run();
    }

    @Override
    public void betweenCheckpoints(Runnable work) {
        checkpointer.between(work);
    }

    @Override
    public List<Envelope> envelopes(long afterLsn) {
        // What a checkpoint before the opening holds may be missing from the log: nothing made it durable there.
        return wal == null ? List.of() : WalLog.envelopes(wal, Math.max(afterLsn, openedFromLsn - 1));
    }

    @Override
    public void vacuum() {
        checkpointer.vacuum();
        if (wal != null) {
            wal.releaseSpares();
        }
    }

    @Override
    public void checkpointOnClose(TreeCore core) {
        stopBackground();
        if (!core.hasFailed()) {
            checkpointer.run();
        }
    }

    @Override
    public long fileBytes() {
        return store.fileBytes();
    }

    @Override
    public long checkpoints() {
        return checkpointer.checkpoints();
    }

    @Override
    public long lastCheckpointBytes() {
        return checkpointer.lastBytes();
    }

    @Override
    public long lastCheckpointNanos() {
        return checkpointer.lastNanos();
    }

    @Override
    public long logSyncs() {
        return wal == null ? 0 : wal.syncs();
    }

    @Override
    public String ioEngine() {
        return io.name();
    }

    @Override
    public String ioBuffers() {
        return io.buffers();
    }

    private void stopBackground() {
        if (background != null) {
            background.close();
        }
    }

    @Override
    public void endCheckpoints() {
        stopBackground();
        if (checkpointer != null) {
            checkpointer.end();
        }
    }

    @Override
    public void releaseBuffers() {
        stopBackground();
        if (checkpointer != null) {
            checkpointer.close();
        }
    }

    @Override
    public void close() {
        try (Closing closing = new Closing()) {
            closing.add(io);
            closing.add(directory);
            closing.add(manifest);
            closing.add(store);
            if (staging != null) {
                closing.add(staging);
            }
            if (wal != null) {
                closing.add(wal);
            }
        } catch (HoltIoException e) {
            throw new HoltIoException("closing the database failed, its last safe state is kept: " + e.getMessage(), e);
        }
    }
}
