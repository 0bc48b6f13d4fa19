package io.holt.kstreams.internal;

import io.holt.api.Scan;
import java.util.Arrays;

/**
 * The same range of keys in each of several buckets, in the order in which they are walked. What lies between the
 * ranges is jumped over by seeking and not read, so the costs are those of the buckets and of the records meant.
 *
 * <p>Keeps the place of one walk: for use by one iterator.
 */
final class Spans {

    /** The record is one that is meant. */
    static final int MEANT = 0;

    /** The record is not meant, the next one may be. */
    static final int SKIP = 1;

    /** The next record that may be meant is at {@link #target()} or beyond. */
    static final int SEEK = 2;

    /** No further record is meant. */
    static final int END = 3;

    private final long[] buckets;
    private final byte[] low;
    private final byte[] high;
    private final boolean reverse;
    private final RecordFilter filter;
    private int at;

    /**
     * @param buckets the buckets in ascending order, at least one
     * @param low the smallest key within a bucket, or null if there is no bound
     * @param high the largest key within a bucket, or null if there is no bound
     * @param filter which of the records in the range are meant
     */
    Spans(long[] buckets, byte[] low, byte[] high, boolean reverse, RecordFilter filter) {
        this.buckets = reverse ? reversed(buckets) : buckets;
        this.low = low == null ? new byte[BucketKey.PREFIX_BYTES] : BucketKey.of(0, low);
        this.high = high == null ? null : BucketKey.of(0, high);
        this.reverse = reverse;
        this.filter = filter;
        moveTo(0);
    }

    /**
     * The keys of the tree in order of time from one time to another, both included.
     *
     * @param from a negative one counts as 0
     */
    static Spans ofTimes(long[] buckets, long from, long to, boolean reverse) {
        byte[] low = BucketKey.plain(Math.max(0, from));
        // No key is as short as a bucket and a time, so all keys of a time are under the next time.
        byte[] high = to == Long.MAX_VALUE ? null : BucketKey.plain(to + 1);
        return new Spans(buckets, low, high, reverse, (array, offset, length) -> true);
    }

    private static long[] reversed(long[] buckets) {
        long[] descending = new long[buckets.length];
        for (int i = 0; i < buckets.length; i++) {
            descending[i] = buckets[buckets.length - 1 - i];
        }
        return descending;
    }

    private void moveTo(int index) {
        at = index;
        BucketKey.putPrefix(low, buckets[index]);
        if (high != null) {
            BucketKey.putPrefix(high, buckets[index]);
        }
    }

    /** From the smallest key of all ranges to the largest one. */
    Scan scan() {
        long first = Math.min(buckets[0], buckets[buckets.length - 1]);
        long last = Math.max(buckets[0], buckets[buckets.length - 1]);
        byte[] from = low.clone();
        BucketKey.putPrefix(from, first);
        Scan scan = Scan.all().from(from, true);
        if (high != null) {
            byte[] to = high.clone();
            BucketKey.putPrefix(to, last);
            scan = scan.to(to, true);
        } else if (last != Long.MAX_VALUE) {
            byte[] to = new byte[BucketKey.PREFIX_BYTES];
            BucketKey.putPrefix(to, last + 1);
            scan = scan.to(to, false);
        }
        return reverse ? scan.reversed() : scan;
    }

    /** What is to be done about the record of this key, the next one of the walk. */
    int judge(byte[] array, int offset, int length) {
        while (isBeyond(array, offset, length)) {
            if (at + 1 == buckets.length) {
                return END;
            }
            moveTo(at + 1);
        }
        if (isBefore(array, offset, length)) {
            return SEEK;
        }
        return filter.accepts(array, offset, length) ? MEANT : SKIP;
    }

    private boolean isBeyond(byte[] array, int offset, int length) {
        return reverse ? isUnderLow(array, offset, length) : isOverHigh(array, offset, length);
    }

    private boolean isBefore(byte[] array, int offset, int length) {
        return reverse ? isOverHigh(array, offset, length) : isUnderLow(array, offset, length);
    }

    private boolean isUnderLow(byte[] array, int offset, int length) {
        return Arrays.compareUnsigned(array, offset, offset + length, low, 0, low.length) < 0;
    }

    private boolean isOverHigh(byte[] array, int offset, int length) {
        if (high == null) {
            return BucketKey.bucket(array, offset) > buckets[at];
        }
        return Arrays.compareUnsigned(array, offset, offset + length, high, 0, high.length) > 0;
    }

    /** Where the present range begins in the direction of the walk, for {@link #SEEK}. */
    byte[] target() {
        if (!reverse) {
            return low;
        }
        if (high != null) {
            return high;
        }
        // No key is as short as a prefix, so all keys of the bucket are under the next bucket's.
        byte[] end = new byte[BucketKey.PREFIX_BYTES];
        BucketKey.putPrefix(end, buckets[at] + 1);
        return end;
    }
}
