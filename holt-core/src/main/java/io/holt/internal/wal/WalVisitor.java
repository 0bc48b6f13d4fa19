package io.holt.internal.wal;

/** Gets the records of a log in order. */
@FunctionalInterface
public interface WalVisitor {

    /**
     * One record. The arrays are the reader's own and are overwritten after the call.
     *
     * @param type one of {@link WalRecord}
     * @param keyOffset where the key begins in {@code key}
     * @param valueBytes 0 for types without a value
     */
    void record(
            long lsn,
            int type,
            int treeId,
            byte[] key,
            int keyOffset,
            int keyBytes,
            byte[] value,
            int valueOffset,
            int valueBytes);

    /**
     * A put whose record is so large that the reader does not hold it as a whole.
     *
     * @param key from its start on, as in {@link #record}
     */
    default void largePut(long lsn, int type, int treeId, byte[] key, int keyBytes, StoredValue value) {
        record(lsn, type, treeId, key, 0, keyBytes, value.toArray(), 0, value.bytes());
    }
}
