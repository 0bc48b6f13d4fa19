package io.holt.api;

import java.util.Objects;

/**
 * What a cursor walks over: bounds, direction, limit and whether values are wanted. Immutable; the arrays given to it
 * are copied. Bounds combine: a prefix may be narrowed by {@link #from} and {@link #to}.
 *
 * <p>{@code from} is always the smaller end and {@code to} the larger one, whatever the direction.
 */
public final class Scan {

    private static final Scan ALL = new Scan(null, null, true, null, false, false, false, Long.MAX_VALUE);

    private final byte[] prefix;
    private final byte[] from;
    private final boolean fromInclusive;
    private final byte[] to;
    private final boolean toInclusive;
    private final boolean reverse;
    private final boolean keysOnly;
    private final long limit;

    private Scan(
            byte[] prefix,
            byte[] from,
            boolean fromInclusive,
            byte[] to,
            boolean toInclusive,
            boolean reverse,
            boolean keysOnly,
            long limit) {
        this.prefix = prefix;
        this.from = from;
        this.fromInclusive = fromInclusive;
        this.to = to;
        this.toInclusive = toInclusive;
        this.reverse = reverse;
        this.keysOnly = keysOnly;
        this.limit = limit;
    }

    /** All records, in ascending order of keys. */
    public static Scan all() {
        return ALL;
    }

    /** All records whose keys start with these bytes. */
    public static Scan prefix(byte[] prefix) {
        return new Scan(prefix.clone(), null, true, null, false, false, false, Long.MAX_VALUE);
    }

    /** The records with {@code from <= key < to}; null leaves that end open. */
    public static Scan range(byte[] from, byte[] to) {
        return new Scan(null, copy(from), true, copy(to), false, false, false, Long.MAX_VALUE);
    }

    /** The same scan with another lower end. */
    public Scan from(byte[] key, boolean inclusive) {
        return new Scan(prefix, key.clone(), inclusive, to, toInclusive, reverse, keysOnly, limit);
    }

    /** The same scan with another upper end. */
    public Scan to(byte[] key, boolean inclusive) {
        return new Scan(prefix, from, fromInclusive, key.clone(), inclusive, reverse, keysOnly, limit);
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
        return new Scan(prefix, from, fromInclusive, to, toInclusive, !reverse, keysOnly, limit);
    }

    /** The same scan without values: the cursor reads and copies keys only. */
    public Scan keysOnly() {
        return new Scan(prefix, from, fromInclusive, to, toInclusive, reverse, true, limit);
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
        return new Scan(prefix, from, fromInclusive, to, toInclusive, reverse, keysOnly, records);
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
