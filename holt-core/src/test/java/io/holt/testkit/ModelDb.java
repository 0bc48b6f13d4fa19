package io.holt.testkit;

import io.holt.api.CheckpointImage;
import io.holt.api.DbStats;
import io.holt.api.Envelope;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Snapshot;
import io.holt.api.TreeDroppedException;
import io.holt.api.TreeView;
import io.holt.api.WriteBatch;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * A database in which every tree is a sorted map on the heap and every call takes one lock: too plain to be wrong, so
 * it is the oracle of model tests and a stand-in where no engine is wanted. It has no files, no memory budget and no
 * limit on its size; {@link #checkpoint()} does nothing.
 */
public final class ModelDb implements HoltDb {

    private static final int NAME_BYTES_MAX = 255;

    /** Guards everything in this database, its trees, snapshots and cursors. */
    private final Object lock = new Object();

    private final TreeMap<String, ModelTree> trees = new TreeMap<>();
    private final long memoryCapacityBytes;
    private long epoch;
    private int openSnapshots;
    private long lastVersion;
    private boolean closed;

    public ModelDb() {
        this(HoltOptions.defaults());
    }

    /** @param options only the size of the memory is taken from it, to be told by {@link #stats()} */
    public ModelDb(HoltOptions options) {
        this.memoryCapacityBytes =
                options.memory().map(budget -> budget.capacityBytes()).orElse(options.memoryBytes());
    }

    @Override
    public HoltTree tree(String name) {
        int nameBytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (nameBytes == 0 || nameBytes > NAME_BYTES_MAX) {
            throw new IllegalArgumentException(
                    "a tree's name has 1 to " + NAME_BYTES_MAX + " bytes in UTF-8, not " + nameBytes);
        }
        synchronized (lock) {
            requireOpen();
            return trees.computeIfAbsent(name, absent -> new ModelTree(this, lock, absent));
        }
    }

    @Override
    public Set<String> treeNames() {
        synchronized (lock) {
            requireOpen();
            return new TreeSet<>(trees.keySet());
        }
    }

    @Override
    public boolean dropTree(String name) {
        Objects.requireNonNull(name, "name");
        synchronized (lock) {
            requireOpen();
            return trees.remove(name) != null;
        }
    }

    @Override
    public WriteBatch newBatch() {
        synchronized (lock) {
            requireOpen();
            return new ModelBatch(this, lock);
        }
    }

    /** There is no log. */
    @Override
    public List<Envelope> envelopes(long afterLsn) {
        synchronized (lock) {
            requireOpen();
            return List.of();
        }
    }

    long nextVersion() {
        return ++lastVersion;
    }

    boolean owns(HoltTree tree) {
        return tree instanceof ModelTree model && model.isOf(this);
    }

    @Override
    public Snapshot snapshot() {
        synchronized (lock) {
            requireOpen();
            openSnapshots++;
            return new FrozenTrees(epoch++);
        }
    }

    @Override
    public void checkpoint() {
        synchronized (lock) {
            requireOpen();
        }
    }

    @Override
    public void vacuum() {
        synchronized (lock) {
            requireOpen();
        }
    }

    @Override
    public DbStats stats() {
        synchronized (lock) {
            requireOpen();
            return new DbStats(
                    trees.size(),
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    memoryCapacityBytes,
                    0,
                    0,
                    0,
                    0,
                    0,
                    openSnapshots,
                    epoch,
                    "none",
                    "plain");
        }
    }

    @Override
    public boolean isClosed() {
        synchronized (lock) {
            return closed;
        }
    }

    @Override
    public void close() {
        synchronized (lock) {
            closed = true;
            trees.clear();
        }
    }

    private void requireOpen() {
        if (closed) {
            throw new HoltClosedException("database");
        }
    }

    /** Throws if this handle is not the tree that now bears its name. */
    void requireLive(ModelTree tree) {
        requireOpen();
        if (trees.get(tree.name()) != tree) {
            throw new TreeDroppedException(tree.name());
        }
    }

    private final class FrozenTrees implements Snapshot {
        private final long frozenEpoch;
        private final TreeMap<String, TreeView> frozen = new TreeMap<>();
        private boolean released;

        FrozenTrees(long frozenEpoch) {
            this.frozenEpoch = frozenEpoch;
            trees.forEach((name, tree) -> frozen.put(name, tree.frozenCopy(this::requireReadable)));
        }

        private void requireReadable() {
            requireOpen();
            if (released) {
                throw new HoltClosedException("snapshot");
            }
        }

        @Override
        public Set<String> treeNames() {
            synchronized (lock) {
                requireReadable();
                return new TreeSet<>(frozen.keySet());
            }
        }

        @Override
        public TreeView tree(String name) {
            Objects.requireNonNull(name, "name");
            synchronized (lock) {
                requireReadable();
                TreeView tree = frozen.get(name);
                if (tree == null) {
                    throw new IllegalArgumentException("there was no tree \"" + name + "\" at epoch " + frozenEpoch);
                }
                return tree;
            }
        }

        @Override
        public long epoch() {
            return frozenEpoch;
        }

        @Override
        public CheckpointImage image(long sinceEpoch) {
            throw new UnsupportedOperationException("a model has no frames");
        }

        @Override
        public long exportTo(OutputStream out) {
            throw new UnsupportedOperationException("a model has no frames");
        }

        @Override
        public long exportTo(Path directory) {
            throw new UnsupportedOperationException("a model has no frames");
        }

        @Override
        public void close() {
            synchronized (lock) {
                if (!released) {
                    released = true;
                    openSnapshots--;
                    frozen.clear();
                }
            }
        }
    }
}
