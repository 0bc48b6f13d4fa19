package io.holt.internal.checkpoint;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.store.BlobBatch;
import io.holt.internal.store.BlobStore;
import io.holt.internal.store.Manifest;
import io.holt.internal.store.ManifestEdit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Moves frames from the end of the data file to free places before it, and gives back the disk space of what is unused.
 * Frames are copied from disk to disk; what is in memory stays where it is.
 *
 * <p>Invariant I4: as in a checkpoint, a copy is durable before the manifest names it, and the manifest is durable
 * before the old place is free. Used by one thread, that has the checkpointer's lock.
 */
final class Vacuum {

    private record Move(int blobId, int from, int to) {}

    private final BlobStore store;
    private final FrameFile frames;
    private final Manifest manifest;
    private final long buffer;
    private final BlobBatch batch = new BlobBatch(1);
    private final List<Move> moves = new ArrayList<>();

    /** @param buffer address of 512 KiB */
    Vacuum(BlobStore store, FrameFile frames, Manifest manifest, long buffer) {
        this.store = store;
        this.frames = frames;
        this.manifest = manifest;
        this.buffer = buffer;
    }

    /** Copies frames to lower places; they are not durable yet, and nothing names them. */
    void copy() {
        List<Integer> highestFirst = frames.blobIds().stream()
                .boxed()
                .sorted(Comparator.comparing(frames::place).reversed())
                .toList();
        for (int blobId : highestFirst) {
            int from = frames.place(blobId);
            int to = store.allocate();
            if (to > from) {
                store.free(to);
                return;
            }
            moves.add(new Move(blobId, from, to));
            frames.read(from, blobId, buffer);
            batch.clear();
            FrameFile.addWrite(batch, to, buffer);
            store.submit(batch);
        }
    }

    boolean hasMoves() {
        return !moves.isEmpty();
    }

    /** After the copies are durable: names them, durably. */
    void publish() {
        ManifestEdit edit = new ManifestEdit();
        moves.forEach(move -> edit.place(move.blobId(), move.to()));
        manifest.publish(edit);
    }

    /** After that: the old places are free. */
    void settle() {
        for (Move move : moves) {
            store.markLive(move.to());
            frames.moved(move.blobId(), move.to());
            store.free(move.from());
        }
    }

    /** After a failure before the manifest was touched. */
    void abandon() {
        moves.forEach(move -> store.free(move.to()));
    }

    /** Gives back the disk space of free places and of the unused pages of all others. */
    void punch() {
        store.reclaimFree(0, Integer.MAX_VALUE);
        frames.blobIds().stream().forEach(blobId -> {
            int place = frames.place(blobId);
            store.readPages(place, 0, 1, buffer);
            FrameImage.verifyHeader(buffer, blobId, "the data file", (long) place * FrameHeader.FRAME_BYTES);
            store.punchGap(place, FrameHeader.innerEndPage(buffer), FrameRecordDescriptor.leafPage(buffer));
        });
    }
}
