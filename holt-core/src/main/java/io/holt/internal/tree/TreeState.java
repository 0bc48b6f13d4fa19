package io.holt.internal.tree;

import io.holt.api.TreeDroppedException;
import java.util.concurrent.atomic.LongAdder;

/**
 * A tree's name, number and root, which never change, and whether it was dropped. Threads: any.
 */
public final class TreeState {

    private final String name;
    private final int treeId;
    private final int rootBlobId;
    private final LongAdder splits = new LongAdder();
    private final LongAdder merges = new LongAdder();
    private final LongAdder compactions = new LongAdder();
    private final LongAdder restarts = new LongAdder();
    private volatile boolean dropped;

    public TreeState(String name, int treeId, int rootBlobId) {
        this.name = name;
        this.treeId = treeId;
        this.rootBlobId = rootBlobId;
    }

    public String name() {
        return name;
    }

    /** Number of the tree in log and frames, 1 or more; never used again. */
    public int treeId() {
        return treeId;
    }

    public int rootBlobId() {
        return rootBlobId;
    }

    LongAdder splits() {
        return splits;
    }

    LongAdder merges() {
        return merges;
    }

    LongAdder compactions() {
        return compactions;
    }

    LongAdder restarts() {
        return restarts;
    }

    boolean isDropped() {
        return dropped;
    }

    void drop() {
        dropped = true;
    }

    void checkNotDropped() {
        if (dropped) {
            throw new TreeDroppedException(name);
        }
    }
}
