package io.holt.benchmarks.engine;

import io.holt.benchmarks.data.Dataset;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the benchmarks ask of an engine. Every engine owns the bytes it keeps and hands out copies or lets them be
 * visited in place, so that all do the same work. For one thread at a time.
 *
 * @implSpec Failures of the engine are thrown as {@link EngineException} or as the engine's own unchecked exception.
 */
public interface KeyValueEngine extends AutoCloseable {

    /** What {@link #get} answers for a key that is not there. */
    int ABSENT = -1;

    /** Whether {@link #list} and {@link #listKeys} can be asked for. */
    default boolean isOrdered() {
        return true;
    }

    /**
     * Puts all records of a data set, in transactions of {@code 1,000} puts where an engine has transactions.
     *
     * @param order the indexes of the records in the order of the puts, or null for that of the data set
     */
    default void load(Dataset dataset, int[] order) {
        for (int i = 0; i < dataset.records(); i++) {
            int index = order == null ? i : order[i];
            put(dataset.key(index), dataset.value(index));
        }
    }

    /** Waits until the engine has no more work in the background that comes from what was put. */
    default void settle() {}

    /**
     * Copies a value to the beginning of {@code target}.
     *
     * @return its length in bytes, or {@link #ABSENT}
     */
    int get(byte[] key, byte[] target);

    /** Sets the value of a key and makes it visible to the next read. */
    void put(byte[] key, byte[] value);

    void delete(byte[] key);

    /**
     * Adds key and value of the first records with this prefix to {@code target}, in turns and as arrays of their own.
     *
     * @throws UnsupportedOperationException unless {@link #isOrdered()}
     */
    void list(byte[] prefix, int limit, List<byte[]> target);

    /**
     * Visits the first keys with this prefix.
     *
     * @throws UnsupportedOperationException unless {@link #isOrdered()}
     */
    void listKeys(byte[] prefix, int limit, Tally tally);

    /** Visits key and value of all records, in order if {@link #isOrdered()}. */
    void iterate(Tally tally);

    /** Removes all keys with this prefix by the cheapest means the engine has, and reads once where they were. */
    void deletePrefix(byte[] prefix);

    /** Freezes the present state, by a copy if there is no other way. Nothing may be written before this returns. */
    AutoCloseable snapshot();

    /** Bytes outside the heap, on files included, that hold the records; empty if they are on the heap. */
    OptionalLong storedBytes();

    /** Ends all work and removes nothing; the caller removes files. */
    @Override
    void close();
}
