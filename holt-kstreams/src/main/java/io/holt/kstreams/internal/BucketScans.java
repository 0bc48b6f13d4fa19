package io.holt.kstreams.internal;

import io.holt.api.Scan;
import java.util.Arrays;

/**
 * The same range of keys in each of several buckets, one scan after the other in the order of the walk. Each scan keeps
 * to what all its keys begin with, so the costs are those of the buckets and of the records meant; and while each
 * bucket has few of these, they are read together. Immutable.
 */
final class BucketScans implements Scans {

    /** For fewer buckets it does not pay. */
    private static final int TOGETHER_MIN = 3;

    /** As many as a tree walks to at once. */
    private static final int TOGETHER_MAX = 16;

    private final long[] buckets;
    private final byte[] low;
    private final byte[] high;
    private final boolean reverse;

    /** Length of what all keys of the range begin with, behind the bucket. */
    private final int commonBytes;

    /**
     * @param buckets the buckets in ascending order, at least one
     * @param low the smallest key within a bucket, or null if there is no bound
     * @param high the largest key within a bucket, or null if there is no bound
     */
    private BucketScans(long[] buckets, byte[] low, byte[] high, boolean reverse) {
        this.buckets = buckets;
        this.low = low;
        this.high = high;
        this.reverse = reverse;
        this.commonBytes = low == null || high == null ? 0 : Scans.commonBytes(low, high);
    }

    /**
     * A range in some buckets.
     *
     * @param buckets all buckets with records from the first to the last of them, in ascending order; at least one
     * @param low the smallest key within a bucket, or null if there is no bound
     * @param high the largest key within a bucket, or null if there is no bound
     */
    static Scans of(long[] buckets, byte[] low, byte[] high, boolean reverse) {
        return low == null && high == null
                ? whole(buckets[0], buckets[buckets.length - 1], reverse)
                : new BucketScans(buckets, low, high, reverse);
    }

    /**
     * The keys of the tree in order of time from one time to another, both included.
     *
     * @param from a negative one counts as 0
     * @param to not negative
     */
    static Scans ofTimes(long[] buckets, long from, long to, boolean reverse) {
        byte[] low = BucketKey.plain(Math.max(0, from));
        // No key is as short as a bucket and a time, so all keys of a time are under the next time.
        byte[] high = to == Long.MAX_VALUE ? null : BucketKey.plain(to + 1);
        return new BucketScans(buckets, low, high, reverse);
    }

    private static Scans whole(long first, long last, boolean reverse) {
        Scan scan = Scan.all().from(BucketKey.prefix(first), true);
        if (last != Long.MAX_VALUE) {
            scan = scan.to(BucketKey.prefix(last + 1), false);
        }
        return Scans.of(reverse ? scan.reversed() : scan);
    }

    @Override
    public int count() {
        return buckets.length;
    }

    @Override
    public byte[][] prefixes(int first) {
        int count = Math.min(buckets.length - first, TOGETHER_MAX);
        if (commonBytes == 0 || count < TOGETHER_MIN) {
            return null;
        }
        byte[][] prefixes = new byte[count][];
        for (int i = 0; i < count; i++) {
            prefixes[i] = join(bucket(first + i), low, commonBytes);
        }
        return prefixes;
    }

    @Override
    public boolean contains(byte[] array, int offset, int length) {
        int begin = offset + BucketKey.PREFIX_BYTES;
        return WindowKey.isWithin(array, begin, offset + length, low, high);
    }

    @Override
    public boolean isReverse() {
        return reverse;
    }

    private byte[] bucket(int index) {
        return BucketKey.prefix(buckets[reverse ? buckets.length - 1 - index : index]);
    }

    @Override
    public Scan scan(int index) {
        byte[] bucket = bucket(index);
        Scan scan = Scan.prefix(commonBytes == 0 ? bucket : join(bucket, low, commonBytes));
        if (low != null) {
            scan = scan.from(join(bucket, low, low.length), true);
        }
        if (high != null) {
            scan = scan.to(join(bucket, high, high.length), true);
        }
        return reverse ? scan.reversed() : scan;
    }

    private static byte[] join(byte[] bucket, byte[] rest, int restBytes) {
        byte[] key = Arrays.copyOf(bucket, bucket.length + restBytes);
        System.arraycopy(rest, 0, key, bucket.length, restBytes);
        return key;
    }
}
