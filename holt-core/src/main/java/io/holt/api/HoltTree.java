package io.holt.api;

import java.lang.foreign.MemorySegment;

/**
 * A live tree: {@link TreeView} and the verbs that change it. Any number of threads may write; a change is seen by
 * every read that starts after it returned.
 *
 * <p>Every writing method checks its arguments, the state of the database and the memory budget before it changes
 * anything, and throws:
 * {@link KeyTooLongException}, {@link ValueTooLargeException} for what can't be stored,
 * {@link MemoryBudgetException} if the budget has no room for it,
 * {@link HoltIoException} if the database refuses writes because an earlier write or sync failed,
 * {@link TreeDroppedException} and {@link HoltClosedException}.
 */
public interface HoltTree extends TreeView {

    default void put(byte[] key, byte[] value) {
        put(key, 0, key.length, value, 0, value.length);
    }

    /** Sets the value of a key, whether or not it has one. Allocates nothing for values up to 64 KiB. */
    void put(byte[] key, int keyOffset, int keyBytes, byte[] value, int valueOffset, int valueBytes);

    /** As {@link #put(byte[], byte[])}, for keys and values on or off the heap. */
    void put(MemorySegment key, MemorySegment value);

    default boolean delete(byte[] key) {
        return delete(key, 0, key.length);
    }

    /**
     * Removes a key.
     *
     * @return whether it was there
     */
    boolean delete(byte[] key, int keyOffset, int keyBytes);

    /**
     * Sets the value of a key that has none.
     *
     * @return whether the value was set; if not, the key had one and nothing was changed
     */
    boolean putIfAbsent(byte[] key, byte[] value);

    /**
     * Removes all keys that start with these bytes, in time that depends on the depth of the tree and not on how
     * many keys there are: the subtree is unhooked at once and its frames are reclaimed later. The empty prefix
     * empties the tree.
     *
     * @return whether there was such a key
     */
    boolean deletePrefix(byte[] prefix);

    /** Counters and sizes of this moment; walks over the tree's frames. */
    TreeStats stats();
}
