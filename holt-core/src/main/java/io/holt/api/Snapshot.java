package io.holt.api;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
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

    /**
     * The snapshot as frames, those left out that did not change after an earlier instant.
     *
     * @param sinceEpoch the {@link #epoch()} of an earlier snapshot of this database, or of the image from which it was
     *     installed; 0 for all frames. A database that was opened again knows no instants from before: then frames
     *     are not left out that could be
     * @throws IllegalArgumentException unless {@code 0 <= sinceEpoch <= epoch()}
     */
    CheckpointImage image(long sinceEpoch);

    /**
     * Writes all trees to a stream, from which {@code Holt.restore} makes a database. Writers go on meanwhile.
     *
     * @return bytes written
     * @throws MemoryBudgetException if there is no slot for the copy of a frame
     * @throws IOException if the stream throws it
     */
    long exportTo(OutputStream out) throws IOException;

    /**
     * Makes a database of its own in a directory, with all trees; it appears there entirely or not at all. Writers go
     * on meanwhile.
     *
     * @param directory empty or not there yet
     * @return bytes written
     * @throws StoreFormatException if it holds something
     * @throws HoltIoException if a write or sync failed; what was written is deleted as far as possible
     */
    long exportTo(Path directory);

    @Override
    void close();
}
