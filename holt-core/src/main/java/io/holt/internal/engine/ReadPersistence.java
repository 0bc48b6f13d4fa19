package io.holt.internal.engine;

import io.holt.api.Envelope;
import io.holt.api.HoltIoException;
import io.holt.api.ReadOnlyException;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.buffer.SpillFile;
import io.holt.internal.checkpoint.FrameFile;
import io.holt.internal.io.IoEngine;
import io.holt.internal.store.FileBlobStore;
import io.holt.internal.store.Manifest;
import io.holt.internal.store.ManifestState;
import io.holt.internal.store.StoreDirectory;
import io.holt.internal.tree.TreeCore;
import io.holt.internal.wal.WalReader;
import io.holt.internal.wal.WalVisitor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Files that are only read, beside other readers; what the log says is applied in memory. Nothing is ever written. */
final class ReadPersistence implements StoredPersistence {

    private final IoEngine io;
    private final StoreDirectory directory;
    private final ManifestState state;
    private final FileBlobStore store;
    private final FrameFile frameFile;

    private ReadPersistence(IoEngine io, StoreDirectory directory, ManifestState state, FileBlobStore store) {
        this.io = io;
        this.directory = directory;
        this.state = state;
        this.store = store;
        this.frameFile = new FrameFile(store, directory.files().data().toString(), state);
    }

    /** Opens the files of a database; nothing stays open if that fails. */
    static ReadPersistence open(IoEngine io, Path path) {
        try (Closing closing = new Closing()) {
            closing.add(io);
            StoreDirectory directory = closing.add(StoreDirectory.openToRead(io, path));
            ManifestState state = Manifest.read(io, directory.files());
            FileBlobStore store = closing.add(FileBlobStore.openToRead(io, directory.files(), state));
            ReadPersistence files = new ReadPersistence(io, directory, state, store);
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
        return state;
    }

    @Override
    public void recover(TreeCore core, BufferManager buffers, TreeCatalog trees) {
        buffers.enableEviction(new CleanFrames(frameFile), failure -> {});
        readLog(new Replay(core, trees));
        core.readOnly();
    }

    private void readLog(WalVisitor visitor) {
        if (state.logged()) {
            WalReader.replay(io, directory.files().directory(), state.storeId(), state.replayLsn(), visitor);
        }
    }

    @Override
    public List<Envelope> envelopes(long afterLsn) {
        List<Envelope> found = new ArrayList<>();
        readLog(WalLog.collector(afterLsn, found));
        return found;
    }

    @Override
    public void checkpoint() {
        throw new ReadOnlyException();
    }

    @Override
    public void checkpointOnClose(TreeCore core) {
        // There is nothing that should last.
    }

    @Override
    public long fileBytes() {
        return store.fileBytes();
    }

    @Override
    public long checkpoints() {
        return 0;
    }

    @Override
    public long lastCheckpointBytes() {
        return 0;
    }

    @Override
    public long lastCheckpointNanos() {
        return 0;
    }

    @Override
    public String ioEngine() {
        return io.name();
    }

    @Override
    public void releaseBuffers() {
        // It has none.
    }

    @Override
    public void close() {
        try (Closing closing = new Closing()) {
            closing.add(io);
            closing.add(directory);
            closing.add(store);
        }
    }

    /** Frames that the log changed stay in memory: there is nowhere to write them. */
    private record CleanFrames(FrameFile frames) implements SpillFile {

        @Override
        public int write(long image) {
            throw new HoltIoException("the database is open for reading only, no frame is written");
        }

        @Override
        public void read(int place, int blobId, long address) {
            frames.read(place, blobId, address);
        }

        @Override
        public void free(int place) {
            throw new IllegalStateException("place " + place + " was never taken; this is a bug");
        }
    }
}
