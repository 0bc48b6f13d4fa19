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
 * moment. What the last frame says holds only if {@link #validate} says so after it was read (I2). Who begins again too
 * often walks latching instead: waits for each frame's latch while holding that of its parent, so that nothing makes it
 * begin again but a frame that went. No deadlock: whoever holds a latch waits for those further down only, and tries
 * all others.
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
    private boolean keepsParent;
    private boolean parentLatched;

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

    /**
     * Walks along a key's path until it is in the frame of one blob; false: begin again, or it is no longer there.
     *
     * @param patient whether to hold the latches of that frame and of its parent then; {@link #letGo} must follow
     */
    boolean findFrame(
            ReadView view, int rootBlobId, byte[] key, int offset, int bytes, int wantedBlobId, boolean patient) {
        boolean entered = start(view, rootBlobId, patient);
        keepParents(patient);
        while (entered && blobId != wantedBlobId) {
            long signal = ArtLookup.find(frame, key, offset, bytes);
            entered = Signal.code(signal) == Signal.CROSS && cross(view, Signal.payload(signal));
        }
        if (!entered) {
            letGo();
        }
        return entered;
    }

    /** Whether what was read in the last frame was all of one version. */
    boolean validate(ReadView view) {
        return latched || (HybridLatch.validate(frame, version) && view.stillAt(blobId, frame) && !view.isClosed());
    }

    /** Lets go of the latches of a latching walk that it holds and nobody took over. */
    void letGo() {
        if (latched) {
            latched = false;
            HybridLatch.unlockUnchanged(frame, version);
        }
        letGoOfParent();
    }

    private void letGoOfParent() {
        if (parentLatched) {
            parentLatched = false;
            HybridLatch.unlockUnchanged(parentFrame, parentVersion);
        }
    }

    /**
     * Takes the last frame's latch if nothing changed since its version was taken, and the frame was the blob's then:
     * the slot may have gone to another blob after its address was looked up and before its version was read. After a
     * latching walk it is held already; from here on the caller gives it back.
     */
    boolean tryUpgrade(BufferManager buffers) {
        if (latched) {
            latched = false;
            return true;
        }
        return buffers.tryLatch(blobId, frame, version);
    }

    /** Takes the parent's latch if nothing changed since its version was taken; as {@link #tryUpgrade}. */
    boolean tryUpgradeParent() {
        return takeOverParent() || HybridLatch.tryUpgrade(parentFrame, parentVersion);
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
        latched = false;
        keepsParent = false;
        parentLatched = false;
        return enterAsWanted(view, rootBlobId);
    }

    /** Whether a latching walk lets go of a frame's latch only when it crosses from a child of it to the next frame. */
    void keepParents(boolean wanted) {
        keepsParent = wanted;
    }

    /** Whether the parent's latch is held by the walk; from here on the caller gives it back. */
    boolean takeOverParent() {
        boolean held = parentLatched;
        parentLatched = false;
        return held;
    }

    /** Goes on in a child frame that this one names; false: begin again. */
    boolean cross(ReadView view, int child) {
        long upper = frame;
        long upperVersion = version;
        int upperBlobId = blobId;
        boolean crossed = false;
        boolean kept = false;
        if (latched) {
            latched = false;
            try {
                crossed = enterAsWanted(view, child);
                kept = crossed && keepsParent;
            } finally {
                letGoOfParent();
                if (!kept) {
                    HybridLatch.unlockUnchanged(upper, upperVersion);
                }
            }
        } else {
            // A child that is not in memory is read in only if the parent really names it.
            crossed = HybridLatch.validate(upper, upperVersion)
                    && enterAsWanted(view, child)
                    && HybridLatch.validate(upper, upperVersion);
            if (!crossed) {
                letGo();
            }
        }
        parentFrame = upper;
        parentVersion = upperVersion;
        parentBlobId = upperBlobId;
        parentLatched = kept;
        hops++;
        return crossed;
    }

    private boolean enterAsWanted(ReadView view, int id) {
        return latching ? enterLatching(view, id) : enter(view, id);
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
     * Enters a frame and latches it, waiting for that; false if there is none. Not a pre-image: nobody changes it, so
     * its version will do, and it may be freed at any moment by whoever closes its last snapshot, who does not wait for
     * latches.
     */
    private boolean enterLatching(ReadView view, int id) {
        for (int spins = 0; !view.isClosed(); spins++) {
            if (enter(view, id)) {
                if (view.isPreImage(id, frame)) {
                    return true;
                }
                if (HybridLatch.tryUpgrade(frame, version)) {
                    if (view.sees(frame) && view.stillAt(id, frame)) {
                        latched = true;
                        return true;
                    }
                    HybridLatch.unlockUnchanged(frame, version);
                }
            } else if (view.locate(id) == 0) {
                return false;
            }
            HybridLatch.pause(spins);
        }
        return false;
    }
}
