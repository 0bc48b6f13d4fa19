package io.holt.api;

import java.util.Set;

/**
 * All trees of a database as they were at one instant. It never changes. Any number of threads may read it; any
 * number of snapshots may be open. Close it: it holds memory of the budget for frames changed since.
 *
 * <p>After {@link #close()} reading it throws {@link HoltClosedException}.
 */
public interface Snapshot extends AutoCloseable {

    /** The trees there were when the snapshot was taken. */
    Set<String> treeNames();

    /**
     * The frozen tree of this name.
     *
     * @throws IllegalArgumentException if there was no such tree when the snapshot was taken
     */
    TreeView tree(String name);

    /** The instant of the snapshot: it sees exactly the changes of this epoch and of all before it. */
    long epoch();

    @Override
    void close();
}
