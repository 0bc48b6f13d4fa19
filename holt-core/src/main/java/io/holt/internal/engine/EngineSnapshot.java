package io.holt.internal.engine;

import io.holt.api.HoltClosedException;
import io.holt.api.Snapshot;
import io.holt.api.TreeView;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.tree.TreeState;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** All trees at one instant: a registered reader of an epoch, and the catalog of that instant. */
final class EngineSnapshot implements Snapshot {

    private final Engine engine;
    private final SnapshotHandle handle;
    private final Map<String, TreeState> trees;

    EngineSnapshot(Engine engine, SnapshotHandle handle, Map<String, TreeState> trees) {
        this.engine = engine;
        this.handle = handle;
        this.trees = trees;
    }

    @Override
    public Set<String> treeNames() {
        checkOpen();
        return new TreeSet<>(trees.keySet());
    }

    @Override
    public TreeView tree(String name) {
        checkOpen();
        TreeState tree = trees.get(name);
        if (tree == null) {
            throw new IllegalArgumentException("the snapshot has no tree \"" + name + "\", only " + trees.keySet());
        }
        return new FrozenTree(engine, tree, handle);
    }

    @Override
    public long epoch() {
        return handle.epoch();
    }

    @Override
    public void close() {
        engine.closeSnapshot(handle);
    }

    private void checkOpen() {
        engine.checkOpen();
        if (handle.isClosed()) {
            throw new HoltClosedException("snapshot");
        }
    }
}
