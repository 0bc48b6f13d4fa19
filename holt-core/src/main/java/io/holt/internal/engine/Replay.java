package io.holt.internal.engine;

import io.holt.api.HoltException;
import io.holt.api.MemoryBudget;
import io.holt.internal.tree.BatchPath;
import io.holt.internal.tree.TreeAccess;
import io.holt.internal.tree.TreeCore;
import io.holt.internal.tree.TreeState;
import io.holt.internal.tree.TreeWriter;
import io.holt.internal.wal.BatchRecord;
import io.holt.internal.wal.StoredValue;
import io.holt.internal.wal.UnfitRecordException;
import io.holt.internal.wal.WalRecord;
import io.holt.internal.wal.WalVisitor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Applies the records of a log to the trees of the checkpoint that it follows. Nothing is logged meanwhile. Puts and
 * deletions, in {@link ReplayLanes}, are applied when {@link #settle} returns; the others at once.
 */
final class Replay implements WalVisitor, AutoCloseable {

    /** Enough for the ranges of the lanes to take several frames each when the keys ascend. */
    private static final int CHUNK_BYTES = 8 * MemoryBudget.FRAME_BYTES;

    private static final int MOST_LANES = 4;

    /** Where there is less memory than this for each lane, they could take from each other the frames they need. */
    private static final int LEAST_SLOTS_A_LANE = 32;

    private final TreeCore core;
    private final TreeCatalog catalog;
    private final Map<Integer, TreeWriter> writers = new HashMap<>();
    private final Map<Integer, TreeState> trees = new HashMap<>();
    private final ReplayLanes lanes;

    Replay(TreeCore core, TreeCatalog catalog) {
        this(core, catalog, laneCount(core.buffers().pool().slots()), CHUNK_BYTES);
    }

    private static int laneCount(int slots) {
        int most = Math.min(MOST_LANES, Runtime.getRuntime().availableProcessors());
        return Math.clamp(slots / LEAST_SLOTS_A_LANE, 1, most);
    }

    Replay(TreeCore core, TreeCatalog catalog, int laneCount, int chunkBytes) {
        this.core = core;
        this.catalog = catalog;
        this.lanes = new ReplayLanes(laneCount, chunkBytes);
        catalog.trees().values().forEach(this::know);
    }

    private void know(TreeState tree) {
        writers.put(tree.treeId(), TreeAccess.writer(core, tree));
        trees.put(tree.treeId(), tree);
    }

    @Override
    public void record(
            long lsn,
            int type,
            int treeId,
            byte[] key,
            int keyOffset,
            int keyBytes,
            byte[] value,
            int valueOffset,
            int valueBytes) {
        if ((type == WalRecord.PUT || type == WalRecord.DELETE)
                && lanes.add(writer(lsn, treeId), type, key, keyOffset, keyBytes, value, valueOffset, valueBytes)) {
            return;
        }
        lanes.settle();
        switch (type) {
            case WalRecord.PUT ->
                writer(lsn, treeId).put(key, keyOffset, keyBytes, value, valueOffset, valueBytes, false);
            case WalRecord.DELETE -> writer(lsn, treeId).delete(key, keyOffset, keyBytes);
            case WalRecord.PUT_VERSIONED -> {
                int bytes = keyBytes - Long.BYTES;
                long version = KeyScratch.longAt(key, keyOffset + bytes);
                writer(lsn, treeId).putReplayed(key, keyOffset, bytes, value, valueOffset, valueBytes, version);
            }
            case WalRecord.RENAME -> {
                byte[] from = Arrays.copyOfRange(key, keyOffset, keyOffset + keyBytes);
                byte[] to = Arrays.copyOfRange(value, valueOffset, valueOffset + valueBytes - Long.BYTES);
                long version = KeyScratch.longAt(value, valueOffset + valueBytes - Long.BYTES);
                writer(lsn, treeId).rename(from, to, true, version);
            }
            case WalRecord.BATCH -> batch(lsn, new BatchRecord(value, valueOffset, valueBytes));
            case WalRecord.DELETE_PREFIX ->
                writer(lsn, treeId).deletePrefix(Arrays.copyOfRange(key, keyOffset, keyOffset + keyBytes));
            case WalRecord.CREATE_TREE ->
                create(lsn, new String(key, keyOffset, keyBytes, StandardCharsets.UTF_8), treeId);
            case WalRecord.DROP_TREE -> {
                writer(lsn, treeId);
                writers.remove(treeId);
                catalog.drop(trees.remove(treeId).name());
            }
            default -> throw new UnfitRecordException("log record " + lsn + " has type " + type);
        }
    }

    /** Goes from the log straight to the frames of its parts, whatever memory its whole would take. */
    @Override
    public void largePut(long lsn, int type, int treeId, byte[] key, int keyBytes, StoredValue value) {
        if (value.bytes() <= CHUNK_BYTES) {
            WalVisitor.super.largePut(lsn, type, treeId, key, keyBytes, value);
            return;
        }
        lanes.settle();
        boolean versioned = type == WalRecord.PUT_VERSIONED;
        int bytes = versioned ? keyBytes - Long.BYTES : keyBytes;
        long version = versioned ? KeyScratch.longAt(key, bytes) : 0;
        writer(lsn, treeId).putReplayed(key, bytes, value, version);
    }

    /**
     * Comes back when every record is applied.
     *
     * @throws HoltException what one of them met with; the trees are then of no use
     */
    void settle() {
        lanes.settle();
    }

    @Override
    public void close() {
        lanes.close();
    }

    private void batch(long lsn, BatchRecord batch) {
        for (int entry = batch.first(); batch.isEntry(entry); entry = batch.next(entry)) {
            if (batch.type(entry) != BatchRecord.ENVELOPE) {
                writer(lsn, batch.treeId(entry));
            }
        }
        new BatchPath(core, trees).apply(batch, List.of());
    }

    private void create(long lsn, String name, int treeId) {
        if (treeId < catalog.nextTreeId()
                || treeId == Integer.MAX_VALUE
                || catalog.trees().containsKey(name)) {
            throw new UnfitRecordException(
                    "log record " + lsn + " makes a tree " + name + " with id " + treeId + ", which there was before");
        }
        know(catalog.restore(name, treeId));
    }

    private TreeWriter writer(long lsn, int treeId) {
        TreeWriter writer = writers.get(treeId);
        if (writer == null) {
            throw new UnfitRecordException("log record " + lsn + " names tree " + treeId + ", which there is not");
        }
        return writer;
    }
}
