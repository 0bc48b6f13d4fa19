package io.holt.internal.engine;

import io.holt.internal.tree.BatchPath;
import io.holt.internal.tree.TreeAccess;
import io.holt.internal.tree.TreeCore;
import io.holt.internal.tree.TreeState;
import io.holt.internal.tree.TreeWriter;
import io.holt.internal.wal.BatchRecord;
import io.holt.internal.wal.WalRecord;
import io.holt.internal.wal.WalVisitor;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Applies the records of a log to the trees of the checkpoint that it follows. Nothing is logged meanwhile. */
final class Replay implements WalVisitor {

    private final TreeCore core;
    private final TreeCatalog catalog;
    private final Map<Integer, TreeWriter> writers = new HashMap<>();
    private final Map<Integer, TreeState> trees = new HashMap<>();

    Replay(TreeCore core, TreeCatalog catalog) {
        this.core = core;
        this.catalog = catalog;
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
            case WalRecord.BATCH ->
                new BatchPath(core, trees).apply(new BatchRecord(value, valueOffset, valueBytes), List.of());
            case WalRecord.DELETE_PREFIX ->
                writer(lsn, treeId).deletePrefix(Arrays.copyOfRange(key, keyOffset, keyOffset + keyBytes));
            case WalRecord.CREATE_TREE ->
                know(catalog.restore(new String(key, keyOffset, keyBytes, StandardCharsets.UTF_8), treeId));
            case WalRecord.DROP_TREE -> {
                writer(lsn, treeId);
                writers.remove(treeId);
                catalog.drop(trees.remove(treeId).name());
            }
            default -> throw new IllegalStateException("log record " + lsn + " has type " + type);
        }
    }

    private TreeWriter writer(long lsn, int treeId) {
        TreeWriter writer = writers.get(treeId);
        if (writer == null) {
            throw new IllegalStateException("log record " + lsn + " names tree " + treeId + ", which there is not");
        }
        return writer;
    }
}
