package io.holt.benchmarks.engine;

import io.holt.benchmarks.data.Dataset;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;

/**
 * What the benchmarks ask of an engine. Every engine owns the bytes it keeps and hands out copies or lets them be
 * visited in place, so that all do the same work. For one thread at a time, unless
 * {@link #isConcurrent()}.
 *
 * @implSpec Failures of the engine are thrown as {@link EngineException} or as the engine's own unchecked exception.
 */
public interface KeyValueEngine extends AutoCloseable {

    /** What {@link #get} answers for a key that is not there. */
    int ABSENT = -1;

    /** Whether any number of threads may get and put at once. */
    default boolean isConcurrent() {
        return false;
    }

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

    /**
     * Puts all records of a data set into an empty engine by the fastest means it has for input in order.
     *
     * @param ascending the indexes of the records in the order of their keys
     */
    default void bulkLoad(Dataset dataset, int[] ascending) {
        load(dataset, ascending);
    }

    /** Waits until the engine has no more work in the background that comes from what was put. */
    default void settle() {}

    /**
     * Copies a value to the beginning of {@code target}.
     *
     * @return its length in bytes, or {@link #ABSENT}
     */
    int get(byte[] key, byte[] target);

    /** Copies many values, each to the beginning of its target, and notes their lengths or {@link #ABSENT}. */
    default void getMany(byte[][] keys, byte[][] targets, int[] lengths) {
        for (int i = 0; i < keys.length; i++) {
            lengths[i] = get(keys[i], targets[i]);
        }
    }

    /** Gives a record that is there a key that is not; at once, where an engine can. */
    void rename(byte[] from, byte[] to);

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

    /**
     * Visits the first of the directories right under a root: what keys share up to and with the first delimiter behind
     * it. What is in them is passed over by seeking.
     *
     * @throws UnsupportedOperationException unless {@link #isOrdered()}
     */
    void listDirectories(byte[] root, byte delimiter, int limit, Tally tally);

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

    /** Bytes of a key up to and with the first delimiter from an index on; the key has one. */
    static int directoryBytes(byte[] key, int from, byte delimiter) {
        int at = from;
        while (key[at] != delimiter) {
            at++;
        }
        return at + 1;
    }

    /** The first key that is beyond all that start with so many bytes of a key, whose last one is not 255. */
    static byte[] beyond(byte[] key, int bytes) {
        byte[] end = Arrays.copyOf(key, bytes);
        end[bytes - 1]++;
        return end;
    }
}
