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
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Files that are only read, beside other readers; what the log says is applied in memory. Nothing is ever written. */
final class ReadPersistence implements StoredPersistence {

    private static final Logger LOG = LoggerFactory.getLogger(ReadPersistence.class);

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
        // Frames that the log changed stay in memory; those that are on disk as they are come and go.
        buffers.enableEviction(new NoSpills(), refusal -> LOG.debug("changed frames stay", refusal));
        if (state.logged()) {
            Path logs = directory.files().directory();
            try (Replay replay = new Replay(core, trees)) {
                WalReader.replay(io, logs, state.storeId(), state.replayLsn(), replay);
                replay.settle();
            }
        }
        core.readOnly();
    }

    /** Where nothing is written. */
    private final class NoSpills implements SpillFile {

        @Override
        public int write(long image) {
            throw new HoltIoException(directory.files().data() + " is open to be read only");
        }

        @Override
        public void read(int place, int blobId, long address) {
            throw new IllegalStateException("nothing was written to place " + place);
        }

        @Override
        public void free(int place) {
            throw new IllegalStateException("nothing was written to place " + place);
        }
    }

    @Override
    public void checkpoint() {
        throw new ReadOnlyException();
    }

    @Override
    public void vacuum() {
        throw new ReadOnlyException();
    }

    @Override
    public List<Envelope> envelopes(long afterLsn) {
        List<Envelope> found = new ArrayList<>();
        if (state.logged()) {
            Path logs = directory.files().directory();
            WalReader.replay(io, logs, state.storeId(), state.replayLsn(), WalLog.envelopesTo(found, afterLsn));
        }
        return found;
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
    public long logSyncs() {
        return 0;
    }

    @Override
    public String ioEngine() {
        return io.name();
    }

    @Override
    public String ioBuffers() {
        return io.buffers();
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
}
