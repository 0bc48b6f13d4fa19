package io.holt.api;

import java.lang.foreign.MemorySegment;

/**
 * The reading side of a tree: an ordered map from byte strings to byte strings, in unsigned lexicographic order of
 * the keys. A key that is a prefix of another one comes before it; the empty key is a key.
 *
 * <p>Any number of threads may read at once and while others write; readers take no locks. Keys have 0 to
 * {@value #MAX_KEY_BYTES} bytes; a longer one can't be in a tree, so asking for it answers that it is absent.
 *
 * @see HoltTree the live tree
 * @see Snapshot#tree(String) a frozen one
 */
public interface TreeView {

    /** What {@code get} into a buffer answers for a key that is not there. */
    int ABSENT = -1;

    /** What {@link #version} answers for a record without a version. */
    long NO_VERSION = 0;

    /** Longest key, in bytes. */
    int MAX_KEY_BYTES = 65_535;

    /** Longest value, in bytes. */
    int MAX_VALUE_BYTES = Integer.MAX_VALUE - 16;

    String name();

    /** The value of a key as a new array, or null if the key is absent. */
    default byte[] get(byte[] key) {
        return get(key, 0, key.length);
    }

    /** The value of the key {@code key[keyOffset, keyOffset + keyBytes)} as a new array, or null if it is absent. */
    byte[] get(byte[] key, int keyOffset, int keyBytes);

    /**
     * Reads a value into the caller's buffer and allocates nothing.
     *
     * @return the length of the value in bytes, or {@link #ABSENT}; if it is more than
     *     {@code target.length - targetOffset}, nothing was copied
     */
    int get(byte[] key, int keyOffset, int keyBytes, byte[] target, int targetOffset);

    /**
     * As {@link #get(byte[], int, int, byte[], int)}, for keys and buffers on or off the heap.
     *
     * @return the length of the value in bytes, or {@link #ABSENT}; if it is more than {@code target.byteSize()},
     *     nothing was copied
     */
    int get(MemorySegment key, MemorySegment target);

    default boolean containsKey(byte[] key) {
        return containsKey(key, 0, key.length);
    }

    boolean containsKey(byte[] key, int keyOffset, int keyBytes);

    /** The version of a key's record, {@link #NO_VERSION} if it has none, or {@link #ABSENT} if the key is absent. */
    long version(byte[] key);

    /**
     * Reads many values into the caller's buffers and allocates nothing. Faster than as many single reads of a large
     * tree, since the walks to the records overlap; each value is as a read of its own would find it.
     *
     * @param count how many of {@code keys} to read, from the first one on
     * @param targets at each index the buffer that the value is copied to, from its start on
     * @param lengths gets at each index the length of the value in bytes, or {@link #ABSENT}; if it is more than the
     *     length of the buffer, nothing was copied
     */
    void getMany(byte[][] keys, int count, byte[][] targets, int[] lengths);

    /**
     * The longest key of the tree that is a prefix of these bytes (equal to them counts).
     *
     * @return its length, or {@link #ABSENT} if there is none
     */
    int longestPrefix(byte[] bytes);

    /** Whether no key starts with these bytes (a key equal to them counts as starting with them). */
    boolean isPrefixEmpty(byte[] prefix);

    /** How many keys start with these bytes, counted up to {@code limit}. Walks over what it counts. */
    long prefixCount(byte[] prefix, long limit);

    /** Opens a cursor before the first record of a scan. */
    Cursor scan(Scan scan);

    /**
     * Hands each record of a scan to a visitor, in order; the fastest way over many records. On a live tree as a
     * {@link Cursor}, on a snapshot exact. The visitor never sees torn bytes. Allocates nothing once the calling thread
     * has done it before, but for values over 64 KiB.
     *
     * @return how many records the visitor was handed
     * @throws IllegalArgumentException if the scan has a delimiter
     */
    long visit(Scan scan, RecordVisitor visitor);

    /**
     * Hands the first records of each of several prefixes to a visitor, as {@link #visit} of one prefix after the other
     * would. Faster than that in a large tree if each has few records, since the walks to them overlap. Allocates
     * nothing once the calling thread has done it before, but where a writer or large values are in the way.
     *
     * @param count how many of {@code prefixes} are meant, from the first one on
     * @param most records of each prefix that are wanted, 1 or more
     * @param counts gets at each index how many records of that prefix the visitor was handed; if it is {@code most},
     *     there may be more. Behind a record that the visitor ended the visit with it is 0
     * @return how many records the visitor was handed in all
     * @throws IllegalArgumentException if {@code most} is less than 1
     */
    long visitMany(byte[][] prefixes, int count, int most, RecordVisitor visitor, int[] counts);
}
