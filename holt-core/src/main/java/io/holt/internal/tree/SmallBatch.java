package io.holt.internal.tree;

import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtInsert;
import io.holt.internal.art.ArtRoom;
import io.holt.internal.art.Signal;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import io.holt.internal.sync.HybridLatch;
import io.holt.internal.wal.BatchRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Applies a batch of a few changes in place, beside other writers: walks to all keys, takes the latches of all frames
 * from the versions that were walked in, makes sure that nothing can fail any more, logs, changes, lets go of all.
 *
 * <p>What it can't be sure of it leaves to {@link BatchPath}'s copies: a frame that may overflow, large values,
 * anything that involves more than the keys' own frames. No deadlock: a latch is only tried, and all are let go if one
 * is not to be had. Used once, by one thread, inside the gate.
 */
final class SmallBatch {

    static final int MAX_ENTRIES = 64;

    /** In place of an LSN: nothing was changed, and it is not for here. */
    static final long NOT_HERE = -1;

    /** In place of an LSN: nothing was changed, try again. */
    private static final long DISTURBED = -2;

    private static final int ATTEMPTS = 8;
    private static final int[] NO_PARTS = {};

    /** A frame that keys were found in. */
    private static final class Held {
        final long frame;
        final long version;
        final int blobId;
        final TreeState tree;
        long bytesMax;
        boolean erasing;
        boolean latched;
        boolean changed;
        byte[] sparseKey;

        Held(Descent at, TreeState tree) {
            this.frame = at.frame;
            this.version = at.version;
            this.blobId = at.blobId;
            this.tree = tree;
        }
    }

    private final TreeCore core;
    private final Map<Integer, TreeState> trees;
    private final long epoch;
    private final Map<Integer, Held> frames = new HashMap<>();
    private final List<Held> frameOf = new ArrayList<>();
    private final ValueSource value = new ValueSource();

    SmallBatch(TreeCore core, Map<Integer, TreeState> trees, long epoch) {
        this.core = core;
        this.trees = trees;
        this.epoch = epoch;
    }

    /** Whether it is worth a try. */
    static boolean mayDo(BatchRecord batch) {
        if (batch.entries() == 0 || batch.entries() > MAX_ENTRIES) {
            return false;
        }
        for (int entry = batch.first(); batch.isEntry(entry); entry = batch.next(entry)) {
            int type = batch.type(entry);
            if (type == BatchRecord.RENAME
                    || type == BatchRecord.DELETE_PREFIX
                    || batch.valueBytes(entry) > Leaf.MAX_INLINE_VALUE_BYTES) {
                return false;
            }
        }
        return true;
    }

    /** Answers the LSN, or {@link #NOT_HERE}; throws what a guard throws. */
    long apply(BatchRecord batch, List<BatchPath.Guard> guards) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long lsn = attempt(batch, guards);
            if (lsn != DISTURBED) {
                return lsn;
            }
            Retry.pause(attempt);
        }
        return NOT_HERE;
    }

    private long attempt(BatchRecord batch, List<BatchPath.Guard> guards) {
        frames.clear();
        frameOf.clear();
        for (BatchPath.Guard guard : guards) {
            if (guard.isPrefix()) {
                return NOT_HERE;
            }
            Descent at = Scratch.ofThread().descent;
            long found = walk(at, guard.tree(), guard.key(), 0, guard.key().length);
            long version = found == Descent.RESTART ? 0 : RecordVersions.of(at.frame, found);
            if (found == Descent.RESTART || !at.validate(core.present()) || note(at, guard.tree()) == null) {
                return DISTURBED;
            }
            guard.check(version);
        }
        for (int entry = batch.first(); batch.isEntry(entry); entry = batch.next(entry)) {
            long outlook = plan(batch, entry);
            if (outlook != 0) {
                return outlook;
            }
        }
        try {
            if (!latchAll()) {
                return DISTURBED;
            }
            return hasRoom() ? applyLatched(batch) : NOT_HERE;
        } finally {
            letGo();
        }
    }

    private long walk(Descent at, TreeState tree, byte[] key, int offset, int bytes) {
        return at.find(core.present(), tree.rootBlobId(), key, offset, bytes, false);
    }

    /** The frame where a walk ended; null if it has another version than when an earlier walk ended there. */
    private Held note(Descent at, TreeState tree) {
        Held held = frames.computeIfAbsent(at.blobId, id -> new Held(at, tree));
        return held.frame == at.frame && held.version == at.version ? held : null;
    }

    /** Finds out where an entry belongs and what it may take there; 0, DISTURBED or NOT_HERE. */
    private long plan(BatchRecord batch, int entry) {
        int type = batch.type(entry);
        if (type == BatchRecord.ENVELOPE) {
            frameOf.add(null);
            return 0;
        }
        TreeState tree = trees.get(batch.treeId(entry));
        Descent at = Scratch.ofThread().descent;
        byte[] key = batch.array();
        int offset = batch.keyOffset(entry);
        int bytes = batch.keyBytes(entry);
        long found = walk(at, tree, key, offset, bytes);
        if (found == Descent.RESTART) {
            return DISTURBED;
        }
        boolean large = Signal.code(found) == Signal.FOUND && Leaf.isLarge(Memory.getLong(leafAt(at.frame, found)));
        boolean erase = type == BatchRecord.DELETE;
        boolean goesOn = !erase && Signal.code(found) == Signal.ABSENT && ArtRoom.goesOn(at.frame, key, offset, bytes);
        if (!at.validate(core.present())) {
            return DISTURBED;
        }
        Held held = note(at, tree);
        if (held == null) {
            return DISTURBED;
        }
        // What follows an erasure in the same frame could meet another shape than was looked at here.
        if (large || goesOn || (held.erasing && !erase)) {
            return NOT_HERE;
        }
        held.erasing |= erase;
        if (!erase) {
            int flags = type == BatchRecord.PUT_VERSIONED ? Leaf.VERSIONED : 0;
            held.bytesMax += ArtRoom.insertBytesMax(at.frame, bytes, flags, batch.valueBytes(entry));
        }
        frameOf.add(held);
        return 0;
    }

    private boolean latchAll() {
        for (Held held : frames.values()) {
            if (!HybridLatch.tryUpgrade(held.frame, held.version)) {
                return false;
            }
            held.latched = true;
        }
        return true;
    }

    private boolean hasRoom() {
        for (Held held : frames.values()) {
            if (held.bytesMax > FrameHeader.gapBytes(held.frame)) {
                return false;
            }
        }
        return true;
    }

    private long applyLatched(BatchRecord batch) {
        for (Held held : frameOf) {
            if (held != null && !held.changed) {
                held.changed = true;
                core.snapshots().touchForRecord(held.frame, held.blobId, epoch);
            }
        }
        if (batch.needsVersion()) {
            batch.version(core.versions().next());
        }
        long lsn = core.log().batch(batch.array(), batch.length());
        int index = 0;
        for (int entry = batch.first(); batch.isEntry(entry); entry = batch.next(entry)) {
            Held held = frameOf.get(index++);
            if (held != null) {
                FrameHeader.lsn(held.frame, lsn);
                change(batch, entry, held);
            }
        }
        return lsn;
    }

    private void change(BatchRecord batch, int entry, Held held) {
        int type = batch.type(entry);
        byte[] key = batch.array();
        int offset = batch.keyOffset(entry);
        int bytes = batch.keyBytes(entry);
        if (type == BatchRecord.DELETE) {
            int live = FrameHeader.liveBytes(held.frame);
            ArtErase.erase(held.frame, key, offset, bytes, false);
            if (MergePass.isDue(held.frame, live)) {
                held.sparseKey = Arrays.copyOfRange(key, offset, offset + bytes);
            }
            return;
        }
        boolean versioned = type == BatchRecord.PUT_VERSIONED;
        int flags = versioned ? Leaf.VERSIONED : 0;
        int mode = type == BatchRecord.PUT_IF_ABSENT ? ArtInsert.IF_ABSENT : ArtInsert.UPSERT;
        long signal = ArtInsert.put(held.frame, key, offset, bytes, flags, batch.valueBytes(entry), mode);
        switch (Signal.code(signal)) {
            case Signal.INSERTED, Signal.REPLACED -> {
                value.set(key, batch.valueOffset(entry), batch.valueBytes(entry));
                TreeWriter.writeTail(held.frame, Signal.payload(signal), value, NO_PARTS, batch.version());
            }
            case Signal.FOUND -> {
                // Put only if absent.
            }
            default ->
                throw new IllegalStateException("a batch's entry met signal " + Signal.code(signal)
                        + " where all was made sure; this is a bug");
        }
    }

    private void letGo() {
        for (Held held : frames.values()) {
            if (held.latched && held.changed) {
                HybridLatch.unlock(held.frame, held.version);
            } else if (held.latched) {
                HybridLatch.unlockUnchanged(held.frame, held.version);
            }
        }
    }

    /** Merges frames that were left sparse; that changes no record. Inside the gate, after {@link #apply}. */
    void merge() {
        for (Held held : frames.values()) {
            if (held.sparseKey != null) {
                new MergePass(core, held.tree).run(held.sparseKey, 0, held.sparseKey.length, held.blobId, epoch);
            }
        }
    }

    private static long leafAt(long frame, long found) {
        return frame + ((long) Signal.payload(found) << FrameHeader.UNIT_SHIFT);
    }
}
