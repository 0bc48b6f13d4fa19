package io.holt.flink.snapshot;

import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** The frames of one checkpoint: all that the database had at an instant. Immutable. */
public final class UploadedImage {

    private final long epoch;
    private final Map<Integer, FramePlace> frames;
    private final Set<Pack> packs = new HashSet<>();

    /**
     * @param epoch the instant, in the database's count
     * @param frames places by blob id; becomes the image's own
     */
    public UploadedImage(long epoch, Map<Integer, FramePlace> frames) {
        this.epoch = epoch;
        this.frames = Collections.unmodifiableMap(frames);
        for (FramePlace frame : frames.values()) {
            frame.pieces().forEach(piece -> packs.add(piece.pack()));
        }
    }

    public long epoch() {
        return epoch;
    }

    /** Where a blob's frame is, or null if it has none. */
    FramePlace frame(int blobId) {
        return frames.get(blobId);
    }

    public Collection<FramePlace> frames() {
        return frames.values();
    }

    public Set<Pack> packs() {
        return packs;
    }
}
