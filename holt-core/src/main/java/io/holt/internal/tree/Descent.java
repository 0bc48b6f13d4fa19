package io.holt.internal.tree;

import io.holt.internal.art.ArtLookup;
import io.holt.internal.art.Signal;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.sync.HybridLatch;

/**
 * One walk from a tree's root frame to the frame where a key's path ends. Latency-critical: made for each operation,
 * small enough that the JIT keeps it in registers.
 *
 * <p>Optimistic: a child's version is taken before the parent's is validated, so parent and child were linked at one
 * moment. What the last frame says holds only if {@link #validate} says so after it was read (I2). A reader that
 * begins again too often walks latching instead.
 */
final class Descent {

    /** In place of a signal: something changed on the way; begin again. */
    static final long RESTART = 0;

    long frame;
    long version;
    int blobId;
    long parentFrame;
    long parentVersion;
    int parentBlobId;
    int hops;
    private boolean latching;
    private boolean latched;

    /**
     * Walks to the last frame of a key's path.
     *
     * @param latching whether to hold the latch of the frame walked in, so that nothing can disturb the walk; then
     *     {@link #letGo} must follow
     * @return that frame's FOUND or ABSENT, or RESTART
     */
    long find(ReadView view, int rootBlobId, byte[] key, int offset, int bytes, boolean latching) {
        if (!latching && view.isLive()) {
            long signal = findResident(view.buffers(), rootBlobId, key, offset, bytes);
            if (signal != RESTART) {
                return signal;
            }
        }
        return findAnywhere(view, rootBlobId, key, offset, bytes, latching);
    }

    /**
     * As {@link #find}, in the present, without latches, while all frames of the path are in memory: then nothing but
     * the last frame is noted here. A frame is the blob's as long as the table says so after its version was validated
     * or its latch was taken.
     */
    private long findResident(BufferManager buffers, int rootBlobId, byte[] key, int offset, int bytes) {
        int id = rootBlobId;
        long at = buffers.residentAddress(id);
        long seen = at > 0 ? HybridLatch.tryReadVersion(at) : 1;
        for (int crossed = 0; !HybridLatch.isHeld(seen); crossed++) {
            buffers.use(at);
            long signal = ArtLookup.find(at, key, offset, bytes);
            int code = Signal.code(signal);
            if (code != Signal.CROSS) {
                frame = at;
                version = seen;
                blobId = id;
                hops = crossed;
                latched = false;
                return code == Signal.TORN ? RESTART : signal;
            }
            int child = Signal.payload(signal);
            long below = buffers.residentAddress(child);
            long belowSeen = below > 0 ? HybridLatch.tryReadVersion(below) : 1;
            if (!HybridLatch.validate(at, seen) || buffers.residentAddress(id) != at) {
                return RESTART;
            }
            id = child;
            at = below;
            seen = belowSeen;
        }
        return RESTART;
    }

    private long findAnywhere(ReadView view, int rootBlobId, byte[] key, int offset, int bytes, boolean latching) {
        if (!start(view, rootBlobId, latching)) {
            return RESTART;
        }
        while (true) {
            long signal = ArtLookup.find(frame, key, offset, bytes);
            int code = Signal.code(signal);
            if (code != Signal.CROSS) {
                return code == Signal.TORN ? RESTART : signal;
            }
            if (!cross(view, Signal.payload(signal))) {
                return RESTART;
            }
        }
    }

    /** Walks along a key's path until it is in the frame of one blob; false: begin again, or it is no longer there. */
    boolean findFrame(ReadView view, int rootBlobId, byte[] key, int offset, int bytes, int wantedBlobId) {
        if (!start(view, rootBlobId, false)) {
            return false;
        }
        while (blobId != wantedBlobId) {
            long signal = ArtLookup.find(frame, key, offset, bytes);
            if (Signal.code(signal) != Signal.CROSS || !cross(view, Signal.payload(signal))) {
                return false;
            }
        }
        return true;
    }

    /** Whether what was read in the last frame was all of one version. */
    boolean validate(ReadView view) {
        return latched || (HybridLatch.validate(frame, version) && view.stillAt(blobId, frame) && !view.isClosed());
    }

    /** Lets go of the latch of a latching walk, if it holds one. */
    void letGo() {
        if (latched) {
            latched = false;
            HybridLatch.unlockUnchanged(frame, version);
        }
    }

    /**
     * Takes the last frame's latch if nothing changed since its version was taken, and the frame was the blob's then:
     * the slot may have gone to another blob after its address was looked up and before its version was read.
     */
    boolean tryUpgrade(BufferManager buffers) {
        if (!HybridLatch.tryUpgrade(frame, version)) {
            return false;
        }
        if (buffers.residentAddress(blobId) == frame) {
            return true;
        }
        HybridLatch.unlockUnchanged(frame, version);
        return false;
    }

    /** Takes the parent's latch if nothing changed since its version was taken. */
    boolean tryUpgradeParent() {
        return HybridLatch.tryUpgrade(parentFrame, parentVersion);
    }

    boolean hasParent() {
        return hops > 0;
    }

    /** Enters the root frame. */
    boolean start(ReadView view, int rootBlobId, boolean withLatches) {
        latching = withLatches;
        hops = 0;
        parentFrame = 0;
        parentBlobId = 0;
        return enter(view, rootBlobId) && (!latching || latch(view));
    }

    /** Goes on in a child frame that this one names; false: begin again. */
    boolean cross(ReadView view, int child) {
        long upper = frame;
        long upperVersion = version;
        int upperBlobId = blobId;
        boolean crossed;
        if (latched) {
            latched = false;
            try {
                crossed = enter(view, child) && latch(view);
            } finally {
                HybridLatch.unlockUnchanged(upper, upperVersion);
            }
        } else {
            // A child that is not in memory is read in only if the parent really names it.
            crossed = HybridLatch.validate(upper, upperVersion)
                    && enter(view, child)
                    && HybridLatch.validate(upper, upperVersion)
                    && (!latching || latch(view));
        }
        parentFrame = upper;
        parentVersion = upperVersion;
        parentBlobId = upperBlobId;
        hops++;
        return crossed;
    }

    private boolean enter(ReadView view, int id) {
        long address = view.locate(id);
        if (address == 0) {
            return false;
        }
        frame = address;
        blobId = id;
        version = view.version(id, address);
        return !HybridLatch.isHeld(version) && view.sees(address) && view.stillAt(id, address);
    }

    /**
     * Latches the frame of a latching walk. Not a pre-image: nobody changes it, so its version will do, and it may be
     * freed at any moment by whoever closes its last snapshot, who does not wait for latches.
     */
    private boolean latch(ReadView view) {
        if (view.isPreImage(blobId, frame)) {
            return true;
        }
        latched = HybridLatch.tryUpgrade(frame, version);
        return latched;
    }
}
