package io.holt.api;

import java.util.Arrays;
import java.util.Objects;

/**
 * What a cursor walks over: bounds, direction, limit and whether values are wanted. Immutable; the arrays given to it
 * are copied. Bounds combine: a prefix may be narrowed by {@link #from} and {@link #to}.
 *
 * <p>{@code from} is always the smaller end and {@code to} the larger one, whatever the direction.
 */
public final class Scan {

    private static final Scan ALL = new Scan(null, null, true, null, false, false, false, Long.MAX_VALUE, null, 0);

    private final byte[] prefix;
    private final byte[] from;
    private final boolean fromInclusive;
    private final byte[] to;
    private final boolean toInclusive;
    private final boolean reverse;
    private final boolean keysOnly;
    private final long limit;
    private final byte[] delimiter;
    private final int distinctBytes;

    private Scan(
            byte[] prefix,
            byte[] from,
            boolean fromInclusive,
            byte[] to,
            boolean toInclusive,
            boolean reverse,
            boolean keysOnly,
            long limit,
            byte[] delimiter,
            int distinctBytes) {
        this.prefix = prefix;
        this.from = from;
        this.fromInclusive = fromInclusive;
        this.to = to;
        this.toInclusive = toInclusive;
        this.reverse = reverse;
        this.keysOnly = keysOnly;
        this.limit = limit;
        this.delimiter = delimiter;
        this.distinctBytes = distinctBytes;
    }

    /** All records, in ascending order of keys. */
    public static Scan all() {
        return ALL;
    }

    /** All records whose keys start with these bytes. */
    public static Scan prefix(byte[] prefix) {
        return new Scan(prefix.clone(), null, true, null, false, false, false, Long.MAX_VALUE, null, 0);
    }

    /** The records with {@code from <= key < to}; null leaves that end open. */
    public static Scan range(byte[] from, byte[] to) {
        return new Scan(null, copy(from), true, copy(to), false, false, false, Long.MAX_VALUE, null, 0);
    }

    /** The same scan with another lower end. */
    public Scan from(byte[] key, boolean inclusive) {
        return new Scan(
                prefix, key.clone(), inclusive, to, toInclusive, reverse, keysOnly, limit, delimiter, distinctBytes);
    }

    /** The same scan with another upper end. */
    public Scan to(byte[] key, boolean inclusive) {
        return new Scan(
                prefix,
                from,
                fromInclusive,
                key.clone(),
                inclusive,
                reverse,
                keysOnly,
                limit,
                delimiter,
                distinctBytes);
    }

    /**
     * The same scan going on after a key that was the last one of an earlier page: an exclusive bound at the end
     * where the walk starts, so set the direction first.
     */
    public Scan startAfter(byte[] key) {
        Objects.requireNonNull(key, "key");
        return reverse ? to(key, false) : from(key, false);
    }

    /** The same scan in descending order. */
    public Scan reversed() {
        return new Scan(
                prefix, from, fromInclusive, to, toInclusive, !reverse, keysOnly, limit, delimiter, distinctBytes);
    }

    /** The same scan without values: the cursor reads and copies keys only. */
    public Scan keysOnly() {
        return new Scan(prefix, from, fromInclusive, to, toInclusive, reverse, true, limit, delimiter, distinctBytes);
    }

    /**
     * The same scan, ended after so many records.
     *
     * @throws IllegalArgumentException if {@code records} is negative
     */
    public Scan limit(long records) {
        if (records < 0) {
            throw new IllegalArgumentException("a scan's limit is 0 or more records, not " + records);
        }
        return new Scan(
                prefix, from, fromInclusive, to, toInclusive, reverse, keysOnly, records, delimiter, distinctBytes);
    }

    /**
     * The same scan with keys rolled up, as a listing of one directory: all keys that have the delimiter behind the
     * scan's prefix, and share what is before it, become one entry, a <em>common prefix</em>, whose key ends with the
     * delimiter. Common prefixes and the other keys come in order; the records below a common prefix are not read.
     * A limit counts entries. {@link #startAfter} an entry goes on with the one behind it.
     *
     * @throws IllegalArgumentException if the delimiter is empty
     */
    public Scan rollUp(byte[] newDelimiter) {
        if (newDelimiter.length == 0) {
            throw new IllegalArgumentException("a delimiter has 1 byte or more");
        }
        return new Scan(
                prefix, from, fromInclusive, to, toInclusive, reverse, keysOnly, limit, newDelimiter.clone(), 0);
    }

    /**
     * The same scan with only the first record, in its direction, of all whose keys share so many first bytes; keys
     * that are shorter stand for themselves. The others are not read. A limit counts what is left; {@link #startAfter}
     * a key goes on with the next such prefix.
     *
     * @throws IllegalArgumentException if {@code firstBytes} is less than 1
     */
    public Scan distinct(int firstBytes) {
        if (firstBytes < 1) {
            throw new IllegalArgumentException("distinct prefixes have 1 byte or more, not " + firstBytes);
        }
        return new Scan(prefix, from, fromInclusive, to, toInclusive, reverse, keysOnly, limit, null, firstBytes);
    }

    /** The delimiter, or null; the array itself, not to be changed. */
    public byte[] delimiter() {
        return delimiter;
    }

    /** Length of the prefixes of which one record each is wanted; 0 for all records. */
    public int distinctBytes() {
        return distinctBytes;
    }

    /**
     * How many first bytes of the end where the walk starts are those of keys to be left out: in a scan that goes on
     * after an entry which stood for many records. 0 if that is not so.
     */
    public int skippedAtStart() {
        byte[] start = reverse ? to : from;
        if (start == null || (reverse ? toInclusive : fromInclusive)) {
            return 0;
        }
        if (distinctBytes > 0) {
            return start.length >= distinctBytes ? distinctBytes : 0;
        }
        return delimiter != null && !reverse && endsAtFirstDelimiter() ? start.length : 0;
    }

    private boolean endsAtFirstDelimiter() {
        int start = prefix == null ? 0 : prefix.length;
        if (prefix != null && (from.length < start || !Arrays.equals(prefix, 0, start, from, 0, start))) {
            return false;
        }
        for (int at = start; at + delimiter.length <= from.length; at++) {
            if (Arrays.equals(from, at, at + delimiter.length, delimiter, 0, delimiter.length)) {
                return at + delimiter.length == from.length;
            }
        }
        return false;
    }

    /** The prefix, or null; the array itself, not to be changed. */
    public byte[] prefix() {
        return prefix;
    }

    /** The smaller end, or null if it is open; the array itself, not to be changed. */
    public byte[] from() {
        return from;
    }

    public boolean fromInclusive() {
        return fromInclusive;
    }

    /** The larger end, or null if it is open; the array itself, not to be changed. */
    public byte[] to() {
        return to;
    }

    public boolean toInclusive() {
        return toInclusive;
    }

    public boolean isReverse() {
        return reverse;
    }

    public boolean isKeysOnly() {
        return keysOnly;
    }

    /** Records after which the scan ends; {@link Long#MAX_VALUE} if there is no limit. */
    public long limit() {
        return limit;
    }

    private static byte[] copy(byte[] bytes) {
        return bytes == null ? null : bytes.clone();
    }
}
