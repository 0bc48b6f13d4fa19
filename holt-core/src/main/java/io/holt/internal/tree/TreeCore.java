package io.holt.internal.tree;

import io.holt.api.HoltClosedException;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.snapshot.SnapshotRegistry;
import io.holt.internal.sync.WriterGate;

/**
 * What all trees of a database share: frames, snapshots, the gate before writers, the log, and work left for later.
 */
public final class TreeCore {

    /** Far beyond what any load needs: reached only if frames refer to what is not there. */
    private static final int MAX_ATTEMPTS = 10_000_000;

    private final BufferManager buffers;
    private final SnapshotRegistry snapshots;
    private final WriterGate gate;
    private final RedoLog log;
    private final ReadView present;
    private final LargeValues largeValues;
    private final SubtreeDrop drop;

    public TreeCore(BufferManager buffers, SnapshotRegistry snapshots, WriterGate gate, RedoLog log) {
        this.buffers = buffers;
        this.snapshots = snapshots;
        this.gate = gate;
        this.log = log;
        this.present = new ReadView(buffers, snapshots, null);
        this.largeValues = new LargeValues(this);
        this.drop = new SubtreeDrop(this);
    }

    BufferManager buffers() {
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

    LargeValues largeValues() {
        return largeValues;
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
}
