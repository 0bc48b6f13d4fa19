package io.holt.internal.tree;

/**
 * Where changes are logged, while the latch of the frame they change is held: so the log's order is the order in
 * memory. Threads: any.
 */
public interface RedoLog {

    /** For databases without a log. */
    RedoLog NONE = new RedoLog() {
        @Override
        public long put(int treeId, byte[] key, int offset, int bytes, ValueSource value) {
            return 0;
        }

        @Override
        public long delete(int treeId, byte[] key, int offset, int bytes) {
            return 0;
        }

        @Override
        public long deletePrefix(int treeId, byte[] prefix) {
            return 0;
        }

        @Override
        public long putVersioned(int treeId, byte[] key, int offset, int bytes, ValueSource value, long version) {
            return 0;
        }

        @Override
        public long rename(int treeId, byte[] from, byte[] to, long version) {
            return 0;
        }

        @Override
        public long batch(byte[] ops, int bytes) {
            return 0;
        }

        @Override
        public void await(long lsn) {}
    };

    /**
     * Logs a put.
     *
     * @return its LSN, for {@link #await}
     * @throws io.holt.api.HoltIoException if the log failed, now or earlier; then the change must not be made
     */
    long put(int treeId, byte[] key, int offset, int bytes, ValueSource value);

    /** Logs a delete; as {@link #put}. */
    long delete(int treeId, byte[] key, int offset, int bytes);

    /** Logs the deletion of a prefix; as {@link #put}. */
    long deletePrefix(int treeId, byte[] prefix);

    /** Logs a put of a record with a version; as {@link #put}. */
    long putVersioned(int treeId, byte[] key, int offset, int bytes, ValueSource value, long version);

    /** Logs a rename, which replaces what has the new key; version 0 for a record without; as {@link #put}. */
    long rename(int treeId, byte[] from, byte[] to, long version);

    /** Logs a batch, see {@code BatchRecord}; as {@link #put}. */
    long batch(byte[] ops, int bytes);

    /** Returns when a record is as durable as the database promises; no latch is held. */
    void await(long lsn);
}
