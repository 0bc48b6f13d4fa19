package io.holt.internal.tree;

import io.holt.internal.art.ArtCompact;
import io.holt.internal.art.ArtHang;
import io.holt.internal.art.ArtInsert;
import io.holt.internal.art.ArtLift;
import io.holt.internal.art.ArtLookup;
import io.holt.internal.art.ArtSplit;
import io.holt.internal.art.Finger;
import io.holt.internal.art.Signal;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import io.holt.internal.sync.HybridLatch;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Private copies of frames, changed at leisure and then put in the place of the originals all at once, or thrown away.
 *
 * <p>Invariants: the gate is held exclusively, so nobody else changes a frame; readers see the originals until
 * {@link #publish} holds all their latches, and after that the copies, which are let go of last: so they see all or
 * nothing. Every slot is leased, and everything that can fail is done, before the first original is replaced.
 */
final class ShadowFrames {

    private static final int SPINS_BEFORE_BACKING_OFF = 1000;

    /** A frame's copy; {@code original} is 0 until it is latched, and for a frame that is new. */
    private static final class Shadow {
        final boolean fresh;
        long address;
        long original;
        long originalVersion;

        Shadow(boolean fresh, long address) {
            this.fresh = fresh;
            this.address = address;
        }
    }

    /** A frame, and a key that leads through it. */
    static final class Place {
        final TreeState tree;
        final byte[] key;
        final int blobId;

        Place(TreeState tree, byte[] key, int blobId) {
            this.tree = tree;
            this.key = key;
            this.blobId = blobId;
        }
    }

    private final TreeCore core;
    private final long epoch;
    private final Map<Integer, Shadow> shadows = new HashMap<>();
    private TreeState fingerTree;
    private byte[] fingerKey;
    private int fingerBytes;
    private long fingerFrame;
    private final Finger finger = new Finger();
    private final List<Place> outgrown = new ArrayList<>();
    private int[] path = new int[16];
    private int level;

    ShadowFrames(TreeCore core, long epoch) {
        this.core = core;
        this.epoch = epoch;
    }

    /** Walks to the last frame of a key's path; answers FOUND or ABSENT. */
    long find(TreeState tree, byte[] key, int offset, int bytes) {
        forgetLast();
        level = 0;
        path[0] = tree.rootBlobId();
        while (true) {
            long signal = findIn(path[level], key, offset, bytes);
            if (Signal.code(signal) != Signal.CROSS) {
                return signal;
            }
            descendTo(Signal.payload(signal));
        }
    }

    private void descendTo(int blobId) {
        level++;
        if (level == path.length) {
            path = Arrays.copyOf(path, 2 * level);
        }
        path[level] = blobId;
    }

    private long findIn(int blobId, byte[] key, int offset, int bytes) {
        Shadow shadow = shadows.get(blobId);
        if (shadow != null) {
            return ArtLookup.find(shadow.address, key, offset, bytes);
        }
        ReadView present = core.present();
        for (int attempt = 0; ; attempt++) {
            long frame = present.locate(blobId);
            if (frame != 0) {
                long version = present.version(blobId, frame);
                long signal = ArtLookup.find(frame, key, offset, bytes);
                if (!HybridLatch.isHeld(version)
                        && HybridLatch.validate(frame, version)
                        && present.stillAt(blobId, frame)) {
                    return signal;
                }
            }
            core.buffers().checkOpen();
            Retry.pause(attempt);
        }
    }

    /**
     * As {@link #find} and {@link #lastForWriting}, but without a walk if this key goes where the last one went that
     * was asked for here: so if they share the byte under which the frame hangs, and nothing was asked in between.
     */
    long frameFor(TreeState tree, byte[] key, int offset, int bytes) {
        int shared = fingerBytes;
        if (fingerTree != tree
                || bytes < shared
                || !Arrays.equals(fingerKey, 0, shared, key, offset, offset + shared)) {
            find(tree, key, offset, bytes);
            fingerFrame = lastForWriting();
            fingerTree = tree;
            fingerBytes = level == 0 ? 0 : FrameHeader.rootDepth(fingerFrame) + 1;
            if (fingerBytes > bytes) {
                fingerTree = null;
            } else {
                fingerKey = Arrays.copyOfRange(key, offset, offset + fingerBytes);
            }
        }
        return fingerFrame;
    }

    /** The next {@link #frameFor} and {@link #upsert} walk. */
    void forgetLast() {
        fingerTree = null;
        finger.forget();
    }

    /** As {@link ArtInsert#put} in the frame that {@link #frameFor} has just answered for this key. */
    long upsert(byte[] key, int offset, int bytes, int flags, int valueBytes) {
        long signal = finger.put(fingerFrame, key, offset, bytes, flags, valueBytes);
        if (Signal.code(signal) == Signal.ABSENT) {
            signal = ArtInsert.put(fingerFrame, key, offset, bytes, flags, valueBytes, ArtInsert.UPSERT);
            finger.seek(fingerFrame, key, offset, bytes);
        }
        return signal;
    }

    /** Blob id of the frame where the last walk ended. */
    int lastBlobId() {
        return path[level];
    }

    /** Whether the last walk ended below the root frame. */
    boolean hasParent() {
        return level > 0;
    }

    /** Address of a copy of the frame where the last walk ended. */
    long lastForWriting() {
        return writable(lastBlobId());
    }

    private long writable(int blobId) {
        Shadow shadow = shadows.get(blobId);
        if (shadow == null) {
            long copy = core.buffers().lease("a batch");
            shadow = new Shadow(false, copy);
            shadows.put(blobId, shadow);
            copyPublished(blobId, copy);
        }
        return shadow.address;
    }

    private void copyPublished(int blobId, long copy) {
        ReadView present = core.present();
        for (int attempt = 0; ; attempt++) {
            long frame = present.locate(blobId);
            if (frame != 0) {
                long version = present.version(blobId, frame);
                int header = FrameHeader.BLOB_ID_OFFSET;
                int innerEnd = Math.clamp(FrameHeader.innerEnd(frame), FrameHeader.PAGE_BYTES, FrameHeader.FRAME_BYTES);
                int leafStart = Math.clamp(FrameHeader.leafStart(frame), innerEnd, FrameHeader.FRAME_BYTES);
                Memory.copy(frame + header, copy + header, innerEnd - header);
                Memory.copy(frame + leafStart, copy + leafStart, FrameHeader.FRAME_BYTES - leafStart);
                if (!HybridLatch.isHeld(version)
                        && HybridLatch.validate(frame, version)
                        && present.stillAt(blobId, frame)) {
                    return;
                }
            }
            core.buffers().checkOpen();
            Retry.pause(attempt);
        }
    }

    /** Makes room in the frame where the last walk, along this key, ended; then walk again. */
    void makeRoom(TreeState tree, byte[] key, int offset, int bytes) {
        makeRoom(tree, level, key, offset, bytes);
    }

    private void makeRoom(TreeState tree, int at, byte[] key, int offset, int bytes) {
        forgetLast();
        long frame = writable(path[at]);
        Shadow shadow = shadows.get(path[at]);
        if (FrameSurgery.worthCompacting(frame)) {
            long copy = core.buffers().lease("compacting a frame");
            ArtCompact.copyFrame(frame, copy);
            replace(shadow, copy);
            return;
        }
        ArtSplit split = new ArtSplit();
        split.plan(frame, key, offset, bytes, at > 0);
        if (split.way() == ArtSplit.Way.MOVE_OUT) {
            divide(tree, shadow, split);
            if (split.isAppended()) {
                outgrown.add(new Place(tree, split.firstMoved(), path[at]));
            }
            return;
        }
        long parent = writable(path[at - 1]);
        boolean lift = split.way() == ArtSplit.Way.LIFT;
        if (!(lift ? ArtLift.fits(frame, parent) : ArtSplit.siblingFits(parent))) {
            makeRoom(tree, at - 1, key, offset, bytes);
        } else if (lift) {
            long copy = core.buffers().lease("lifting a node to the parent frame");
            ArtLift.lift(frame, copy, parent, Arrays.copyOfRange(key, offset, offset + FrameHeader.rootDepth(frame)));
            replace(shadow, copy);
        } else {
            int sibling = split.isAppended() ? divideInPlace(tree, shadow, split) : divide(tree, shadow, split);
            split.linkSibling(parent, path[at], sibling);
        }
    }

    private int divide(TreeState tree, Shadow shadow, ArtSplit split) {
        int moves = fresh("splitting a frame");
        long stays = core.buffers().lease("splitting a frame");
        split.divide(shadow.address, stays, address(moves), moves);
        replace(shadow, stays);
        tree.splits().increment();
        return moves;
    }

    private int divideInPlace(TreeState tree, Shadow shadow, ArtSplit split) {
        int moves = fresh("splitting a frame");
        split.divideInPlace(shadow.address, address(moves), moves);
        tree.splits().increment();
        return moves;
    }

    /** Blob id of a fresh frame, whose content is the caller's to write. */
    int fresh(String operation) {
        long frame = core.buffers().lease(operation);
        int blobId = core.buffers().allocateBlobId();
        shadows.put(blobId, new Shadow(true, frame));
        return blobId;
    }

    /** Where the copy of a frame is, or a fresh one. */
    long address(int blobId) {
        return shadows.get(blobId).address;
    }

    /** Hangs a fresh frame in; false if the tree has one of its edges, then nothing was done. */
    boolean hang(TreeState tree, byte[] key, int offset, int bytes, ArtHang hang) {
        forgetLast();
        while (true) {
            path[0] = tree.rootBlobId();
            level = 0;
            long signal = hang.into(writable(path[0]));
            while (Signal.code(signal) == Signal.CROSS) {
                descendTo(Signal.payload(signal));
                signal = hang.into(writable(path[level]));
            }
            if (Signal.code(signal) != Signal.FULL) {
                return Signal.code(signal) == Signal.INSERTED;
            }
            makeRoom(tree, key, offset, bytes);
        }
    }

    private void replace(Shadow shadow, long successor) {
        core.buffers().release(shadow.address);
        shadow.address = successor;
    }

    /** Frames that moved records out because others were appended; what they moved out before may be sparse. */
    List<Place> outgrown() {
        return outgrown;
    }

    /**
     * Puts the copies in the place of the originals.
     *
     * @param logging logs the change and answers its LSN; if it throws, nothing was replaced
     * @return the LSN
     */
    long publish(LongSupplier logging) {
        BufferManager buffers = core.buffers();
        boolean logged = false;
        long lsn;
        try {
            latchOriginals();
            lsn = logging.getAsLong();
            logged = true;
        } finally {
            if (!logged) {
                letGoOfOriginals();
            }
        }
        shadows.forEach((blobId, shadow) -> {
            FrameHeader.epoch(shadow.address, epoch);
            FrameHeader.lsn(shadow.address, lsn);
            buffers.dirty().markChanged(blobId, epoch);
            buffers.install(blobId, shadow.address);
        });
        shadows.forEach((blobId, shadow) -> {
            if (!shadow.fresh) {
                core.snapshots().retire(shadow.original, blobId, epoch);
            }
        });
        shadows.values().forEach(shadow -> BufferManager.unlock(shadow.address));
        shadows.clear();
        return lsn;
    }

    /** Whoever can't have one latch lets go of all: a reader may hold one of them and wait for another. */
    private void latchOriginals() {
        for (int attempt = 0; !tryLatchOriginals(); attempt++) {
            letGoOfOriginals();
            core.buffers().checkOpen();
            Retry.pause(attempt);
        }
    }

    private boolean tryLatchOriginals() {
        for (Map.Entry<Integer, Shadow> entry : shadows.entrySet()) {
            Shadow shadow = entry.getValue();
            if (!shadow.fresh && !tryLatch(entry.getKey(), shadow)) {
                return false;
            }
        }
        return true;
    }

    private boolean tryLatch(int blobId, Shadow shadow) {
        for (int spins = 0; spins < SPINS_BEFORE_BACKING_OFF; spins++) {
            long frame = core.buffers().address(blobId);
            long version = frame == 0 ? 1 : HybridLatch.tryReadVersion(frame);
            if (frame != 0 && core.buffers().tryLatch(blobId, frame, version)) {
                shadow.original = frame;
                shadow.originalVersion = version;
                return true;
            }
            HybridLatch.pause(spins);
        }
        return false;
    }

    private void letGoOfOriginals() {
        for (Shadow shadow : shadows.values()) {
            if (shadow.original != 0) {
                HybridLatch.unlockUnchanged(shadow.original, shadow.originalVersion);
                shadow.original = 0;
            }
        }
    }

    /** Throws the copies away; after {@link #publish} there are none. */
    void abandon() {
        List<Integer> fresh = new ArrayList<>();
        shadows.forEach((blobId, shadow) -> {
            core.buffers().release(shadow.address);
            if (shadow.fresh) {
                fresh.add(blobId);
            }
        });
        shadows.clear();
        fresh.forEach(core.buffers()::freeBlobId);
    }
}
