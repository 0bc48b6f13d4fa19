package io.holt.internal.tree;

import io.holt.api.RenameResult;
import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtInsert;
import io.holt.internal.art.Signal;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import java.util.Arrays;

/**
 * Gives a record another key, in one step: the latches of both keys' frames are held while the record is copied, the
 * change is logged and the old one is removed. Value frames of a large value stay where they are.
 *
 * <p>No deadlock: a latch is only tried, and both are let go if the second is not to be had. Who is disturbed too often
 * goes to the exclusive side of the gate, where no writer is. Made for each call, small enough that the JIT does away
 * with it.
 */
final class Rename {

    private static final int[] NO_PARTS = {};

    private final TreeCore core;
    private final TreeState tree;
    private final FrameSurgery surgery;
    private final MergePass merges;
    private int[] replaced = NO_PARTS;
    private long lsn;
    private boolean sparse;

    Rename(TreeCore core, TreeState tree, FrameSurgery surgery, MergePass merges) {
        this.core = core;
        this.tree = tree;
        this.surgery = surgery;
        this.merges = merges;
    }

    /**
     * Renames.
     *
     * @param force whether a record of the new key is replaced
     * @param replayedVersion version that a log says; 0 to take the next one for a record that has a version
     */
    RenameResult rename(byte[] from, byte[] to, boolean force, long replayedVersion) {
        core.checkNotFailed();
        core.versions().prepare(core.gate());
        if (replayedVersion > 0) {
            core.versions().replayed(replayedVersion);
        }
        RenameResult result;
        int stripe = core.gate().enter();
        try {
            tree.checkNotDropped();
            result = renameInGate(from, to, force, replayedVersion, Retry.OPTIMISTIC_ATTEMPTS);
        } finally {
            Scratch.ofThread().value.clear();
            core.gate().exit(stripe);
        }
        if (result == null) {
            result = renameAlone(from, to, force, replayedVersion);
        }
        if (lsn > 0) {
            core.log().await(lsn);
        }
        return result;
    }

    private RenameResult renameAlone(byte[] from, byte[] to, boolean force, long replayedVersion) {
        core.gate().close();
        try {
            tree.checkNotDropped();
            core.versions().prepareClosed();
            return renameInGate(from, to, force, replayedVersion, Integer.MAX_VALUE);
        } finally {
            Scratch.ofThread().value.clear();
            core.gate().open();
        }
    }

    /** Answers null if nothing was done in so many attempts. */
    private RenameResult renameInGate(byte[] from, byte[] to, boolean force, long replayedVersion, int attempts) {
        Scratch scratch = Scratch.ofThread();
        Descent source = scratch.descent;
        Descent target = scratch.otherDescent;
        ReadView present = core.present();
        long epoch = core.snapshots().clock().now();
        for (int attempt = 0; attempt < attempts; attempt++) {
            long found = source.find(present, tree.rootBlobId(), from, 0, from.length, false);
            if (Signal.code(found) == Signal.ABSENT && source.validate(present)) {
                return RenameResult.SOURCE_MISSING;
            }
            if (Signal.code(found) == Signal.FOUND && Arrays.equals(from, to) && source.validate(present)) {
                return RenameResult.RENAMED;
            }
            long other = target.find(present, tree.rootBlobId(), to, 0, to.length, false);
            boolean steady = Signal.code(found) == Signal.FOUND && other != Descent.RESTART && latch(source, target);
            if (!steady) {
                core.restart(present, tree, attempt);
                continue;
            }
            if (Signal.code(other) == Signal.FOUND && !force) {
                letGo(source, target, false);
                return RenameResult.TARGET_EXISTS;
            }
            long signal = moveLatched(source, target, from, to, Signal.payload(found), epoch, replayedVersion);
            if (Signal.code(signal) == Signal.FULL) {
                surgery.makeRoom(to, 0, to.length, target.blobId, epoch, false);
                Retry.pause(attempt);
            } else if (Signal.code(signal) != Signal.CROSS) {
                core.largeValues().free(replaced, epoch);
                if (sparse) {
                    merges.run(from, 0, from.length, source.blobId, epoch);
                }
                return RenameResult.RENAMED;
            }
            // CROSS: the new key's path was prolonged into the child frame that it belongs to; walk again.
        }
        return null;
    }

    /** Takes both latches, or none if a frame changed since it was walked in. */
    private boolean latch(Descent source, Descent target) {
        if (source.frame == target.frame) {
            return source.version == target.version && source.tryUpgrade(core.buffers());
        }
        if (!source.tryUpgrade(core.buffers())) {
            return false;
        }
        if (!target.tryUpgrade(core.buffers())) {
            TreeWriter.letGo(source, false);
            return false;
        }
        return true;
    }

    private static void letGo(Descent source, Descent target, boolean changed) {
        if (target.frame != source.frame) {
            TreeWriter.letGo(target, changed);
        }
        TreeWriter.letGo(source, changed);
    }

    /** Answers what inserting the new key answered; lets go of both latches. */
    private long moveLatched(
            Descent source, Descent target, byte[] from, byte[] to, int unit, long epoch, long replayedVersion) {
        boolean changed = false;
        try {
            core.snapshots().touch(source.frame, source.blobId, epoch);
            changed = true;
            core.snapshots().touch(target.frame, target.blobId, epoch);
            long leaf = source.frame + ((long) unit << FrameHeader.UNIT_SHIFT);
            long header = Memory.getLong(leaf);
            int flags = Leaf.flags(header);
            int valueBytes = Leaf.valueBytes(header);
            int[] parts = Leaf.isLarge(header) ? LargeValues.partsOf(leaf, header) : NO_PARTS;
            ValueSource value = copyOut(leaf, header);
            long signal = insert(target.frame, to, flags, valueBytes);
            int code = Signal.code(signal);
            if (code != Signal.INSERTED && code != Signal.REPLACED) {
                return signal;
            }
            long version = 0;
            if (Leaf.isVersioned(header)) {
                version =
                        replayedVersion > 0 ? replayedVersion : core.versions().next();
            }
            TreeWriter.writeTail(target.frame, Signal.payload(signal), value, parts, version);
            int live = FrameHeader.liveBytes(source.frame);
            long erased = ArtErase.erase(source.frame, from, 0, from.length, true);
            assert Signal.code(erased) == Signal.ERASED;
            // Last of all: if it fails, readers must not see both keys.
            lsn = core.log().rename(tree.treeId(), from, to, version);
            FrameHeader.lsn(target.frame, lsn);
            FrameHeader.lsn(source.frame, lsn);
            sparse = MergePass.isDue(source.frame, live);
            return signal;
        } finally {
            letGo(source, target, changed);
        }
    }

    /** The leaf may move or be overwritten while the new one is made. */
    private static ValueSource copyOut(long leaf, long header) {
        Scratch scratch = Scratch.ofThread();
        int bytes = Leaf.isLarge(header) ? 0 : Leaf.valueBytes(header);
        byte[] array = scratch.bytes(bytes);
        Memory.copyToArray(Leaf.value(leaf, header), array, 0, bytes);
        return scratch.value.set(array, 0, bytes);
    }

    private long insert(long frame, byte[] to, int flags, int valueBytes) {
        long signal = ArtInsert.put(frame, to, 0, to.length, flags, valueBytes, ArtInsert.UPSERT);
        if (Signal.code(signal) != Signal.LARGE) {
            return signal;
        }
        int[] old = LargeValues.partsAt(frame, Signal.payload(signal));
        signal = ArtInsert.put(frame, to, 0, to.length, flags, valueBytes, ArtInsert.REPLACE_LARGE);
        if (Signal.code(signal) == Signal.REPLACED) {
            replaced = old;
        }
        return signal;
    }
}
