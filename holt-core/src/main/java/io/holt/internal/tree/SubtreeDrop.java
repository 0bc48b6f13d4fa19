package io.holt.internal.tree;

import io.holt.api.HoltException;
import io.holt.api.MemoryBudgetException;
import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtOrphans;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.sync.HybridLatch;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Frees the frames below what was unhooked, frame by frame, in the background or when slots run out.
 *
 * <p>Invariant: nothing leads to these frames any more, and no writer is on its way into them (they were unhooked on
 * the exclusive side of the gate), so they are still; readers that are on their way fail to validate once a frame is
 * retired.
 */
public final class SubtreeDrop {

    private static final Logger LOG = LoggerFactory.getLogger(SubtreeDrop.class);

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

    /** Takes one frame, or value frame, that nothing leads to from this epoch on. */
    void add(int blobId, long epoch) {
        orphans.add(new Orphan(blobId, epoch));
    }

    /** Takes a whole tree; gate held exclusively. */
    public void addTree(TreeState tree) {
        tree.drop();
        orphans.add(new Orphan(tree.rootBlobId(), core.snapshots().clock().now()));
    }

    /** Starts freeing in the background if there is something to free. */
    public void start() {
        if (!orphans.isEmpty() && !running.get()) {
            Thread.ofVirtual().name("holt-subtree-drop").start(this::runInBackground);
        }
    }

    private void runInBackground() {
        try {
            run();
        } catch (MemoryBudgetException e) {
            // To free a frame that is not in memory it must be read in. It is tried again with the next one.
            LOG.debug("frames that were unhooked stay until there is memory to read them", e);
        } catch (HoltException e) {
            LOG.warn("a frame that was unhooked, and what was below it, could not be freed: {}", e.getMessage(), e);
        }
    }

    /**
     * Frees all there is, in the caller's thread; returns at once if another thread is at it.
     *
     * @throws MemoryBudgetException if a frame that must be read in finds no slot; it is tried again later
     * @throws io.holt.api.CorruptDataException if a frame is damaged: what was below it takes up space from now on
     */
    public void run() {
        do {
            if (!running.compareAndSet(false, true)) {
                return;
            }
            runner = Thread.currentThread();
            try {
                Orphan orphan = orphans.poll();
                while (orphan != null) {
                    freeOrKeep(orphan);
                    orphan = orphans.poll();
                }
            } finally {
                runner = null;
                running.set(false);
            }
        } while (!orphans.isEmpty());
    }

    private void freeOrKeep(Orphan orphan) {
        try {
            free(orphan.blobId(), orphan.epoch());
        } catch (MemoryBudgetException e) {
            orphans.add(orphan);
            throw e;
        }
    }

    /**
     * Returns when all that was unhooked before the call is freed; at once if this very thread is freeing, and asks for
     * a slot to do so. Errors as {@link #run}.
     */
    public void drain() {
        int spins = 0;
        while (runner != Thread.currentThread() && (!orphans.isEmpty() || running.get())) {
            run();
            HybridLatch.pause(spins++);
        }
    }

    /** Forgets what is left to be freed, and returns when no thread is at it: the database is about to close. */
    public void stop() {
        int spins = 0;
        do {
            orphans.clear();
            HybridLatch.pause(spins++);
        } while (running.get() || !orphans.isEmpty());
    }

    /** Frees one frame that nothing leads to from this epoch on; if it has to be read in and can't be, later. */
    void freeSoon(int blobId, long epoch) {
        if (core.buffers().residentAddress(blobId) > 0) {
            try {
                free(blobId, epoch);
                return;
            } catch (HoltException e) {
                LOG.debug("blob {} left memory before it could be freed", blobId, e);
            }
        }
        add(blobId, epoch);
    }

    /** Frees one frame, in memory or not, that nothing has led to since this epoch, and not what it refers to. */
    public void freeAlone(int blobId, long epoch) {
        for (int attempt = 0; !core.buffers().removeAbsent(blobId); attempt++) {
            long frame = core.buffers().residentAddress(blobId);
            if (frame > 0 && HybridLatch.tryUpgrade(frame, HybridLatch.tryReadVersion(frame))) {
                if (core.buffers().residentAddress(blobId) == frame) {
                    core.buffers().remove(blobId);
                    core.snapshots().retire(frame, blobId, epoch);
                    break;
                }
                BufferManager.unlock(frame);
            }
            HybridLatch.pause(attempt);
        }
        core.snapshots().freeBlobId(blobId, epoch);
    }

    /** Frees one frame that nothing leads to from this epoch on. */
    void free(int blobId, long epoch) {
        if (core.buffers().leadsNowhere(blobId)
                && !core.snapshots().isSeenBefore(blobId, epoch)
                && core.buffers().removeAbsent(blobId)) {
            core.snapshots().freeBlobId(blobId, epoch);
            return;
        }
        long frame = core.buffers().lock(blobId);
        if (frame == 0) {
            throw new IllegalStateException("blob " + blobId + " was to be freed, but there is none; this is a bug");
        }
        if (FrameHeader.kind(frame) == FrameHeader.KIND_TREE) {
            ArtOrphans.collect(frame, collector(epoch));
        }
        core.buffers().remove(blobId);
        core.snapshots().retire(frame, blobId, epoch);
        core.snapshots().freeBlobId(blobId, epoch);
    }
}
