package io.holt.internal.tree;

import io.holt.api.HoltException;
import io.holt.api.MemoryBudgetException;
import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtOrphans;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.sync.HybridLatch;
import java.util.Arrays;
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

    /** Blobs that one change unhooked. They count once they are handed over. */
    final class Orphans implements ArtErase.Orphans {
        private final long epoch;

        /** Address of a frame that refers to more of them, or 0. */
        private long detached;

        private int[] blobIds = new int[FIRST_ORPHANS];
        private int count;
        private int freed;

        /** The one that was handed over after it; under the lock of what waits. */
        private Orphans next;

        private Orphans(long epoch) {
            this.epoch = epoch;
        }

        @Override
        public void frame(int blobId) {
            if (count == blobIds.length) {
                blobIds = Arrays.copyOf(blobIds, 2 * count);
            }
            blobIds[count++] = blobId;
        }

        @Override
        public void largeLeaf(long leaf, long header) {
            for (int part : LargeValues.partsOf(leaf, header)) {
                frame(part);
            }
        }

        /**
         * Adds what a frame refers to, and takes over its slot.
         *
         * @param frame whose id leads elsewhere already, and which no snapshot sees; its latch is held from now on
         */
        void detached(long frame) {
            detached = frame;
        }

        /** They are to be freed from now on, and nothing is added to them any more. */
        void handOver() {
            if (count != 0 || detached != 0) {
                append(this);
            }
        }

        private void unfold() {
            if (detached != 0) {
                ArtOrphans.collect(detached, this);
                giveUpDetached();
            }
        }

        private void giveUpDetached() {
            if (detached != 0) {
                core.buffers().release(detached);
                detached = 0;
            }
        }

        private boolean isDone() {
            return freed == count;
        }

        /** Frees the next one; it stays if there is no memory to read it. */
        private void freeNext() {
            int blobId = blobIds[freed++];
            try {
                free(blobId, epoch);
            } catch (MemoryBudgetException e) {
                freed--;
                throw e;
            }
        }
    }

    private static final int FIRST_ORPHANS = 8;

    private final TreeCore core;
    private final DropThread threads;
    private final Object waiting = new Object();

    /** What was handed over and not yet taken. Changed under the lock of {@link #waiting}. */
    private volatile Orphans first;

    /** Under the lock of {@link #waiting}. */
    private Orphans last;

    private final AtomicBoolean running = new AtomicBoolean();
    private volatile Thread runner;
    private volatile boolean isStopped;

    /** The thread to wake. Set once, by {@link DropThread}. */
    volatile Thread starter;

    SubtreeDrop(TreeCore core, DropThread threads) {
        this.core = core;
        this.threads = threads;
    }

    /** To gather what an unhooked subtree referred to; it is unhooked in this epoch. */
    Orphans orphans(long epoch) {
        return new Orphans(epoch);
    }

    /** Takes one frame, or value frame, that nothing leads to from this epoch on. */
    void add(int blobId, long epoch) {
        Orphans one = orphans(epoch);
        one.frame(blobId);
        one.handOver();
    }

    /** Takes a whole tree; gate held exclusively. */
    public void addTree(TreeState tree) {
        tree.drop();
        add(tree.rootBlobId(), core.snapshots().clock().now());
    }

    /**
     * Has it freed in the background, if there is something to free. Whoever unhooked a subtree does so once in a long
     * time, with code that is neither compiled nor in a cache: so it only wakes a thread, which does the rest.
     */
    public void start() {
        if (first != null && !running.get()) {
            threads.wake(this);
        }
    }

    boolean isStopped() {
        return isStopped;
    }

    boolean isWaiting() {
        return first != null;
    }

    private void append(Orphans orphans) {
        synchronized (waiting) {
            if (first == null) {
                first = orphans;
            } else {
                last.next = orphans;
            }
            last = orphans;
        }
    }

    /** The ones that wait longest, or null. */
    private Orphans poll() {
        synchronized (waiting) {
            Orphans orphans = first;
            if (orphans != null) {
                first = orphans.next;
                orphans.next = null;
            }
            return orphans;
        }
    }

    /** Frees all there is; what fails is logged. */
    void runInBackground() {
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
                Orphans orphans = poll();
                while (orphans != null) {
                    freeAll(orphans);
                    orphans = poll();
                }
            } finally {
                runner = null;
                running.set(false);
            }
        } while (isWaiting());
    }

    private void freeAll(Orphans orphans) {
        try {
            orphans.unfold();
            while (!orphans.isDone() && !isStopped) {
                orphans.freeNext();
            }
        } finally {
            if (!orphans.isDone() && !isStopped) {
                append(orphans);
            }
        }
    }

    /**
     * Returns when all that was unhooked before the call is freed; at once if this very thread is freeing, and asks for
     * a slot to do so. Errors as {@link #run}.
     */
    public void drain() {
        int spins = 0;
        while (runner != Thread.currentThread() && (isWaiting() || running.get())) {
            run();
            HybridLatch.pause(spins++);
        }
    }

    /** Forgets what is left to be freed, and returns when no thread is at it: the database is about to close. */
    public void stop() {
        isStopped = true;
        threads.leave(this);
        int spins = 0;
        do {
            Orphans orphans = poll();
            while (orphans != null) {
                orphans.giveUpDetached();
                orphans = poll();
            }
            HybridLatch.pause(spins++);
        } while (running.get() || isWaiting());
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
            if (frame > 0 && core.buffers().tryLatch(blobId, frame, HybridLatch.tryReadVersion(frame))) {
                core.buffers().remove(blobId);
                core.snapshots().retire(frame, blobId, epoch);
                break;
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
            Orphans below = orphans(epoch);
            ArtOrphans.collect(frame, below);
            below.handOver();
        }
        core.buffers().remove(blobId);
        core.snapshots().retire(frame, blobId, epoch);
        core.snapshots().freeBlobId(blobId, epoch);
    }
}
