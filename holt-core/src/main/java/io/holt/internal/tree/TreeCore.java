package io.holt.internal.tree;

import io.holt.api.HoltClosedException;
import io.holt.api.HoltIoException;
import io.holt.api.ReadOnlyException;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.snapshot.SnapshotRegistry;
import io.holt.internal.sync.WriterGate;
import java.util.BitSet;

/**
 * What all trees of a database share: frames, snapshots, the gate before writers, the log, and work left for later.
 */
public final class TreeCore {

    /** Far beyond what any load needs: reached only if frames refer to what is not there. */
    private static final int MAX_ATTEMPTS = 10_000_000;

    private final BufferManager buffers;
    private volatile HoltIoException failure;
    private volatile boolean readOnly;
    private final SnapshotRegistry snapshots;
    private final WriterGate gate;
    private volatile RedoLog log;
    private final ReadView present;
    private final ReadView presentOfScans;
    private final LargeValues largeValues;
    private final SubtreeDrop drop;
    private final RecordVersions versions;

    public TreeCore(BufferManager buffers, SnapshotRegistry snapshots, WriterGate gate, RedoLog log) {
        this.buffers = buffers;
        this.snapshots = snapshots;
        this.gate = gate;
        this.log = log;
        this.present = new ReadView(buffers, snapshots, null, false);
        this.presentOfScans = new ReadView(buffers, snapshots, null, true);
        this.largeValues = new LargeValues(this);
        this.drop = new SubtreeDrop(this, DropThread.SHARED);
        this.versions = new RecordVersions(snapshots.clock());
        buffers.onPressure(drop::drain);
    }

    public BufferManager buffers() {
        return buffers;
    }

    SnapshotRegistry snapshots() {
        return snapshots;
    }

    public WriterGate gate() {
        return gate;
    }

    RedoLog log() {
        return log;
    }

    ReadView present() {
        return present;
    }

    ReadView presentOfScans() {
        return presentOfScans;
    }

    LargeValues largeValues() {
        return largeValues;
    }

    RecordVersions versions() {
        return versions;
    }

    /** Frames that were unhooked and wait to be freed. */
    public SubtreeDrop drop() {
        return drop;
    }

    /**
     * An optimistic attempt failed: finds out whether there is anything left to try, counts, and lets others go on.
     *
     * @throws HoltClosedException if the database or the snapshot was closed
     * @throws TreeDroppedException if the tree was dropped and the view is the present
     */
    void restart(ReadView view, TreeState tree, int attempt) {
        buffers.checkOpen();
        if (view.isClosed()) {
            throw new HoltClosedException("snapshot");
        }
        if (view.isLive()) {
            tree.checkNotDropped();
        }
        if (attempt > MAX_ATTEMPTS) {
            throw new IllegalStateException("tree \"" + tree.name() + "\" does not settle; this is a bug");
        }
        tree.restarts().increment();
        Retry.pause(attempt);
    }

    /** Starts logging, after what an earlier log said was applied. */
    public void logTo(RedoLog next) {
        this.log = next;
    }

    /** Registers a reader of the present epoch, which ends; gate held exclusively. */
    public SnapshotHandle takeSnapshot(BitSet pending) {
        return snapshots.take(pending);
    }

    /** Frames that are kept for snapshots as they were. */
    public int preImageCount() {
        return snapshots.preImageCount();
    }

    public void closeSnapshot(SnapshotHandle handle) {
        snapshots.close(handle);
    }

    /** From now on writes are refused: what a log said is applied. */
    public void readOnly() {
        readOnly = true;
    }

    /** From now on writes are refused with this cause; the first one counts. */
    public synchronized void fail(HoltIoException cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    public boolean hasFailed() {
        return failure != null;
    }

    /**
     * For everything that would change the database.
     *
     * @throws HoltIoException if an earlier write or sync failed; nothing was changed
     * @throws ReadOnlyException if the database was opened read-only; nothing was changed
     */
    public void checkNotFailed() {
        if (readOnly) {
            throw new ReadOnlyException();
        }
        HoltIoException cause = failure;
        if (cause != null) {
            throw new HoltIoException(
                    "the database refuses writes since a write or sync failed: " + cause.getMessage()
                            + "; nothing was changed; reads go on; open it again to go back to its last safe state",
                    cause);
        }
    }
}
