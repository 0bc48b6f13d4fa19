package io.holt.internal.tree;

import io.holt.api.TreeStats;
import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtOrphans;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.sync.HybridLatch;
import java.util.ArrayList;
import java.util.List;

/** Walks over all frames of a tree to measure it. Each frame is measured at one moment, not all at the same one. */
final class TreeWalk {

    private static final int ATTEMPTS_PER_FRAME = 1000;

    private final TreeCore core;
    private final TreeState tree;
    private long records;
    private long frames;
    private long valueFrames;
    private long live;
    private long dead;
    private long cached;
    private int depthMax;
    private long depthSum;

    TreeWalk(TreeCore core, TreeState tree) {
        this.core = core;
        this.tree = tree;
    }

    TreeStats measure() {
        visit(tree.rootBlobId(), 1);
        return new TreeStats(
                records,
                frames,
                valueFrames,
                live,
                dead,
                (frames + valueFrames) * FrameHeader.FRAME_BYTES,
                depthMax,
                records == 0 ? 0 : (double) depthSum / records,
                tree.splits().sum(),
                tree.merges().sum(),
                tree.compactions().sum(),
                tree.restarts().sum(),
                cached);
    }

    private void visit(int blobId, int depth) {
        List<Integer> children = new ArrayList<>();
        int[] parts = new int[1];
        long inMemory = core.buffers().residentAddress(blobId) > 0 ? 1 : 0;
        long[] sizes = new long[3];
        if (!measureFrame(blobId, children, parts, sizes)) {
            return;
        }
        frames++;
        cached += inMemory;
        valueFrames += parts[0];
        records += sizes[0];
        live += sizes[1];
        dead += sizes[2];
        depthSum += depth * sizes[0];
        if (sizes[0] > 0) {
            depthMax = Math.max(depthMax, depth);
        }
        for (int child : children) {
            visit(child, depth + 1);
        }
    }

    /** False if the frame went away meanwhile. */
    private boolean measureFrame(int blobId, List<Integer> children, int[] parts, long[] sizes) {
        ReadView view = core.presentOfScans();
        for (int attempt = 0; attempt < ATTEMPTS_PER_FRAME; attempt++) {
            tree.checkNotDropped();
            long frame = view.locate(blobId);
            if (frame == 0) {
                return false;
            }
            // The latch keeps the walk over the nodes from seeing torn ones; others wait for microseconds.
            long version = view.version(blobId, frame);
            if (!core.buffers().tryLatch(blobId, frame, version)) {
                Retry.pause(attempt);
                continue;
            }
            try {
                sizes[0] = FrameHeader.records(frame);
                sizes[1] = FrameHeader.liveBytes(frame);
                sizes[2] = FrameHeader.deadBytes(frame);
                ArtOrphans.collect(frame, new ArtErase.Orphans() {
                    @Override
                    public void frame(int child) {
                        children.add(child);
                    }

                    @Override
                    public void largeLeaf(long leaf, long header) {
                        parts[0] += LargeValues.partsOf(leaf, header).length;
                    }
                });
                tree.checkNotDropped();
                return true;
            } finally {
                HybridLatch.unlockUnchanged(frame, version);
            }
        }
        return false;
    }
}
