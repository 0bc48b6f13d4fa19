package io.holt.flink.snapshot;

/**
 * The records of one state in a snapshot as canonical records, in the order of key groups. It starts before the
 * first one. For one thread.
 */
interface StateRecords extends AutoCloseable {

    /** Moves to the next record; false at the end. */
    boolean next();

    int keyGroup();

    /** The canonical key, an array that is the caller's. */
    byte[] key();

    /** The canonical value, an array that the caller may keep. */
    byte[] value();

    @Override
    void close();
}
