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
 *
 * <p>The write whose own logging fails throws {@link HoltIoException} too, after it changed the tree: reads may see it
 * until the database is closed, and whether it is there when that is opened again is unknown. With
 * {@link Durability#SYNC} reads of other threads may likewise see a change a moment before it is on the device.
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
     * Removes a key, in one step with the reading of its value.
     *
     * @return the value that it had, or null if it was absent
     */
    byte[] getAndDelete(byte[] key);

    /**
     * Sets the value of a key that has none.
     *
     * @return whether the value was set; if not, the key had one and nothing was changed
     */
    boolean putIfAbsent(byte[] key, byte[] value);

    /**
     * Sets the values of keys that have none; each key for itself, in order. Waits only once for the log.
     *
     * @param written gets at each index whether the value was set; also if an exception ends it early, for those before
     * @return how many were set
     * @throws IllegalArgumentException if the lengths of the arrays differ; nothing was changed
     */
    int putAllIfAbsent(byte[][] keys, byte[][] values, boolean[] written);

    /**
     * Sets the values of keys, and removes keys; each for itself, in order. The walks to the keys take turns, so where
     * they are scattered over a large tree, changes wait for memory together; and the log is waited for once.
     *
     * @param count how many there are: the first ones of both arrays
     * @param values null removes the key of the same index
     * @throws IndexOutOfBoundsException if an array has fewer; nothing was changed
     * @throws io.holt.api.HoltException as {@link #put}; those before the one that failed are done
     */
    void putMany(byte[][] keys, byte[][] values, int count);

    /**
     * Sets the value of a key, whether or not it has one, and gives the record a version.
     *
     * @return the version, 1 or more: greater than all given before in this database, also before it was last opened
     */
    long putVersioned(byte[] key, byte[] value);

    /**
     * As {@link #putVersioned}, if the key is in a known state.
     *
     * @param expectedVersion what {@link #version} answered: a version, {@link #NO_VERSION} or {@link #ABSENT}
     * @return the record's new version, or {@link #NO_VERSION} if the state is another one and nothing was changed
     */
    long compareAndPut(byte[] key, long expectedVersion, byte[] value);

    /**
     * Removes a key if its record has this version, or {@link #NO_VERSION} for one without.
     *
     * @return whether it was removed; else nothing was changed
     */
    boolean deleteIfVersion(byte[] key, long expectedVersion);

    /** Begins to put records that come in ascending order of their keys. */
    BulkLoader bulkLoad();

    /**
     * Gives a record another key, in one step. A record with a version gets a new version. Renaming a key to itself
     * changes nothing.
     *
     * @param force whether a record that has the new key is replaced
     */
    RenameResult rename(byte[] from, byte[] to, boolean force);

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
