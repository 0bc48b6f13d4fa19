package io.holt.internal.tree;

import io.holt.api.Cursor;
import io.holt.api.Scan;
import io.holt.api.TreeStats;
import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtFrame;
import io.holt.internal.art.ArtOrphans;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.snapshot.SnapshotHandle;
import java.util.stream.IntStream;

/** Makes trees and what reads, writes, scans and measures them. Threads: any. */
public final class TreeAccess {

    private static final byte[] NO_PATH = {};

    private TreeAccess() {}

    /**
     * Makes the root frame of a new tree; inside the gate.
     *
     * @return its blob id
     * @throws io.holt.api.MemoryBudgetException if there is no slot for it
     */
    public static int newRoot(TreeCore core, int treeId) {
        long frame = core.buffers().lease("the first frame of a tree");
        int blobId = core.buffers().allocateBlobId();
        long epoch = core.snapshots().clock().now();
        ArtFrame.format(frame, blobId, treeId, epoch, NO_PATH, 0);
        core.buffers().dirty().markChanged(blobId, epoch);
        core.buffers().publish(blobId, frame);
        return blobId;
    }

    /** A reader of the present, or of a snapshot unless {@code handle} is null. */
    public static TreeReader reader(TreeCore core, TreeState tree, SnapshotHandle handle) {
        ReadView view = handle == null ? core.present() : new ReadView(core.buffers(), core.snapshots(), handle, false);
        return new TreeReader(core, view, scanView(core, handle), tree);
    }

    public static TreeWriter writer(TreeCore core, TreeState tree) {
        return new TreeWriter(core, tree);
    }

    /** A cursor over the present, or over a snapshot unless {@code handle} is null. */
    public static Cursor cursor(TreeCore core, TreeState tree, SnapshotHandle handle, Scan scan) {
        return new TreeCursor(core, scanView(core, handle), tree, scan);
    }

    public static TreeStats stats(TreeCore core, TreeState tree) {
        return new TreeWalk(core, tree).measure();
    }

    static ReadView scanView(TreeCore core, SnapshotHandle handle) {
        return handle == null ? core.presentOfScans() : new ReadView(core.buffers(), core.snapshots(), handle, true);
    }

    /** Blob ids that a frame refers to: child frames and parts of large values. Nobody changes it meanwhile. */
    public static int[] references(long frame) {
        if (FrameHeader.kind(frame) != FrameHeader.KIND_TREE) {
            return new int[0];
        }
        IntStream.Builder ids = IntStream.builder();
        ArtOrphans.collect(frame, new ArtErase.Orphans() {
            @Override
            public void frame(int blobId) {
                ids.add(blobId);
            }

            @Override
            public void largeLeaf(long leaf, long header) {
                for (int part : LargeValues.partsOf(leaf, header)) {
                    ids.add(part);
                }
            }
        });
        return ids.build().toArray();
    }
}
