package io.holt.kstreams.internal;

import io.holt.api.Cursor;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import java.util.Arrays;

/**
 * The buckets of time that hold records of a tree, see {@link BucketKey}.
 *
 * <p>Threads: changed under the store's write lock, read from any thread.
 */
final class Buckets {

    private final HoltTree tree;
    private final long bucketMillis;

    /** In ascending order; replaced, never changed. */
    private volatile long[] live;

    /** Looks which buckets there are; costs a seek for each. */
    Buckets(HoltTree tree, long bucketMillis) {
        this.tree = tree;
        this.bucketMillis = bucketMillis;
        this.live = find(tree);
    }

    private static long[] find(HoltTree tree) {
        long[] found = new long[8];
        int count = 0;
        try (Cursor cursor = tree.scan(Scan.all().keysOnly())) {
            while (cursor.next()) {
                long bucket = BucketKey.bucket(cursor.keyArray(), cursor.keyOffset());
                if (count == found.length) {
                    found = Arrays.copyOf(found, count * 2);
                }
                found[count++] = bucket;
                if (bucket == Long.MAX_VALUE) {
                    break;
                }
                cursor.seek(BucketKey.prefix(bucket + 1));
            }
        }
        return Arrays.copyOf(found, count);
    }

    /** The bucket of a time in milliseconds. */
    long of(long timestamp) {
        return timestamp / bucketMillis;
    }

    /** Says that there will be records of this bucket. The caller holds the write lock. */
    void add(long bucket) {
        long[] present = live;
        int last = present.length - 1;
        if (last >= 0 && present[last] == bucket) {
            return;
        }
        int index = Arrays.binarySearch(present, bucket);
        if (index >= 0) {
            return;
        }
        int place = -index - 1;
        long[] more = new long[present.length + 1];
        System.arraycopy(present, 0, more, 0, place);
        more[place] = bucket;
        System.arraycopy(present, place, more, place + 1, present.length - place);
        live = more;
    }

    /** Whether there are buckets before this one. */
    boolean hasBefore(long bucket) {
        long[] present = live;
        return present.length != 0 && present[0] < bucket;
    }

    /**
     * Drops the buckets before this one with all their records, at the cost of one deletion each. The caller holds
     * the write lock and has begun a write.
     *
     * @param index a tree with the same buckets, or null
     */
    void dropBefore(long bucket, HoltTree index) {
        long[] present = live;
        int dropped = 0;
        while (dropped < present.length && present[dropped] < bucket) {
            byte[] prefix = BucketKey.prefix(present[dropped]);
            tree.deletePrefix(prefix);
            if (index != null) {
                index.deletePrefix(prefix);
            }
            dropped++;
        }
        live = Arrays.copyOfRange(present, dropped, present.length);
    }

    /** The buckets from one to another, both included, in ascending order; empty if there are none. */
    long[] between(long first, long last) {
        long[] present = live;
        int from = 0;
        while (from < present.length && present[from] < first) {
            from++;
        }
        int to = from;
        while (to < present.length && present[to] <= last) {
            to++;
        }
        return Arrays.copyOfRange(present, from, to);
    }

    /** How many there are. */
    int count() {
        return live.length;
    }
}
