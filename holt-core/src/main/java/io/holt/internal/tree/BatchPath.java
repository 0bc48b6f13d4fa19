package io.holt.internal.tree;

import io.holt.api.BatchConflictException;
import io.holt.api.HoltException;
import io.holt.api.MemoryBudgetException;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import io.holt.internal.art.ArtErase;
import io.holt.internal.art.ArtInsert;
import io.holt.internal.art.Signal;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import io.holt.internal.wal.BatchRecord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies one batch: all of it or nothing.
 *
 * <p>A few changes are made in place if that can't fail, see {@link SmallBatch}. All else is done on the exclusive
 * side of the gate, on private copies of the frames it changes, see {@link ShadowFrames}: so a full budget or a failed
 * rename midway has nothing to undo. Either way snapshots and checkpoints see a batch whole or not at all, and it is
 * one record of the log. Used once, by one thread.
 */
public final class BatchPath {

    private static final Logger LOG = LoggerFactory.getLogger(BatchPath.class);
    private static final int[] NO_PARTS = {};

    /** A demand on the state before the batch. */
    public static final class Guard {
        private final TreeState tree;
        private final byte[] key;
        private final boolean prefix;
        private final long expected;

        private Guard(TreeState tree, byte[] key, boolean prefix, long expected) {
            this.tree = tree;
            this.key = key.clone();
            this.prefix = prefix;
            this.expected = expected;
        }

        /** The key has this version, or none, or is absent, as {@link TreeView#version} says it. */
        public static Guard version(TreeState tree, byte[] key, long expected) {
            return new Guard(tree, key, false, expected);
        }

        /** No key starts with these bytes. */
        public static Guard emptyPrefix(TreeState tree, byte[] prefix) {
            return new Guard(tree, prefix, true, TreeView.ABSENT);
        }

        TreeState tree() {
            return tree;
        }

        /** The key, or the prefix; not to be changed. */
        byte[] key() {
            return key;
        }

        boolean isPrefix() {
            return prefix;
        }

        /** Throws if this is not the version that the key has to have. */
        void check(long found) {
            if (found != expected) {
                boolean absence = expected == TreeView.ABSENT;
                throw new BatchConflictException(
                        absence ? BatchConflictException.Kind.NOT_ABSENT : BatchConflictException.Kind.VERSION,
                        tree.name(),
                        key,
                        absence ? "the key is there" : "the version is " + found + " and not " + expected);
            }
        }
    }

    private final TreeCore core;
    private final Map<Integer, TreeState> trees;
    private final ValueSource value = new ValueSource();
    private final List<ShadowFrames.Place> sparse = new ArrayList<>();
    private final List<Integer> orphans = new ArrayList<>();
    private int[] written = NO_PARTS;
    private int[] superseded = NO_PARTS;
    private ShadowFrames frames;
    private SortedLoad sorted;
    private TreeState lastTree;
    private long epoch;

    /** @param trees by number, at least those that the batch names */
    public BatchPath(TreeCore core, Map<Integer, TreeState> trees) {
        this.core = core;
        this.trees = trees;
    }

    /**
     * Applies a batch and logs it. The batch gets its version, unless it has one, as when a log is replayed.
     *
     * @throws BatchConflictException if a guard or a rename finds another state
     * @throws HoltException for any other reason; after all of them, nothing was changed
     */
    public void apply(BatchRecord batch, List<Guard> guards) {
        core.checkNotFailed();
        if (batch.version() != 0) {
            core.versions().replayed(batch.version());
        } else if (batch.needsVersion()) {
            core.versions().prepare(core.gate());
        }
        long lsn = SmallBatch.mayDo(batch) ? applySmall(batch, guards) : SmallBatch.NOT_HERE;
        if (lsn == SmallBatch.NOT_HERE) {
            lsn = applyAlone(batch, guards);
        }
        if (lsn > 0) {
            core.log().await(lsn);
        }
    }

    /** As {@link #apply} of a batch of small puts in one tree, in ascending order; maybe not all, as the load says. */
    public void load(BatchRecord batch, SortedLoad load) {
        sorted = load;
        sorted.takeAll(batch);
        apply(batch, List.of());
    }

    private long applySmall(BatchRecord batch, List<Guard> guards) {
        int stripe = core.gate().enter();
        try {
            trees.values().forEach(TreeState::checkNotDropped);
            SmallBatch small =
                    new SmallBatch(core, trees, core.snapshots().clock().now());
            long lsn = small.apply(batch, guards);
            if (lsn != SmallBatch.NOT_HERE) {
                small.merge();
            }
            return lsn;
        } finally {
            core.gate().exit(stripe);
        }
    }

    private long applyAlone(BatchRecord batch, List<Guard> guards) {
        long lsn;
        core.gate().close();
        try {
            trees.values().forEach(TreeState::checkNotDropped);
            guards.forEach(this::check);
            if (batch.version() == 0 && batch.needsVersion()) {
                core.versions().prepareClosed();
                batch.version(core.versions().next());
            }
            epoch = core.snapshots().clock().now();
            lsn = batch.entries() == 0 ? 0 : applyInGate(batch);
        } finally {
            core.gate().open();
        }
        core.drop().start();
        merge();
        return lsn;
    }

    private void check(Guard guard) {
        if (!guard.prefix) {
            guard.check(TreeAccess.reader(core, guard.tree, null).version(guard.key, 0, guard.key.length));
            return;
        }
        Scan scan = Scan.prefix(guard.key).keysOnly().limit(1);
        try (TreeCursor cursor = new TreeCursor(core, core.present(), guard.tree, scan)) {
            if (cursor.next()) {
                throw new BatchConflictException(
                        BatchConflictException.Kind.PREFIX_NOT_EMPTY,
                        guard.tree.name(),
                        guard.key,
                        "keys start with the prefix");
            }
        }
    }

    private long applyInGate(BatchRecord batch) {
        frames = new ShadowFrames(core, epoch);
        boolean done = false;
        try {
            applyEntries(batch);
            LongSupplier logging = () -> core.log().batch(batch.array(), batch.length());
            long lsn = frames.publish(
                    sorted == null
                            ? logging
                            : () -> batch.withEntriesBefore(sorted.takenTo(), sorted.taken(), logging));
            done = true;
            orphans.forEach(blobId -> core.drop().add(blobId, epoch));
            core.largeValues().free(superseded, epoch);
            return lsn;
        } finally {
            if (!done) {
                frames.abandon();
                core.largeValues().free(written, epoch);
                sparse.clear();
            }
        }
    }

    private void applyEntries(BatchRecord batch) {
        if (sorted != null) {
            if (applySorted(batch)) {
                return;
            }
            sorted.takeAll(batch);
            frames.abandon();
            frames = new ShadowFrames(core, epoch);
        }
        for (int entry = batch.first(); batch.isEntry(entry); entry = batch.next(entry)) {
            apply(batch, entry);
        }
    }

    private boolean applySorted(BatchRecord batch) {
        try {
            TreeState tree = treeOf(batch.treeId(batch.first()));
            return sorted.apply(core, tree, batch, frames, epoch, entry -> apply(batch, entry));
        } catch (MemoryBudgetException e) {
            LOG.debug("whole frames of a sorted load find no room, so it goes record by record", e);
            return false;
        }
    }

    private void apply(BatchRecord batch, int entry) {
        TreeState tree = treeOf(batch.treeId(entry));
        int type = batch.type(entry);
        byte[] bytes = batch.array();
        int key = batch.keyOffset(entry);
        int keyBytes = batch.keyBytes(entry);
        switch (type) {
            case BatchRecord.PUT, BatchRecord.PUT_VERSIONED, BatchRecord.PUT_IF_ABSENT -> {
                if (type == BatchRecord.PUT_IF_ABSENT
                        && Signal.code(frames.find(tree, bytes, key, keyBytes)) == Signal.FOUND) {
                    return;
                }
                value.set(bytes, batch.valueOffset(entry), batch.valueBytes(entry));
                int[] parts = NO_PARTS;
                if (value.bytes() > Leaf.MAX_INLINE_VALUE_BYTES) {
                    parts = core.largeValues().write(tree.treeId(), epoch, value);
                    written = LargeValues.joined(written, parts);
                }
                put(tree, bytes, key, keyBytes, parts, type == BatchRecord.PUT_VERSIONED ? batch.version() : 0);
            }
            case BatchRecord.DELETE -> delete(tree, bytes, key, keyBytes, true);
            case BatchRecord.DELETE_PREFIX -> deletePrefix(tree, batch.copyOfKey(entry));
            case BatchRecord.RENAME ->
                rename(tree, batch.copyOfKey(entry), batch.copyOfValue(entry), batch.force(entry), batch.version());
            default -> {
                assert type == BatchRecord.ENVELOPE : "entry of type " + type;
            }
        }
    }

    private TreeState treeOf(int treeId) {
        if (lastTree == null || lastTree.treeId() != treeId) {
            lastTree = trees.get(treeId);
        }
        return lastTree;
    }

    private void put(TreeState tree, byte[] key, int offset, int bytes, int[] parts, long version) {
        int flags = (parts.length > 0 ? Leaf.LARGE : 0) | (version != 0 ? Leaf.VERSIONED : 0);
        insert(tree, key, offset, bytes, flags, value.bytes(), parts, version);
    }

    /** Writes a record; its value is in {@code value}, or in the parts if there are any. */
    private void insert(
            TreeState tree, byte[] key, int offset, int bytes, int flags, int valueBytes, int[] parts, long version) {
        while (true) {
            long frame = frames.frameFor(tree, key, offset, bytes);
            int[] replaced = NO_PARTS;
            long signal = frames.upsert(key, offset, bytes, flags, valueBytes);
            if (Signal.code(signal) == Signal.LARGE) {
                replaced = LargeValues.partsAt(frame, Signal.payload(signal));
                signal = ArtInsert.put(frame, key, offset, bytes, flags, valueBytes, ArtInsert.REPLACE_LARGE);
            }
            int code = Signal.code(signal);
            if (code == Signal.INSERTED || code == Signal.REPLACED) {
                TreeWriter.writeTail(frame, Signal.payload(signal), value, parts, version);
                superseded = LargeValues.joined(superseded, replaced);
                return;
            }
            if (code == Signal.FULL) {
                frames.makeRoom(tree, key, offset, bytes);
            } else {
                // CROSS: the path goes on in the child frame that the byte belongs to.
                frames.forgetLast();
            }
        }
    }

    private void delete(TreeState tree, byte[] key, int offset, int bytes, boolean withParts) {
        long found = frames.find(tree, key, offset, bytes);
        if (Signal.code(found) != Signal.FOUND) {
            return;
        }
        long frame = frames.lastForWriting();
        if (withParts) {
            superseded = LargeValues.joined(superseded, largePartsOf(frame, found));
        }
        int live = FrameHeader.liveBytes(frame);
        long erased = ArtErase.erase(frame, key, offset, bytes, true);
        assert Signal.code(erased) == Signal.ERASED;
        if (MergePass.isDue(frame, live)) {
            sparse.add(
                    new ShadowFrames.Place(tree, Arrays.copyOfRange(key, offset, offset + bytes), frames.lastBlobId()));
        }
    }

    private void deletePrefix(TreeState tree, byte[] prefix) {
        frames.find(tree, prefix, 0, prefix.length);
        long frame = frames.lastForWriting();
        int live = FrameHeader.liveBytes(frame);
        long signal = ArtErase.erasePrefix(frame, prefix, new ArtErase.Orphans() {
            @Override
            public void frame(int blobId) {
                orphans.add(blobId);
            }

            @Override
            public void largeLeaf(long leaf, long header) {
                superseded = LargeValues.joined(superseded, LargeValues.partsOf(leaf, header));
            }
        });
        if (Signal.code(signal) == Signal.ERASED && MergePass.isDue(frame, live)) {
            sparse.add(new ShadowFrames.Place(tree, prefix, frames.lastBlobId()));
        }
    }

    private void rename(TreeState tree, byte[] from, byte[] to, boolean force, long version) {
        long found = frames.find(tree, from, 0, from.length);
        if (Signal.code(found) != Signal.FOUND) {
            throw new BatchConflictException(
                    BatchConflictException.Kind.SOURCE_MISSING, tree.name(), from, "the key to be renamed is absent");
        }
        if (Arrays.equals(from, to)) {
            return;
        }
        long leaf = leafAt(frames.lastForWriting(), found);
        long header = Memory.getLong(leaf);
        int[] parts = Leaf.isLarge(header) ? LargeValues.partsOf(leaf, header) : NO_PARTS;
        byte[] inline = new byte[parts.length > 0 ? 0 : Leaf.valueBytes(header)];
        Memory.copyToArray(Leaf.value(leaf, header), inline, 0, inline.length);
        if (!force && Signal.code(frames.find(tree, to, 0, to.length)) == Signal.FOUND) {
            throw new BatchConflictException(
                    BatchConflictException.Kind.TARGET_EXISTS, tree.name(), to, "the new key of a rename is there");
        }
        value.set(inline, 0, inline.length);
        insert(tree, to, 0, to.length, Leaf.flags(header), Leaf.valueBytes(header), parts, version);
        delete(tree, from, 0, from.length, false);
    }

    /** Merges frames that the batch left sparse; that changes no record, so it is no part of the batch. */
    private void merge() {
        if (frames == null || (sparse.isEmpty() && frames.outgrown().isEmpty())) {
            return;
        }
        int stripe = core.gate().enter();
        try {
            long now = core.snapshots().clock().now();
            for (ShadowFrames.Place at : frames.outgrown()) {
                if (!at.tree.isDropped()) {
                    new MergePass(core, at.tree).takeInBefore(at.key, 0, at.key.length, at.blobId, now);
                }
            }
            for (ShadowFrames.Place at : sparse) {
                if (!at.tree.isDropped()) {
                    new MergePass(core, at.tree).run(at.key, 0, at.key.length, at.blobId, now);
                }
            }
        } finally {
            core.gate().exit(stripe);
        }
    }

    private static long leafAt(long frame, long found) {
        return frame + ((long) Signal.payload(found) << FrameHeader.UNIT_SHIFT);
    }

    /** Value frames of the record that a walk found, if it has any. */
    private static int[] largePartsOf(long frame, long found) {
        if (Signal.code(found) != Signal.FOUND) {
            return NO_PARTS;
        }
        long leaf = leafAt(frame, found);
        long header = Memory.getLong(leaf);
        return Leaf.isLarge(header) ? LargeValues.partsOf(leaf, header) : NO_PARTS;
    }
}
