package io.holt.internal.tree;

import io.holt.api.RenameResult;
import io.holt.api.TreeView;
import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtInsert;
import io.holt.internal.art.Lanes;
import io.holt.internal.art.Signal;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import io.holt.internal.sync.HybridLatch;
import io.holt.internal.wal.StoredValue;
import java.lang.foreign.MemorySegment;

/**
 * Changes one tree. Walks optimistically to the last frame of a key's path, upgrades to that frame's latch, changes and
 * logs, lets go; walks latching after it was disturbed {@link Retry#OPTIMISTIC_ATTEMPTS} times. Writers in different
 * frames run in parallel. Threads: any.
 *
 * <p>Invariants: I1; a change is logged under the latch of the frame it changes, so the log has the order of memory; a
 * frame's pre-image is in place before its first change in an epoch (I5). Everything runs on the shared side of the
 * gate, but for prefixes, see {@link PrefixDeletion}.
 * Trees are dropped on the exclusive side too, so each verb asks in the gate whether its tree was: after that the
 * blob ids may be those of another tree.
 */
public final class TreeWriter {

    private static final int[] NO_PARTS = {};

    /** In place of an expected version: whatever state the key is in. */
    private static final long ANY = Long.MIN_VALUE;

    private final TreeCore core;
    private final TreeState tree;
    private final FrameSurgery surgery;
    private final MergePass merges;
    private final PrefixDeletion prefixes;

    TreeWriter(TreeCore core, TreeState tree) {
        this.core = core;
        this.tree = tree;
        this.merges = new MergePass(core, tree);
        this.surgery = new FrameSurgery(core, tree, merges);
        this.prefixes = new PrefixDeletion(core, tree, merges);
    }

    /**
     * Puts a record.
     *
     * @param onlyIfAbsent whether a key that is there is left as it is
     * @return whether the record was written
     */
    public boolean put(
            byte[] key, int offset, int bytes, byte[] value, int valueOffset, int valueBytes, boolean onlyIfAbsent) {
        Scratch scratch = Scratch.ofThread();
        try {
            long expected = onlyIfAbsent ? TreeView.ABSENT : ANY;
            long lsn = put(key, offset, bytes, scratch.value.set(value, valueOffset, valueBytes), expected);
            await(lsn);
            return lsn >= 0;
        } finally {
            scratch.value.clear();
        }
    }

    /** Puts a record whose value is in a segment. */
    public void put(byte[] key, int offset, int bytes, MemorySegment value) {
        Scratch scratch = Scratch.ofThread();
        try {
            await(put(key, offset, bytes, scratch.value.set(value), ANY));
        } finally {
            scratch.value.clear();
        }
    }

    /** Puts the records whose keys are absent; each on its own. The log is waited for once. */
    public int putAllIfAbsent(byte[][] keys, byte[][] values, boolean[] written) {
        Scratch scratch = Scratch.ofThread();
        long lastLsn = 0;
        int count = 0;
        try {
            for (int i = 0; i < keys.length; i++) {
                ValueSource value = scratch.value.set(values[i], 0, values[i].length);
                long lsn = put(keys[i], 0, keys[i].length, value, TreeView.ABSENT);
                written[i] = lsn >= 0;
                count += lsn >= 0 ? 1 : 0;
                lastLsn = Math.max(lastLsn, lsn);
            }
        } finally {
            scratch.value.clear();
            await(lastLsn);
        }
        return count;
    }

    /** Puts records, and deletes those whose value is null; each on its own. The log is waited for once. */
    public void putMany(byte[][] keys, byte[][] values, int count) {
        Scratch scratch = Scratch.ofThread();
        long lastLsn = 0;
        try {
            for (int first = 0; first < count; first += Lanes.LANES) {
                int end = Math.min(count, first + Lanes.LANES);
                if (end - first > 1) {
                    scratch.many().bringNear(core.present(), tree, keys, first, end - first);
                }
                for (int i = first; i < end; i++) {
                    byte[] value = values[i];
                    long lsn = value == null
                            ? remove(keys[i], 0, keys[i].length, ANY, null)
                            : put(keys[i], 0, keys[i].length, scratch.value.set(value, 0, value.length), ANY);
                    lastLsn = Math.max(lastLsn, lsn);
                }
            }
        } finally {
            scratch.value.clear();
            await(lastLsn);
        }
    }

    /** Puts a record with a new version, which it answers. */
    public long putVersioned(byte[] key, byte[] value) {
        return putVersioned(key, value, ANY);
    }

    /** As {@link #putVersioned(byte[], byte[])} if the key has this version; else answers {@code NO_VERSION}. */
    public long compareAndPut(byte[] key, long expected, byte[] value) {
        return putVersioned(key, value, expected);
    }

    private long putVersioned(byte[] key, byte[] value, long expected) {
        core.versions().prepare(core.gate());
        Scratch scratch = Scratch.ofThread();
        try {
            ValueSource source = scratch.value.set(value, 0, value.length).versioned(ValueSource.ASSIGN);
            long lsn = put(key, 0, key.length, source, expected);
            await(lsn);
            return lsn >= 0 ? source.version() : TreeView.NO_VERSION;
        } finally {
            scratch.value.clear();
        }
    }

    /** Puts a record with the version that the log says; nothing is logged meanwhile. */
    public void putReplayed(
            byte[] key, int offset, int bytes, byte[] value, int valueOffset, int valueBytes, long version) {
        core.versions().replayed(version);
        Scratch scratch = Scratch.ofThread();
        try {
            ValueSource source = scratch.value.set(value, valueOffset, valueBytes);
            put(key, offset, bytes, source.versioned(version), ANY);
        } finally {
            scratch.value.clear();
        }
    }

    /** As the other, with a value that is still in the log; version 0 for a record without. */
    public void putReplayed(byte[] key, int bytes, StoredValue value, long version) {
        core.versions().replayed(version);
        Scratch scratch = Scratch.ofThread();
        try {
            put(key, 0, bytes, scratch.value.set(value).versioned(version), ANY);
        } finally {
            scratch.value.clear();
        }
    }

    private void await(long lsn) {
        if (lsn > 0) {
            core.log().await(lsn);
        }
    }

    /** Answers the record's LSN, 0 without a log, or -1 if the key is in another state than expected. */
    private long put(byte[] key, int offset, int bytes, ValueSource value, long expected) {
        core.checkNotFailed();
        int stripe = core.gate().enter();
        long lsn;
        try {
            tree.checkNotDropped();
            long epoch = core.snapshots().clock().now();
            int[] parts = NO_PARTS;
            if (value.bytes() > Leaf.MAX_INLINE_VALUE_BYTES) {
                parts = core.largeValues().write(tree.treeId(), epoch, value);
            }
            try {
                lsn = putInGate(key, offset, bytes, value, parts, expected, epoch);
            } finally {
                if (!value.isLinked()) {
                    core.largeValues().free(parts, epoch);
                }
            }
        } finally {
            core.gate().exit(stripe);
        }
        return lsn;
    }

    private long putInGate(
            byte[] key, int offset, int bytes, ValueSource value, int[] parts, long expected, long epoch) {
        Descent at = Scratch.ofThread().descent;
        for (int attempt = 0; ; attempt++) {
            long found = find(at, key, offset, bytes, attempt);
            boolean torn = found == Descent.RESTART;
            boolean asExpected = !torn && (expected == ANY || RecordVersions.of(at.frame, found) == expected);
            if (!torn && !asExpected && at.validate(core.present())) {
                at.letGo();
                return -1;
            }
            if (!asExpected || !at.tryUpgrade(core.buffers())) {
                at.letGo();
                core.restart(core.present(), tree, attempt);
                continue;
            }
            boolean changed = false;
            long lsn = 0;
            long signal;
            int[] replaced = NO_PARTS;
            boolean sparse = false;
            try {
                core.snapshots().touchForRecord(at.frame, at.blobId, epoch);
                changed = true;
                int live = FrameHeader.liveBytes(at.frame);
                int flags = (parts.length > 0 ? Leaf.LARGE : 0)
                        | (value.version() == ValueSource.UNVERSIONED ? 0 : Leaf.VERSIONED);
                signal = ArtInsert.upsert(at.frame, found, key, offset, bytes, flags, value.bytes());
                if (Signal.code(signal) == Signal.LARGE) {
                    replaced = LargeValues.partsAt(at.frame, Signal.payload(signal));
                    signal = ArtInsert.put(at.frame, key, offset, bytes, flags, value.bytes(), ArtInsert.REPLACE_LARGE);
                }
                int code = Signal.code(signal);
                if (code == Signal.INSERTED || code == Signal.REPLACED) {
                    writeValue(at.frame, Signal.payload(signal), value, parts);
                    value.markLinked();
                    lsn = log(key, offset, bytes, value);
                    FrameHeader.lsn(at.frame, lsn);
                    sparse = MergePass.isDue(at.frame, live);
                }
            } finally {
                letGo(at, changed);
            }
            switch (Signal.code(signal)) {
                case Signal.INSERTED, Signal.REPLACED -> {
                    core.largeValues().free(replaced, epoch);
                    if (sparse) {
                        merges.run(key, offset, bytes, at.blobId, epoch);
                    }
                    return lsn;
                }
                case Signal.FULL -> surgery.makeRoom(key, offset, bytes, at.blobId, epoch, Retry.isPatient(attempt));
                default -> {
                    // CROSS: the path was prolonged into the child frame that the byte belongs to; walk again.
                    assert Signal.code(signal) == Signal.CROSS;
                }
            }
        }
    }

    /** Walks to where the key belongs; latching, if it was disturbed so often that others must wait for once. */
    private long find(Descent at, byte[] key, int offset, int bytes, int attempt) {
        return at.find(core.present(), tree.rootBlobId(), key, offset, bytes, Retry.isPatient(attempt));
    }

    private long log(byte[] key, int offset, int bytes, ValueSource value) {
        return value.version() == ValueSource.UNVERSIONED
                ? core.log().put(tree.treeId(), key, offset, bytes, value)
                : core.log().putVersioned(tree.treeId(), key, offset, bytes, value, value.version());
    }

    /** Removes a key; answers whether it was there. */
    public boolean delete(byte[] key, int offset, int bytes) {
        return delete(key, offset, bytes, ANY);
    }

    /** Removes a key whose record has this version; answers whether it had. */
    public boolean deleteIfVersion(byte[] key, long expected) {
        return expected != TreeView.ABSENT && delete(key, 0, key.length, expected);
    }

    private boolean delete(byte[] key, int offset, int bytes, long expected) {
        long lsn = remove(key, offset, bytes, expected, null);
        await(lsn);
        return lsn >= 0;
    }

    /** Removes a key and answers the value that it had, or null if it was absent. */
    public byte[] getAndDelete(byte[] key) {
        TakenValue taken = Scratch.ofThread().taken;
        try {
            await(remove(key, 0, key.length, ANY, taken));
            return taken.value();
        } finally {
            taken.clear();
        }
    }

    /** Answers the LSN, or -1 if nothing was changed; {@code taken}, if there is one, gets the value. */
    private long remove(byte[] key, int offset, int bytes, long expected, TakenValue taken) {
        core.checkNotFailed();
        int stripe = core.gate().enter();
        try {
            tree.checkNotDropped();
            return deleteInGate(
                    key, offset, bytes, expected, core.snapshots().clock().now(), taken);
        } finally {
            core.gate().exit(stripe);
        }
    }

    private long deleteInGate(byte[] key, int offset, int bytes, long expected, long epoch, TakenValue taken) {
        Descent at = Scratch.ofThread().descent;
        for (int attempt = 0; ; attempt++) {
            long found = find(at, key, offset, bytes, attempt);
            boolean wanted = Signal.code(found) == Signal.FOUND
                    && (expected == ANY || RecordVersions.of(at.frame, found) == expected);
            if (!wanted && found != Descent.RESTART && at.validate(core.present())) {
                at.letGo();
                return -1;
            }
            if (!wanted || !at.tryUpgrade(core.buffers())) {
                at.letGo();
                core.restart(core.present(), tree, attempt);
                continue;
            }
            boolean changed = false;
            long lsn = 0;
            boolean sparse = false;
            int[] replaced = NO_PARTS;
            try {
                int unit = Signal.payload(found);
                long leaf = at.frame + ((long) unit << FrameHeader.UNIT_SHIFT);
                if (taken != null && !taken.take(core, leaf)) {
                    continue;
                }
                core.snapshots().touchForRecord(at.frame, at.blobId, epoch);
                changed = true;
                int live = FrameHeader.liveBytes(at.frame);
                if (Leaf.isLarge(Memory.getLong(leaf))) {
                    replaced = LargeValues.partsAt(at.frame, unit);
                }
                lsn = core.log().delete(tree.treeId(), key, offset, bytes);
                FrameHeader.lsn(at.frame, lsn);
                long signal = ArtErase.erase(at.frame, key, offset, bytes, true);
                assert Signal.code(signal) == Signal.ERASED;
                sparse = MergePass.isDue(at.frame, live);
            } finally {
                letGo(at, changed);
            }
            core.largeValues().free(replaced, epoch);
            if (sparse) {
                merges.run(key, offset, bytes, at.blobId, epoch);
            }
            return lsn;
        }
    }

    /** Removes every key that starts with a prefix; answers whether there was one. */
    public boolean deletePrefix(byte[] prefix) {
        return prefixes.delete(prefix);
    }

    /** As {@link Rename#rename}. */
    public RenameResult rename(byte[] from, byte[] to, boolean force, long replayedVersion) {
        return new Rename(core, tree, surgery, merges).rename(from, to, force, replayedVersion);
    }

    static void letGo(Descent at, boolean changed) {
        if (changed) {
            HybridLatch.unlock(at.frame, at.version);
        } else {
            HybridLatch.unlockUnchanged(at.frame, at.version);
        }
    }

    private void writeValue(long frame, int unit, ValueSource value, int[] parts) {
        if (value.version() == ValueSource.ASSIGN) {
            value.versioned(core.versions().next());
        }
        writeTail(frame, unit, value, parts, value.version());
    }

    /** Writes version and value of a leaf, or the list of its parts; {@code value} says nothing if there are parts. */
    static void writeTail(long frame, int unit, ValueSource value, int[] parts, long version) {
        long leaf = frame + ((long) unit << FrameHeader.UNIT_SHIFT);
        long header = Memory.getLong(leaf);
        if (Leaf.isVersioned(header)) {
            Memory.putLong(Leaf.tail(leaf, header), version);
        }
        long target = Leaf.value(leaf, header);
        if (parts.length == 0) {
            value.copyTo(target, 0, value.bytes());
            return;
        }
        for (int i = 0; i < parts.length; i++) {
            Memory.putInt(target + 4L * i, parts[i]);
        }
    }
}
