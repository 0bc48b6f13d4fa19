package io.holt.flink.snapshot;

import io.holt.api.FrameDigest;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/** The frames of one checkpoint: all that the database had at an instant. Immutable. */
public final class UploadedImage {

    private final long epoch;
    private final Map<Integer, FramePlace> frames;
    private final Map<Pack, PackUse> uses = new HashMap<>();
    private final IntFunction<FrameDigest> arrived;

    /**
     * @param epoch the instant, in the database's count
     * @param frames places by blob id; becomes the image's own
     */
    public UploadedImage(long epoch, Map<Integer, FramePlace> frames) {
        this.epoch = epoch;
        this.frames = Collections.unmodifiableMap(frames);
        this.arrived = blobId -> null;
        for (FramePlace frame : frames.values()) {
            count(frame.pieces(), 0, 1);
        }
    }

    /**
     * An image that follows another one, and has many frames in common with it.
     *
     * @param frames places by blob id; becomes the image's own
     */
    UploadedImage(UploadedImage before, long epoch, Map<Integer, FramePlace> frames) {
        this.epoch = epoch;
        this.frames = Collections.unmodifiableMap(frames);
        this.arrived = blobId -> null;
        before.uses.forEach((pack, use) -> uses.put(pack, use.copy()));
        before.frames.forEach((blobId, frame) -> {
            FramePlace now = frames.get(blobId);
            if (now == null || !now.pieces().continues(frame.pieces())) {
                count(frame.pieces(), 0, -1);
            }
        });
        frames.forEach((blobId, frame) -> {
            FramePlace then = before.frames.get(blobId);
            boolean continues = then != null && frame.pieces().continues(then.pieces());
            count(frame.pieces(), continues ? then.pieces().size() : 0, 1);
        });
        uses.values().removeIf(PackUse::isNone);
    }

    private UploadedImage(UploadedImage same, IntFunction<FrameDigest> arrived) {
        this.epoch = same.epoch;
        this.frames = same.frames;
        this.uses.putAll(same.uses);
        this.arrived = arrived;
    }

    /** Adds pieces from one on, or takes them off. */
    private void count(FramePieces pieces, int from, int sign) {
        long frameBytes = (long) sign * pieces.bytes(0);
        for (int i = from; i < pieces.size(); i++) {
            uses.computeIfAbsent(pieces.pack(i), PackUse::new).add((long) sign * pieces.bytes(i), frameBytes);
        }
    }

    /** How much of a pack is in use, and what it costs to do without it. */
    static final class PackUse {
        private final Pack pack;
        private long inUse;
        private long rewritten;

        PackUse(Pack pack) {
            this.pack = pack;
        }

        private void add(long bytes, long frameBytes) {
            inUse += bytes;
            rewritten += frameBytes;
        }

        PackUse copy() {
            PackUse copy = new PackUse(pack);
            copy.add(inUse, rewritten);
            return copy;
        }

        boolean isNone() {
            return rewritten == 0;
        }

        Pack pack() {
            return pack;
        }

        /** Bytes of the pieces that it has. */
        long inUse() {
            return inUse;
        }

        /** Bytes of the frames that have a piece in it. */
        long rewritten() {
            return rewritten;
        }

        long garbage() {
            return Math.max(0, pack.bytes() - inUse);
        }
    }

    /** The same image in a database that was made of its frames, of which something may be known, by blob id. */
    public UploadedImage restored(IntFunction<FrameDigest> digests) {
        Map<Integer, FramePlace> known = new HashMap<>();
        frames.forEach((blobId, frame) -> {
            FrameDigest digest = digests.apply(blobId);
            known.put(blobId, digest == null ? frame : frame.with(digest));
        });
        return new UploadedImage(this, epoch, known);
    }

    /**
     * The same image in a database that takes its frames over while it is used.
     *
     * @param digests answers null for a blob as long as nothing is known
     */
    public UploadedImage arriving(IntFunction<FrameDigest> digests) {
        return new UploadedImage(this, digests);
    }

    /** A frame of this image, with all that is known of it by now. */
    FramePlace known(FramePlace frame) {
        FrameDigest digest = frame.knownDigest() == null ? arrived.apply(frame.blobId()) : null;
        return digest == null ? frame : frame.with(digest);
    }

    public long epoch() {
        return epoch;
    }

    /** Where a blob's frame is, or null if it has none. */
    public FramePlace frame(int blobId) {
        return frames.get(blobId);
    }

    public Collection<FramePlace> frames() {
        return frames.values();
    }

    public Set<Pack> packs() {
        return Collections.unmodifiableSet(uses.keySet());
    }

    /** Of each pack how much is in use. */
    Collection<PackUse> uses() {
        return uses.values();
    }
}
