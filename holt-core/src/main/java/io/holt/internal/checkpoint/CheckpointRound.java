package io.holt.internal.checkpoint;

import io.holt.api.HoltIoException;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.buffer.DirtySet;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.store.BlobBatch;
import io.holt.internal.store.BlobStore;
import io.holt.internal.store.ManifestEdit;
import io.holt.internal.store.ManifestState;
import io.holt.internal.tree.FrameCopy;
import java.util.ArrayList;
import java.util.List;

/**
 * One checkpoint's way to disk: every changed frame, as its snapshot sees it, to a fresh place (I4).
 *
 * <p>Used by one thread, once.
 */
final class CheckpointRound {

    /** Where a blob was written, and where in memory it was copied from, at which version; 0 if it was not there. */
    private record Written(int blobId, int place, long address, long version) {}

    private final BufferManager buffers;
    private final FrameCopy source;
    private final BlobStore store;
    private final FrameFile frames;
    private final SnapshotHandle handle;
    private final DirtySet.Drained changes;
    private final List<Written> written = new ArrayList<>();
    private long bytes;

    /** The last one in the order of blob ids; those that were kept do not count. */
    private int last = -1;

    CheckpointRound(
            BufferManager buffers,
            FrameCopy source,
            BlobStore store,
            FrameFile frames,
            SnapshotHandle handle,
            DirtySet.Drained changes) {
        this.buffers = buffers;
        this.source = source;
        this.store = store;
        this.frames = frames;
        this.handle = handle;
        this.changes = changes;
    }

    long bytes() {
        return bytes;
    }

    /** How many were written. */
    int frames() {
        return written.size();
    }

    /**
     * Writes all changed frames, which are not durable yet. Many are copied to as many parts of the images as there are
     * batches, if there are so many images: one is filled while others are written.
     *
     * @param images each has room for a frame
     * @param batches each for as many frames as there are images
     */
    void write(long[] images, BlobBatch[] batches) {
        int parts = Math.min(batches.length, images.length);
        int part = images.length / parts;
        if (parts == 1 || changes.changed().cardinality() <= images.length / 2) {
            while (fill(images, 0, images.length, batches[0])) {
                store.submit(batches[0]);
            }
            return;
        }
        try (WriteBehind behind = new WriteBehind(store, parts)) {
            try {
                for (int turn = 0; fill(images, turn * part, part, batches[turn]); turn = (turn + 1) % parts) {
                    behind.begin(turn, batches[turn]);
                    behind.await((turn + 1) % parts);
                }
                behind.awaitAll();
            } catch (HoltIoException e) {
                throw behind.worstOf(e);
            }
        }
    }

    /** Copies changed frames that are not written yet; answers whether there were any. */
    private boolean fill(long[] images, int from, int count, BlobBatch batch) {
        batch.clear();
        for (int i = from; i < from + count; i++) {
            int id = next();
            if (id < 0) {
                break;
            }
            source.copy(id, images[i]);
            source.done(id);
            FrameImage.seal(images[i]);
            add(batch, id, images[i]);
        }
        bytes += batch.bytes();
        return batch.frames() > 0;
    }

    /**
     * The next one to write, or -1. First those of which a writer had to keep a copy: its slot is free again then, for
     * the next copy, which so needs no fresh memory.
     */
    private int next() {
        for (int kept = handle.pollKept(); kept >= 0; kept = handle.pollKept()) {
            if (handle.needs(kept)) {
                return kept;
            }
        }
        do {
            last = changes.changed().nextSetBit(last + 1);
        } while (last >= 0 && !handle.needs(last));
        return last;
    }

    private void add(BlobBatch batch, int blobId, long image) {
        int place = store.allocate();
        written.add(new Written(blobId, place, source.address(), source.version()));
        FrameFile.addWrite(batch, place, image);
    }

    /** Says in a manifest record what this checkpoint moved and freed. */
    void describe(ManifestEdit edit) {
        for (Written frame : written) {
            edit.place(frame.blobId(), frame.place());
        }
        changes.freed().stream().filter(frames::has).forEach(edit::removeBlob);
    }

    /** After the manifest is durable: the new places are live, the old ones free. */
    void settle() {
        for (Written frame : written) {
            store.markLive(frame.place());
            free(frame.blobId());
            frames.moved(frame.blobId(), frame.place());
            buffers.checkpointed(frame.blobId(), handle.epoch(), frame.address(), frame.version());
        }
        changes.freed().stream().forEach(blobId -> {
            free(blobId);
            frames.moved(blobId, ManifestState.NO_PLACE);
        });
    }

    private void free(int blobId) {
        if (frames.has(blobId)) {
            store.free(frames.place(blobId));
        }
    }

    /** After a failure before the manifest was touched: the places are free again. */
    void abandon() {
        for (Written frame : written) {
            store.free(frame.place());
        }
    }
}
