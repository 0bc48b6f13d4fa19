package io.holt.api;

/**
 * Changes of any trees of one database that are made together: all or none, for readers, for snapshots and checkpoints,
 * and after a crash. The changes are made in the order in which they were added; one sees what those before it did.
 * Guards hold for the state before the batch, wherever they stand, and are all checked before anything is changed.
 *
 * <p>Adding copies what it is given, changes nothing, and throws {@link KeyTooLongException},
 * {@link ValueTooLargeException} (also if the whole batch would pass {@value #MAX_BYTES} bytes), and
 * {@link IllegalArgumentException} for a tree of another database.
 *
 * <p>For use by one thread at a time; may be cleared and used again.
 */
public interface WriteBatch {

    /** Most bytes of keys, values and their headers in one batch. */
    int MAX_BYTES = Integer.MAX_VALUE - 64;

    /** Sets the value of a key; the record has no version. */
    WriteBatch put(HoltTree tree, byte[] key, byte[] value);

    /** As {@link #put(HoltTree, byte[], byte[])}, for ranges of arrays. */
    WriteBatch put(
            HoltTree tree, byte[] key, int keyOffset, int keyBytes, byte[] value, int valueOffset, int valueBytes);

    /** Sets the value of a key; the record has the version that {@link #commit} answers. */
    WriteBatch putVersioned(HoltTree tree, byte[] key, byte[] value);

    /** Sets the value of a key if it has none. */
    WriteBatch putIfAbsent(HoltTree tree, byte[] key, byte[] value);

    /** Removes a key if it is there. */
    WriteBatch delete(HoltTree tree, byte[] key);

    /** Removes all keys that start with these bytes. */
    WriteBatch deletePrefix(HoltTree tree, byte[] prefix);

    /**
     * Gives a record another key of the same tree. If there is no record of the old key by then, or one of the new key
     * and no {@code force}, the batch fails as a whole.
     */
    WriteBatch rename(HoltTree tree, byte[] from, byte[] to, boolean force);

    /** Guard: {@link TreeView#version} of the key is this one. */
    WriteBatch assertVersion(HoltTree tree, byte[] key, long version);

    /** Guard: the key is not there. */
    WriteBatch assertAbsent(HoltTree tree, byte[] key);

    /** Guard: no key starts with these bytes. */
    WriteBatch assertPrefixEmpty(HoltTree tree, byte[] prefix);

    /**
     * Opaque bytes that go to the log with the batch and can be read back, see {@link HoltDb#envelopes}; at most one a
     * batch, the last one given counts. Says nothing in a database without a log.
     */
    WriteBatch envelope(byte[] bytes);

    /** How many changes there are, without guards and envelope. */
    int size();

    /** Forgets all changes, guards and the envelope. */
    void clear();

    /**
     * Applies the batch, and leaves it as it is. Up to 64 puts and deletions of values up to 64 KiB are made beside
     * other writers, as a rule. With any other batch the writers of the database wait, readers but for the moment in
     * which the outcome takes the place of what was; and while it runs it takes a frame of the memory budget for each
     * frame that it changes.
     *
     * @return the version of the records that {@link #putVersioned} wrote; {@link TreeView#NO_VERSION} without such
     * @throws BatchConflictException if a guard or a rename met another state
     * @throws MemoryBudgetException if the budget has no room for the outcome
     * @throws HoltIoException if the log failed, now or earlier
     * @throws TreeDroppedException if a tree of it was dropped. After any of these, nothing was changed
     */
    long commit();
}
