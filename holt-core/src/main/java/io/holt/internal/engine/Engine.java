package io.holt.internal.engine;

import io.holt.api.DbStats;
import io.holt.api.Envelope;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.api.HoltTree;
import io.holt.api.Snapshot;
import io.holt.api.WriteBatch;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.snapshot.SnapshotRegistry;
import io.holt.internal.sync.WriterGate;
import io.holt.internal.tree.TreeCore;
import io.holt.internal.tree.TreeState;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * One open database: ties trees, snapshots and persistence together, and ends them in the right order.
 *
 * <p>Invariant: after {@code closed} is set no operation begins; close waits for writers through the gate, and readers
 * that are still on their way see frames vanish and find out (I7: on close nothing is left in use).
 */
public final class Engine implements HoltDb {

    private final BufferManager buffers;
    private final SnapshotRegistry snapshots;
    private final WriterGate gate;
    private final TreeCore core;
    private final TreeCatalog catalog;
    private final Persistence persistence;
    private final BlobBufPool ownPool;
    private final Object closing = new Object();
    private volatile ImageFill fill;
    private volatile boolean closed;

    Engine(
            BufferManager buffers,
            SnapshotRegistry snapshots,
            WriterGate gate,
            TreeCore core,
            TreeCatalog catalog,
            Persistence persistence,
            BlobBufPool ownPool) {
        this.buffers = buffers;
        this.snapshots = snapshots;
        this.gate = gate;
        this.core = core;
        this.catalog = catalog;
        this.persistence = persistence;
        this.ownPool = ownPool;
    }

    TreeCore core() {
        return core;
    }

    /** Says who fills the database with the frames of an image; before anybody uses it. */
    void filledBy(ImageFill filling) {
        fill = filling;
    }

    void betweenCheckpoints(Runnable work) {
        persistence.betweenCheckpoints(work);
    }

    void checkOpen() {
        if (closed) {
            throw new HoltClosedException("database");
        }
    }

    @Override
    public HoltTree tree(String name) {
        checkOpen();
        return new LiveTree(this, catalog.openOrCreate(name));
    }

    @Override
    public Set<String> treeNames() {
        checkOpen();
        return new TreeSet<>(catalog.trees().keySet());
    }

    @Override
    public boolean dropTree(String name) {
        checkOpen();
        return catalog.drop(name);
    }

    @Override
    public WriteBatch newBatch() {
        checkOpen();
        return new EngineBatch(this);
    }

    @Override
    public List<Envelope> envelopes(long afterLsn) {
        checkOpen();
        return persistence.envelopes(afterLsn);
    }

    @Override
    public Snapshot snapshot() {
        checkOpen();
        gate.close();
        try {
            checkOpen();
            Map<String, TreeState> trees = catalog.trees();
            return new EngineSnapshot(this, snapshots.take(null), trees, catalog.nextTreeId());
        } finally {
            gate.open();
        }
    }

    void closeSnapshot(SnapshotHandle handle) {
        snapshots.close(handle);
    }

    @Override
    public void checkpoint() {
        checkOpen();
        persistence.checkpoint();
    }

    @Override
    public void vacuum() {
        checkOpen();
        persistence.vacuum();
    }

    @Override
    public DbStats stats() {
        checkOpen();
        BlobBufPool pool = buffers.pool();
        return new DbStats(
                catalog.trees().size(),
                buffers.blobCount(),
                buffers.residentFrames(),
                snapshots.preImageCount(),
                buffers.evictions(),
                buffers.loads(),
                buffers.leasedSlots() * FrameHeader.FRAME_BYTES,
                pool.capacityBytes(),
                persistence.fileBytes(),
                persistence.checkpoints(),
                persistence.lastCheckpointBytes(),
                persistence.lastCheckpointNanos(),
                persistence.logSyncs(),
                snapshots.liveCount(),
                snapshots.clock().now(),
                persistence.ioEngine(),
                persistence.ioBuffers());
    }

    @Override
    public long framesChangedSince(long sinceEpoch) {
        checkOpen();
        return sinceEpoch == 0 ? buffers.blobCount() : buffers.dirty().changedAfter(sinceEpoch, buffers.blobIds());
    }

    @Override
    public boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        synchronized (closing) {
            if (closed) {
                return;
            }
            try {
                if (fill != null) {
                    fill.finish();
                }
                persistence.checkpointOnClose(core);
            } finally {
                release();
            }
        }
    }

    @Override
    public void discard() {
        synchronized (closing) {
            if (!closed) {
                release();
            }
        }
    }

    private void release() {
        closed = true;
        try {
            // Without the gate, which the last checkpoint may need.
            persistence.endCheckpoints();
        } finally {
            releaseAll();
        }
    }

    private void releaseAll() {
        // One failure does not spare the rest; the last one added goes first.
        try (Closing rest = new Closing()) {
            if (ownPool != null) {
                rest.add(ownPool);
            }
            rest.add(persistence::close);
            gate.close();
            rest.add(gate::open);
            rest.add(buffers::close);
            rest.add(persistence::releaseBuffers);
            rest.add(snapshots::closeAll);
            rest.add(core.drop()::stop);
            if (fill != null) {
                rest.add(fill::stop);
            }
        }
    }
}
