package io.holt.internal.checkpoint;

import io.holt.api.HoltClosedException;
import io.holt.api.HoltIoException;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.buffer.DirtySet;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.store.BlobBatch;
import io.holt.internal.store.BlobStore;
import io.holt.internal.store.Manifest;
import io.holt.internal.store.ManifestEdit;
import io.holt.internal.tree.FrameCopy;
import io.holt.internal.tree.TreeCore;
import java.util.Arrays;
import java.util.BitSet;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Memory to disk, in order: snapshot, frames to fresh places, sync, one manifest record, sync; only then is the log cut
 * and are old places free. One implementation for the manual call, the background one and closing.
 *
 * <p>Invariants: I4; after a failed write or sync no checkpoint is attempted again, and {@link TreeCore#fail} makes
 * writers fail too. A file system that is full is no such failure, as long as only fresh places were written.
 * Threads: any, one checkpoint at a time.
 */
public final class Checkpointer {

    private static final int MAX_BUFFERS = 16;

    /** So many frames of the budget, and of each database that shares it, are there for each buffer. */
    private static final int FRAMES_A_BUFFER = 32;

    /** One is filled, one waits, and {@link WriteBehind} writes the others. */
    private static final int BATCHES = 2 + WriteBehind.WRITERS;

    private static final int RECLAIMED_RUNS = 16;

    private final TreeCore core;
    private final BufferManager frames;
    private final BlobStore store;
    private final FrameFile frameFile;
    private final Manifest manifest;
    private final Source source;
    private final long[] buffers;
    private final BlobBatch[] batches;
    private final ReentrantLock lock = new ReentrantLock();
    private final AtomicLong checkpoints = new AtomicLong();
    private boolean registered;
    private boolean ended;
    private boolean released;
    private volatile long lastBytes;
    private volatile long lastNanos;

    /** What a checkpoint needs to know of the rooms above. */
    public interface Source {

        /** With the gate held: notes catalog and log position of this instant; answers whether they changed. */
        boolean freeze();

        /** Adds what was noted to the manifest record. */
        void describe(ManifestEdit edit);

        /** After the record is durable: the log up to the noted position may go. */
        void settled();
    }

    /**
     * Takes the buffers through which frames are written, out of the budget, for as long as it lives. The more
     * databases share the budget already, the fewer: else thirty idle ones would hold all of it.
     *
     * @throws io.holt.api.MemoryBudgetException if there is not even one
     */
    public Checkpointer(
            TreeCore core,
            BufferManager frames,
            BlobStore store,
            FrameFile frameFile,
            Manifest manifest,
            Source source) {
        this.core = core;
        this.frames = frames;
        this.store = store;
        this.frameFile = frameFile;
        this.manifest = manifest;
        this.source = source;
        long share =
                frames.pool().slots() / ((long) FRAMES_A_BUFFER * frames.pool().holders());
        int count = Math.clamp(share, 1, MAX_BUFFERS);
        this.buffers = new long[count];
        leaseBuffers();
        this.batches = new BlobBatch[BATCHES];
        Arrays.setAll(batches, i -> new BlobBatch(count));
    }

    private void leaseBuffers() {
        int leased = 0;
        try {
            for (; leased < buffers.length; leased++) {
                buffers[leased] = frames.lease("a checkpoint's write buffer");
            }
        } finally {
            if (leased < buffers.length) {
                Arrays.stream(buffers, 0, leased).forEach(frames::release);
            }
        }
    }

    /**
     * Makes the present state durable; returns when it is.
     *
     * @throws HoltIoException if a write or sync failed, now or earlier
     */
    public void run() {
        lock.lock();
        try {
            checkNotEnded();
            core.checkNotFailed();
            runLocked();
        } finally {
            lock.unlock();
        }
    }

    private void runLocked() {
        long start = System.nanoTime();
        SnapshotHandle handle;
        DirtySet.Drained changes;
        boolean changed;
        core.drop().drain();
        core.gate().close();
        try {
            // What was unhooked since must not stay in the manifest with nothing leading to it.
            core.drop().drain();
            // Asked again: a writer whose logging failed meanwhile may have left a change half made.
            core.checkNotFailed();
            changed = source.freeze();
            changes = frames.dirty().drain();
            changed |= !changes.changed().isEmpty() || !changes.freed().isEmpty();
            handle = changed ? snapshotOf(changes) : null;
        } finally {
            core.gate().open();
        }
        if (!changed) {
            return;
        }
        try {
            write(handle, changes);
        } finally {
            core.closeSnapshot(handle);
        }
        checkpoints.incrementAndGet();
        lastNanos = System.nanoTime() - start;
    }

    private SnapshotHandle snapshotOf(DirtySet.Drained changes) {
        SnapshotHandle handle = null;
        try {
            handle = core.takeSnapshot((BitSet) changes.changed().clone());
            return handle;
        } finally {
            if (handle == null) {
                frames.dirty().restore(changes);
            }
        }
    }

    private void write(SnapshotHandle handle, DirtySet.Drained changes) {
        CheckpointRound round = null;
        boolean published = false;
        boolean publishing = false;
        boolean syncing = false;
        try {
            round = new CheckpointRound(frames, new FrameCopy(core, handle), store, frameFile, handle, changes);
            registerBuffers();
            round.write(buffers, batches);
            syncing = true;
            store.sync();
            ManifestEdit edit = new ManifestEdit().epoch(handle.epoch()).nextBlobId(frames.nextBlobId());
            source.describe(edit);
            round.describe(edit);
            publishing = true;
            manifest.publish(edit);
            published = true;
        } catch (HoltIoException e) {
            if (e.isOutOfSpace() && !syncing) {
                throw new HoltIoException(
                        "the checkpoint failed, the one before is still whole, and writing goes on: " + e.getMessage()
                                + "; make room and try again",
                        e);
            }
            core.fail(e);
            throw e;
        } finally {
            for (BlobBatch batch : batches) {
                batch.clear();
            }
            if (!published) {
                frames.dirty().restore(changes);
                if (round != null && !publishing) {
                    round.abandon();
                }
            }
        }
        round.settle();
        lastBytes = round.bytes();
        source.settled();
        // The next one may be as large; the file was as long already while this one was written.
        store.reclaimFree(round.frames(), RECLAIMED_RUNS);
    }

    /**
     * Tells the kernel of the buffers that frames are written from. Not of the whole budget: that would take all of its
     * pages at once, and each thread's reads come one by one, which gain nothing. Not before there is something to
     * write: a database that is opened and closed again should not touch memory for it.
     */
    private void registerBuffers() {
        if (!registered) {
            registered = true;
            long[] all = Arrays.copyOf(buffers, buffers.length + 1);
            all[buffers.length] = frames.evictionBuffer();
            store.registerBuffers(all);
        }
    }

    /**
     * Takes a checkpoint, then makes the data file as short as its frames allow. Errors as {@link #run}.
     */
    public void vacuum() {
        lock.lock();
        try {
            checkNotEnded();
            core.checkNotFailed();
            runLocked();
            Vacuum vacuum = new Vacuum(store, frameFile, manifest, buffers[0]);
            move(vacuum);
            vacuum.punch();
        } finally {
            lock.unlock();
        }
    }

    private void move(Vacuum vacuum) {
        boolean publishing = false;
        boolean syncing = false;
        boolean done = false;
        try {
            vacuum.copy();
            if (vacuum.hasMoves()) {
                syncing = true;
                store.sync();
                publishing = true;
                vacuum.publish();
                vacuum.settle();
            }
            done = true;
        } catch (HoltIoException e) {
            if (syncing || !e.isOutOfSpace()) {
                core.fail(e);
            }
            throw e;
        } finally {
            if (!done && !publishing) {
                vacuum.abandon();
            }
        }
    }

    /** Runs something while no checkpoint is taken. */
    public void between(Runnable work) {
        lock.lock();
        try {
            work.run();
        } finally {
            lock.unlock();
        }
    }

    public long checkpoints() {
        return checkpoints.get();
    }

    /** Bytes that the newest checkpoint wrote to the data file. */
    public long lastBytes() {
        return lastBytes;
    }

    public long lastNanos() {
        return lastNanos;
    }

    /** Bytes of the buffers that it holds. */
    public long bufferBytes() {
        return (long) buffers.length * FrameHeader.FRAME_BYTES;
    }

    private void checkNotEnded() {
        if (ended) {
            throw new HoltClosedException("database");
        }
    }

    /**
     * Returns when no checkpoint is under way; none is taken any more. To be called without the gate, which a
     * checkpoint that is waiting for this one's end takes next. Idempotent.
     */
    public void end() {
        lock.lock();
        try {
            ended = true;
        } finally {
            lock.unlock();
        }
    }

    /** Gives the buffers back, after the {@link #end}. Idempotent. */
    public void close() {
        lock.lock();
        try {
            ended = true;
            if (!released) {
                released = true;
                for (long buffer : buffers) {
                    frames.release(buffer);
                }
            }
        } finally {
            lock.unlock();
        }
    }
}
