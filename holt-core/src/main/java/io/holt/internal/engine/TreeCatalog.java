package io.holt.internal.engine;

import io.holt.internal.store.TreeEntry;
import io.holt.internal.tree.TreeAccess;
import io.holt.internal.tree.TreeCore;
import io.holt.internal.tree.TreeState;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;

/**
 * The trees of a database by name. The map is replaced, never changed, so a snapshot keeps the one of its instant.
 * Threads: reading any; changes under the monitor.
 */
final class TreeCatalog {

    private static final int MAX_NAME_BYTES = 255;

    private final TreeCore core;
    private volatile CatalogLog log;
    private volatile Map<String, TreeState> trees;
    private volatile int nextTreeId;

    /** Where changes of the catalog are logged. */
    interface CatalogLog {

        /** Says nothing to anybody. */
        CatalogLog NONE = new CatalogLog() {
            @Override
            public long created(int treeId, String name) {
                return 0;
            }

            @Override
            public long dropped(int treeId) {
                return 0;
            }

            @Override
            public void await(long lsn) {}
        };

        /** Answers the record's LSN, for {@link #await}. */
        long created(int treeId, String name);

        /** As {@link #created}. */
        long dropped(int treeId);

        /** Returns when a record is as durable as the database promises; the gate is not held. */
        void await(long lsn);
    }

    /** Trees as files and images name them. */
    static Map<String, TreeState> states(Map<String, TreeEntry> entries) {
        Map<String, TreeState> states = new HashMap<>();
        entries.forEach((name, entry) -> states.put(name, new TreeState(name, entry.treeId(), entry.rootBlobId())));
        return states;
    }

    /** Changes are logged nowhere until {@link #logTo}. */
    TreeCatalog(TreeCore core, Map<String, TreeState> trees, int nextTreeId) {
        this.core = core;
        this.log = CatalogLog.NONE;
        this.trees = Map.copyOf(trees);
        this.nextTreeId = nextTreeId;
    }

    void logTo(CatalogLog next) {
        this.log = next;
    }

    Map<String, TreeState> trees() {
        return trees;
    }

    /** Takes no lock: a checkpoint asks with the gate closed, and whoever has the monitor may wait for the gate. */
    int nextTreeId() {
        return nextTreeId;
    }

    TreeState openOrCreate(String name) {
        TreeState tree = trees.get(name);
        return tree != null ? tree : create(name);
    }

    private synchronized TreeState create(String name) {
        TreeState existing = trees.get(name);
        if (existing != null) {
            return existing;
        }
        checkName(name);
        core.checkNotFailed();
        return create(name, nextTreeId);
    }

    /** Makes a tree again that a log record names. */
    synchronized TreeState restore(String name, int treeId) {
        return create(name, treeId);
    }

    private TreeState create(String name, int treeId) {
        TreeState created;
        long lsn;
        int stripe = core.gate().enter();
        try {
            created = new TreeState(name, treeId, TreeAccess.newRoot(core, treeId));
            lsn = log.created(treeId, name);
            nextTreeId = treeId + 1;
            Map<String, TreeState> more = new HashMap<>(trees);
            more.put(name, created);
            trees = Map.copyOf(more);
        } finally {
            core.gate().exit(stripe);
        }
        log.await(lsn);
        return created;
    }

    /** Removes a tree; answers whether there was one. */
    synchronized boolean drop(String name) {
        TreeState tree = trees.get(name);
        if (tree == null) {
            return false;
        }
        core.checkNotFailed();
        long lsn;
        core.gate().close();
        try {
            core.buffers().checkOpen();
            lsn = log.dropped(tree.treeId());
            Map<String, TreeState> fewer = new HashMap<>(trees);
            fewer.remove(name);
            trees = Map.copyOf(fewer);
            core.drop().addTree(tree);
        } finally {
            core.gate().open();
        }
        core.drop().start();
        log.await(lsn);
        return true;
    }

    private static void checkName(String name) {
        int bytes = name.getBytes(StandardCharsets.UTF_8).length;
        if (!StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            // In the files each such character would be a question mark, and trees of one name one tree.
            throw new IllegalArgumentException(
                    "a tree's name has half of a surrogate pair, for which there is no UTF-8; no tree was made");
        }
        if (bytes == 0 || bytes > MAX_NAME_BYTES) {
            throw new IllegalArgumentException(
                    "a tree's name has 1 to " + MAX_NAME_BYTES + " bytes in UTF-8, this one has " + bytes);
        }
    }
}
