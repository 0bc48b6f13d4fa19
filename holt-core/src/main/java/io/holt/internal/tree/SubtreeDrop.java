package io.holt.internal.tree;

import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtOrphans;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.sync.HybridLatch;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Frees the frames below what was unhooked, frame by frame, in the background or when slots run out.
 *
 * <p>Invariant: nothing leads to these frames any more, and no writer is on its way into them (they were unhooked on
 * the exclusive side of the gate), so they are still; readers that are on their way fail to validate once a frame is
 * retired.
 */
public final class SubtreeDrop {

    private record Orphan(int blobId, long epoch) {}

    private final TreeCore core;
    private final ConcurrentLinkedQueue<Orphan> orphans = new ConcurrentLinkedQueue<>();
    private final AtomicBoolean running = new AtomicBoolean();
    private volatile Thread runner;

    SubtreeDrop(TreeCore core) {
        this.core = core;
    }

    /** Takes what an unhooked subtree referred to; it is unhooked in this epoch. */
    ArtErase.Orphans collector(long epoch) {
        return new ArtErase.Orphans() {
            @Override
            public void frame(int blobId) {
                orphans.add(new Orphan(blobId, epoch));
            }

            @Override
            public void largeLeaf(long leaf, long header) {
                for (int part : LargeValues.partsOf(leaf, header)) {
                    orphans.add(new Orphan(part, epoch));
                }
            }
        };
    }

    /** Takes a whole tree; gate held exclusively. */
    public void addTree(TreeState tree) {
        tree.drop();
        orphans.add(new Orphan(tree.rootBlobId(), core.snapshots().clock().now()));
    }

    /** Starts freeing in the background if there is something to free. */
    public void start() {
        if (!orphans.isEmpty() && !running.get()) {
            Thread.ofVirtual().name("holt-subtree-drop").start(this::run);
        }
    }

    /** Frees all there is, in the caller's thread; returns at once if another thread is at it. */
    public void run() {
        do {
            if (!running.compareAndSet(false, true)) {
                return;
            }
            runner = Thread.currentThread();
            try {
                Orphan orphan = orphans.poll();
                while (orphan != null) {
                    free(orphan);
                    orphan = orphans.poll();
                }
            } finally {
                runner = null;
                running.set(false);
            }
        } while (!orphans.isEmpty());
    }

    /**
     * Returns when all that was unhooked before the call is freed; at once if this very thread is freeing, and asks for
     * a slot to do so.
     */
    public void drain() {
        int spins = 0;
        while (runner != Thread.currentThread() && (!orphans.isEmpty() || running.get())) {
            run();
            HybridLatch.pause(spins++);
        }
    }

    private void free(Orphan orphan) {
        long frame = core.buffers().address(orphan.blobId());
        if (FrameHeader.kind(frame) == FrameHeader.KIND_TREE) {
            ArtOrphans.collect(frame, collector(orphan.epoch()));
        }
        HybridLatch.lock(frame);
        core.buffers().remove(orphan.blobId());
        core.snapshots().retire(frame, orphan.blobId(), orphan.epoch());
        core.buffers().freeBlobId(orphan.blobId());
    }
}
