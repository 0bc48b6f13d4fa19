package io.holt.kstreams.internal;

/**
 * How long a window or session store keeps its records, and in what pieces it drops them.
 *
 * @param retentionMillis how far behind the newest record a record may be before it counts as expired
 * @param bucketMillis the time that one bucket spans, at least 1
 * @param isTimeIndexed whether the store keeps its keys in order of time as well
 * @param emitsOnClose whether results are emitted when a window closes; then a record that is just as far behind as
 *     the retention allows can still be read
 */
public record SegmentSettings(long retentionMillis, long bucketMillis, boolean isTimeIndexed, boolean emitsOnClose) {

    /** Shortest bucket unless another is asked for: a minute, as the segments of the built-in stores. */
    private static final long BUCKET_MILLIS_MIN = 60_000L;

    /** Most buckets that the records of a store with buckets of a chosen length may fall into. */
    private static final long BUCKETS_MAX = 4_096;

    /** As long as the segments of the built-in stores: half of the retention, at least a minute. */
    public static SegmentSettings of(long retentionMillis) {
        return new SegmentSettings(retentionMillis, Math.max(retentionMillis / 2, BUCKET_MILLIS_MIN), false, false);
    }

    /** The same with keys in order of time. */
    public SegmentSettings timeIndexed() {
        return new SegmentSettings(retentionMillis, bucketMillis, true, emitsOnClose);
    }

    /** The same for results that are emitted when a window closes. */
    public SegmentSettings emittingOnClose() {
        return new SegmentSettings(retentionMillis, bucketMillis, isTimeIndexed, true);
    }

    /**
     * Buckets about as long as a window, so that the windows which close together are found together in one bucket,
     * for results that are emitted when a window closes.
     */
    public static SegmentSettings ofWindows(long retentionMillis, long windowMillis) {
        long bucketMillis = Math.max(Math.max(windowMillis, retentionMillis / BUCKETS_MAX), 1);
        return new SegmentSettings(retentionMillis, bucketMillis, false, true);
    }

    /** The earliest time that can still be read when the newest record is of this time. */
    long firstLive(long streamTime) {
        return emitsOnClose ? streamTime - retentionMillis : streamTime - retentionMillis + 1;
    }

    StoreLayout layout(StoreKind kind) {
        return new StoreLayout(kind, bucketMillis, isTimeIndexed);
    }
}
