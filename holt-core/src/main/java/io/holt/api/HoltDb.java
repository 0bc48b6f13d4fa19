package io.holt.api;

import java.util.List;
import java.util.Set;

/**
 * One database: several named trees over one memory budget, one set of files and one sequence of checkpoints.
 *
 * <p>All methods may be called from any thread. After {@link #close()} each of them, and each method of a tree,
 * snapshot, cursor or batch of this database that needs it, throws {@link HoltClosedException}. A cursor may still
 * answer what it has at hand of the record that it is at.
 */
public interface HoltDb extends AutoCloseable {

    /**
     * Opens the tree of this name and creates it, empty, if the database has none.
     *
     * @param name 1 to 255 bytes in UTF-8
     * @throws IllegalArgumentException if the name is empty, longer than 255 bytes in UTF-8, or has no form in it
     * @throws MemoryBudgetException if a new tree finds no room for its first frame; nothing was changed
     */
    HoltTree tree(String name);

    /** The names of the trees there are now, in order of their UTF-16 code units; a copy. */
    Set<String> treeNames();

    /**
     * Removes a tree with all its records. Handles to it throw {@link TreeDroppedException} from then on;
     * snapshots taken before still read it.
     *
     * @return whether there was such a tree
     */
    boolean dropTree(String name);

    /** Begins a batch of changes of any trees of this database, which are made all at once or not at all. */
    WriteBatch newBatch();

    /**
     * The envelopes of batches that were committed, in the order of the log. They are there as long as the log is kept:
     * until a checkpoint, so for a while after opening and between checkpoints. Empty in a database without a log.
     *
     * @param afterLsn only those behind this place of the log; 0 for all
     */
    List<Envelope> envelopes(long afterLsn);

    /**
     * Freezes the present state of all trees at one instant, without copying. Costs the same however large the
     * database is; a writer that later changes a frame the snapshot can see first saves a copy of that frame, out
     * of the memory budget, for as long as the snapshot is open.
     */
    Snapshot snapshot();

    /**
     * Makes the present state of all trees durable, in one atomic step: after a crash the database opens at the
     * newest checkpoint (plus what its log holds, see {@link Durability}). Writers go on meanwhile. In a database
     * without files this does nothing.
     *
     * @throws HoltIoException if a write or a sync failed; the previous checkpoint is still whole
     */
    void checkpoint();

    /**
     * Takes a checkpoint, moves what lies at the end of the data file to gaps before it, cuts the file and gives unused
     * disk space back. Writers go on meanwhile. Takes as long as reading and writing what is moved. In a database
     * without files this does nothing.
     *
     * @throws HoltIoException if a write or a sync failed; the checkpoint before is still whole
     */
    void vacuum();

    /** Counters and sizes of this moment. */
    DbStats stats();

    /**
     * How many frames there are now that changed after an earlier instant: at least as many as an image since then
     * would hold ({@link Snapshot#image}). Takes time in proportion to the number of frames, and reads none of them.
     *
     * @param sinceEpoch as {@link Snapshot#image} takes it; 0 counts all frames
     */
    default long framesChangedSince(long sinceEpoch) {
        return stats().frames();
    }

    boolean isClosed();

    /**
     * Writes a checkpoint if there are files, ends background work and gives back all off-heap memory. Calling it
     * again does nothing. Open snapshots and cursors become unusable.
     *
     * @throws HoltIoException if the last checkpoint failed; files are closed and memory is given back all the same
     */
    @Override
    void close();

    /**
     * As {@link #close}, but writes no checkpoint: what was changed since the last one is lost. For databases whose
     * contents are of no more use.
     */
    default void discard() {
        close();
    }
}
