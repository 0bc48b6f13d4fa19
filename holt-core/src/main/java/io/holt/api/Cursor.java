package io.holt.api;

/**
 * A walk over the records of a {@link Scan}. It starts before the first record; {@link #next()} moves it.
 *
 * <p>For use by one thread at a time. On a live tree a cursor survives concurrent changes: it returns keys in strict
 * order, each record as it was at some moment after the cursor was opened, and never misses a record that was there
 * all the time. On a snapshot it is exact.
 *
 * <p>Key and value can be read in place, without allocation, from the arrays that {@link #keyArray()} and
 * {@link #valueArray()} name; what they hold is valid until the next call of {@link #next()}, {@link #seek} or
 * {@link #close()}, must not be written to, and the arrays themselves may change from step to step.
 */
public interface Cursor extends AutoCloseable {

    /**
     * Moves to the next record in the scan's direction.
     *
     * @return false at the end of the scan; further calls go on answering false
     */
    boolean next();

    /**
     * Moves to just before the first record, in the scan's direction, whose key is this one or beyond it; the scan's
     * bounds and its limit still hold.
     */
    void seek(byte[] key);

    /**
     * Lets the next step leave out all keys that start with the first bytes of this entry's key, without reading them.
     *
     * @param keyBytes how many bytes; 0 to {@link #keyLength()}, where 0 leaves out all there is
     * @throws IllegalStateException if the cursor is at no entry
     */
    void skipPrefix(int keyBytes);

    /**
     * Whether the entry stands for all keys that start with {@link #key()}, in a scan with a delimiter. Its value is
     * empty.
     */
    boolean isCommonPrefix();

    byte[] keyArray();

    int keyOffset();

    int keyLength();

    /** The key as a new array. */
    default byte[] key() {
        return java.util.Arrays.copyOfRange(keyArray(), keyOffset(), keyOffset() + keyLength());
    }

    /**
     * The array that holds the value.
     *
     * @throws IllegalStateException if the scan is one of keys only
     */
    byte[] valueArray();

    int valueOffset();

    int valueLength();

    /** The value as a new array. */
    default byte[] value() {
        return java.util.Arrays.copyOfRange(valueArray(), valueOffset(), valueOffset() + valueLength());
    }

    @Override
    void close();
}
