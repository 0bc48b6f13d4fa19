package io.holt.testkit;

import io.holt.api.BatchConflictException;
import io.holt.api.BatchConflictException.Kind;
import io.holt.api.HoltTree;
import io.holt.api.KeyTooLongException;
import io.holt.api.RenameResult;
import io.holt.api.TreeView;
import io.holt.api.WriteBatch;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/** A batch that works on copies of whole trees and puts them in place if nothing was in the way. */
final class ModelBatch implements WriteBatch {

    /** A change: of the copy of a tree, with the version of the batch. */
    private record Change(ModelTree tree, BiConsumer<ModelView, Long> work) {}

    private record Guard(ModelTree tree, Runnable check) {}

    private final ModelDb db;
    private final Object lock;
    private final List<Change> changes = new ArrayList<>();
    private final List<Guard> guards = new ArrayList<>();
    private boolean versioned;

    ModelBatch(ModelDb db, Object lock) {
        this.db = db;
        this.lock = lock;
    }

    private ModelTree known(HoltTree tree) {
        if (!db.owns(tree)) {
            throw new IllegalArgumentException("a tree of another database");
        }
        return (ModelTree) tree;
    }

    private WriteBatch add(HoltTree tree, byte[] key, BiConsumer<ModelView, Long> work) {
        if (key.length > TreeView.MAX_KEY_BYTES) {
            throw new KeyTooLongException(key.length);
        }
        changes.add(new Change(known(tree), work));
        return this;
    }

    @Override
    public WriteBatch put(HoltTree tree, byte[] key, byte[] value) {
        return put(tree, key, 0, key.length, value, 0, value.length);
    }

    @Override
    public WriteBatch put(
            HoltTree tree, byte[] key, int keyOffset, int keyBytes, byte[] value, int valueOffset, int valueBytes) {
        byte[] ownKey = ModelView.slice(key, keyOffset, keyBytes);
        byte[] ownValue = ModelView.slice(value, valueOffset, valueBytes);
        return add(tree, ownKey, (view, version) -> {
            view.records.put(ownKey, ownValue);
            view.versions.remove(ownKey);
        });
    }

    @Override
    public WriteBatch putVersioned(HoltTree tree, byte[] key, byte[] value) {
        byte[] ownKey = key.clone();
        byte[] ownValue = value.clone();
        add(tree, ownKey, (view, version) -> {
            view.records.put(ownKey, ownValue);
            view.versions.put(ownKey, version);
        });
        versioned = true;
        return this;
    }

    @Override
    public WriteBatch putIfAbsent(HoltTree tree, byte[] key, byte[] value) {
        byte[] ownKey = key.clone();
        byte[] ownValue = value.clone();
        return add(tree, ownKey, (view, version) -> view.records.putIfAbsent(ownKey, ownValue));
    }

    @Override
    public WriteBatch delete(HoltTree tree, byte[] key) {
        byte[] ownKey = key.clone();
        return add(tree, ownKey, (view, version) -> {
            view.records.remove(ownKey);
            view.versions.remove(ownKey);
        });
    }

    @Override
    public WriteBatch deletePrefix(HoltTree tree, byte[] prefix) {
        byte[] own = prefix.clone();
        return add(tree, own, (view, version) -> ModelTree.removePrefix(view, own));
    }

    @Override
    public WriteBatch rename(HoltTree tree, byte[] from, byte[] to, boolean force) {
        byte[] ownFrom = from.clone();
        byte[] ownTo = to.clone();
        return add(tree, ownFrom.length > ownTo.length ? ownFrom : ownTo, (view, version) -> {
            RenameResult met = ModelTree.whatRenamingMeets(view.records, ownFrom, ownTo, force);
            if (met == RenameResult.SOURCE_MISSING) {
                throw new BatchConflictException(Kind.SOURCE_MISSING, view.name(), ownFrom, "");
            }
            if (met == RenameResult.TARGET_EXISTS) {
                throw new BatchConflictException(Kind.TARGET_EXISTS, view.name(), ownTo, "");
            }
            ModelTree.rename(view, ownFrom, ownTo, () -> version);
        });
    }

    private WriteBatch guard(HoltTree tree, Runnable check) {
        guards.add(new Guard(known(tree), check));
        return this;
    }

    @Override
    public WriteBatch assertVersion(HoltTree tree, byte[] key, long version) {
        byte[] own = key.clone();
        return guard(tree, () -> {
            if (tree.version(own) != version) {
                Kind kind = version == TreeView.ABSENT ? Kind.NOT_ABSENT : Kind.VERSION;
                throw new BatchConflictException(kind, tree.name(), own, "");
            }
        });
    }

    @Override
    public WriteBatch assertAbsent(HoltTree tree, byte[] key) {
        return assertVersion(tree, key, TreeView.ABSENT);
    }

    @Override
    public WriteBatch assertPrefixEmpty(HoltTree tree, byte[] prefix) {
        byte[] own = prefix.clone();
        return guard(tree, () -> {
            if (!tree.isPrefixEmpty(own)) {
                throw new BatchConflictException(Kind.PREFIX_NOT_EMPTY, tree.name(), own, "");
            }
        });
    }

    @Override
    public WriteBatch envelope(byte[] bytes) {
        return this;
    }

    @Override
    public int size() {
        return changes.size();
    }

    @Override
    public void clear() {
        changes.clear();
        guards.clear();
        versioned = false;
    }

    @Override
    public long commit() {
        synchronized (lock) {
            changes.forEach(change -> change.tree().requireReadable());
            guards.forEach(guard -> guard.tree().requireReadable());
            guards.forEach(guard -> guard.check().run());
            long version = db.nextVersion();
            Map<ModelTree, ModelView> copies = new HashMap<>();
            for (Change change : changes) {
                change.work().accept(copies.computeIfAbsent(change.tree(), this::copy), version);
            }
            copies.forEach(ModelTree::become);
            return versioned ? version : TreeView.NO_VERSION;
        }
    }

    private ModelView copy(ModelTree tree) {
        NavigableMap<byte[], byte[]> records = new TreeMap<>(tree.records);
        return new ModelView(lock, tree.name(), records, new TreeMap<>(tree.versions), () -> {});
    }
}
