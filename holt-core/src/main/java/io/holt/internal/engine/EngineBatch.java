package io.holt.internal.engine;

import io.holt.api.HoltTree;
import io.holt.api.KeyTooLongException;
import io.holt.api.TreeView;
import io.holt.api.WriteBatch;
import io.holt.internal.tree.BatchPath;
import io.holt.internal.tree.TreeState;
import io.holt.internal.wal.BatchRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Collects changes in the form in which they are logged. */
final class EngineBatch implements WriteBatch {

    private static final byte[] NONE = {};

    private final Engine engine;
    private final BatchRecord record = new BatchRecord();
    private final List<BatchPath.Guard> guards = new ArrayList<>();
    private final Map<Integer, TreeState> trees = new HashMap<>();
    private int size;

    EngineBatch(Engine engine) {
        this.engine = engine;
    }

    private TreeState known(HoltTree tree) {
        if (!(Objects.requireNonNull(tree, "tree") instanceof LiveTree live) || !live.isOf(engine)) {
            throw new IllegalArgumentException(
                    "tree \"" + tree.name() + "\" is not one of this batch's database; the batch is as it was");
        }
        trees.put(live.tree.treeId(), live.tree);
        return live.tree;
    }

    private WriteBatch add(int type, boolean force, HoltTree tree, byte[] key, byte[] value) {
        return add(type, force, tree, key, 0, key.length, value, 0, value.length);
    }

    private WriteBatch add(
            int type,
            boolean force,
            HoltTree tree,
            byte[] key,
            int keyOffset,
            int keyBytes,
            byte[] value,
            int valueOffset,
            int valueBytes) {
        LiveTree.checkSizes(keyBytes, valueBytes);
        int treeId = known(tree).treeId();
        record.add(type, force, treeId, key, keyOffset, keyBytes, value, valueOffset, valueBytes);
        size++;
        return this;
    }

    @Override
    public WriteBatch put(HoltTree tree, byte[] key, byte[] value) {
        return add(BatchRecord.PUT, false, tree, key, value);
    }

    @Override
    public WriteBatch put(
            HoltTree tree, byte[] key, int keyOffset, int keyBytes, byte[] value, int valueOffset, int valueBytes) {
        Objects.checkFromIndexSize(keyOffset, keyBytes, key.length);
        Objects.checkFromIndexSize(valueOffset, valueBytes, value.length);
        return add(BatchRecord.PUT, false, tree, key, keyOffset, keyBytes, value, valueOffset, valueBytes);
    }

    @Override
    public WriteBatch putVersioned(HoltTree tree, byte[] key, byte[] value) {
        return add(BatchRecord.PUT_VERSIONED, false, tree, key, value);
    }

    @Override
    public WriteBatch putIfAbsent(HoltTree tree, byte[] key, byte[] value) {
        return add(BatchRecord.PUT_IF_ABSENT, false, tree, key, value);
    }

    @Override
    public WriteBatch delete(HoltTree tree, byte[] key) {
        return add(BatchRecord.DELETE, false, tree, key, NONE);
    }

    @Override
    public WriteBatch deletePrefix(HoltTree tree, byte[] prefix) {
        return add(BatchRecord.DELETE_PREFIX, false, tree, prefix, NONE);
    }

    @Override
    public WriteBatch rename(HoltTree tree, byte[] from, byte[] to, boolean force) {
        if (to.length > TreeView.MAX_KEY_BYTES) {
            throw new KeyTooLongException(to.length);
        }
        return add(BatchRecord.RENAME, force, tree, from, to);
    }

    @Override
    public WriteBatch assertVersion(HoltTree tree, byte[] key, long version) {
        guards.add(BatchPath.Guard.version(known(tree), key, version));
        return this;
    }

    @Override
    public WriteBatch assertAbsent(HoltTree tree, byte[] key) {
        guards.add(BatchPath.Guard.version(known(tree), key, TreeView.ABSENT));
        return this;
    }

    @Override
    public WriteBatch assertPrefixEmpty(HoltTree tree, byte[] prefix) {
        guards.add(BatchPath.Guard.emptyPrefix(known(tree), prefix));
        return this;
    }

    @Override
    public WriteBatch envelope(byte[] bytes) {
        record.add(BatchRecord.ENVELOPE, false, 0, NONE, 0, 0, bytes, 0, bytes.length);
        return this;
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public void clear() {
        record.clear();
        guards.clear();
        trees.clear();
        size = 0;
    }

    @Override
    public long commit() {
        engine.checkOpen();
        record.version(TreeView.NO_VERSION);
        new BatchPath(engine.core(), trees).apply(record, guards);
        return record.hasVersioned() ? record.version() : TreeView.NO_VERSION;
    }
}
