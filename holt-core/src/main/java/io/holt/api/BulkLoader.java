package io.holt.api;

/**
 * Puts records that come in ascending order of their keys, cheaper than by single puts; frames are left as full as
 * the keys allow. The outcome is that of as many puts, whatever the tree holds: records with keys
 * beyond all others of the tree, or of a gap in it, are where it is fast.
 *
 * <p>Records are gathered and put in portions; a portion is in the tree whole or not at all, for readers, snapshots and
 * after a crash. Readers may see the first portions before the last one is there. Other writers of the database wait
 * while a portion is put.
 *
 * <p>For use by one thread at a time.
 */
public interface BulkLoader extends AutoCloseable {

    /**
     * Takes a record.
     *
     * @throws BulkLoadOrderException if the key is not beyond the one before it; the record was not taken
     * @throws KeyTooLongException if it can't be stored; the record was not taken
     * @throws ValueTooLargeException likewise
     * @throws MemoryBudgetException if the portion before it finds no room; the record was not taken, those before it
     *     are kept for the next try
     * @throws HoltIoException as {@link WriteBatch#commit}
     */
    void put(byte[] key, int keyOffset, int keyBytes, byte[] value, int valueOffset, int valueBytes);

    default void put(byte[] key, byte[] value) {
        put(key, 0, key.length, value, 0, value.length);
    }

    /** Puts what was taken and is not yet in the tree; if that fails, as {@link #put} says, it can be tried again. */
    void flush();

    /** Records taken so far. */
    long records();

    /** Ends the load with a {@link #flush}; if that fails, what was not put is given up. Again: nothing. */
    @Override
    void close();
}
