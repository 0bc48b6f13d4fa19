package io.holt.flink.snapshot;

import io.holt.api.CheckpointImage.FrameCursor;
import io.holt.api.FrameDigest;
import io.holt.api.Snapshot;
import io.holt.flink.snapshot.IncrementalCheckpointStrategy.Settings;
import java.io.IOException;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.apache.flink.runtime.state.CheckpointStreamFactory;

/**
 * Decides what of each frame a checkpoint writes: nothing, if the base has it as it is; what changed since the base, if
 * that is little; or all of it.
 *
 * <p>Invariants: a frame is whole and at most {@value #MAX_PIECES} pieces, of which the changes have at most half as
 * many bytes as the frame, so a restore reads no more than one and a half times the state; a frame is either all in
 * packs that may be used or written anew.
 */
final class FrameUpload {

    /** Also what fits in a byte of the metadata. */
    static final int MAX_PIECES = 32;

    /** Changes together are at most one n-th of their frame. */
    private static final int CHANGES_DIVISOR = 2;

    private final Settings settings;
    private final Snapshot snapshot;
    private final CheckpointStreamFactory streams;
    private final UploadHistory.Base base;
    private final boolean digested;

    /**
     * @param base what the checkpoint builds on, or null if it is to have all frames of its own
     * @param digested whether later checkpoints may build on this one
     */
    FrameUpload(
            Settings settings,
            Snapshot snapshot,
            CheckpointStreamFactory streams,
            UploadHistory.Base base,
            boolean digested) {
        this.settings = settings;
        this.snapshot = snapshot;
        this.streams = streams;
        this.base = base;
        this.digested = digested;
    }

    /**
     * Writes what has to be written.
     *
     * @param epoch the instant of the snapshot
     * @return where all frames are
     */
    UploadedImage write(PackWriter writer, long epoch) throws IOException {
        Map<Integer, FramePlace> frames = usableFrames();
        BitSet others = snapshot.image(0).blobIds();
        frames.keySet().forEach(others::clear);
        long since = base == null ? 0 : base.image().epoch();
        try (FrameCursor frame = snapshot.image(since).frames(others)) {
            while (frame.next()) {
                write(frame, frames.get(frame.blobId()), writer);
            }
        }
        for (FramePlace written : writer.finish()) {
            frames.put(written.blobId(), written);
        }
        return base == null ? new UploadedImage(epoch, frames) : new UploadedImage(base.image(), epoch, frames);
    }

    /** The frames of the base that need not be written again, if they did not change. */
    private Map<Integer, FramePlace> usableFrames() {
        Map<Integer, FramePlace> frames = new HashMap<>();
        if (base == null) {
            return frames;
        }
        Set<Pack> rewritten = PackGarbage.toRewrite(base.image(), settings.liveShare(), settings.packBytes());
        Set<Pack> unusable = new HashSet<>(base.image().packs());
        unusable.removeIf(pack -> base.packs().contains(pack)
                && !rewritten.contains(pack)
                && streams.couldReuseStateHandle(pack.handle()));
        BitSet blobs = snapshot.image(0).blobIds();
        for (FramePlace frame : base.image().frames()) {
            if (blobs.get(frame.blobId()) && !isInOneOf(unusable, frame)) {
                frames.put(frame.blobId(), base.image().known(frame));
            }
        }
        return frames;
    }

    private static boolean isInOneOf(Set<Pack> packs, FramePlace frame) {
        boolean found = false;
        for (int i = 0; i < frame.pieces().size() && !packs.isEmpty(); i++) {
            found |= packs.contains(frame.pieces().pack(i));
        }
        return found;
    }

    /** @param before where its form at the base is, or null if it is not to be used */
    private void write(FrameCursor frame, FramePlace before, PackWriter writer) throws IOException {
        FrameDigest since = before == null ? null : before.knownDigest();
        FrameDigest digest = digested ? frame.digest(since) : null;
        boolean ofChanges = since != null
                && before.pieces().size() < MAX_PIECES
                && before.changesBytes() + frame.bytesOfChanges(since) <= frame.bytes() / CHANGES_DIVISOR;
        if (ofChanges) {
            writer.writeChanges(frame, before.pieces(), since, digest);
        } else {
            writer.writeWhole(frame, digest);
        }
    }
}
