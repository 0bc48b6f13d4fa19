package io.holt.kstreams.internal;

import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.TimeWindow;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of a window store's trees. After the bucket comes the key as the changelog has it:
 *
 * <pre>
 *  0         8
 * +---------+-------- - - -+-----------------+-----------------+
 * | bucket  |     key      | start of window | sequence number |   tree of data: 8 and 4 bytes at the end
 * +---------+-------- - - -+-----------------+-----------------+
 * +---------+-----------------+-------- - - -+-----------------+
 * | bucket  | start of window |     key      | sequence number |   tree in order of time
 * +---------+-----------------+-------- - - -+-----------------+
 * </pre>
 *
 * Big-endian.
 */
final class WindowKey {

    static final int SUFFIX_BYTES = Long.BYTES + Integer.BYTES;

    private static final Logger LOG = LoggerFactory.getLogger(WindowKey.class);
    private static final int SEQUENCE_BYTES = Integer.BYTES;

    static final TimedKeyFormat FORMAT = new TimedKeyFormat() {
        @Override
        public long time(byte[] key) {
            return timestamp(key, 0, key.length);
        }

        @Override
        public byte[] toTimes(byte[] key) {
            return WindowKey.toTimes(key);
        }
    };

    private WindowKey() {}

    /** The start of the window, in milliseconds. */
    static long timestamp(byte[] array, int offset, int length) {
        return BucketKey.getLong(array, offset + length - SUFFIX_BYTES);
    }

    /** The key in the tree of data, without its bucket. */
    static byte[] of(byte[] key, long timestamp, int sequence) {
        byte[] whole = new byte[BucketKey.PREFIX_BYTES + key.length + SUFFIX_BYTES];
        System.arraycopy(key, 0, whole, BucketKey.PREFIX_BYTES, key.length);
        BucketKey.putLong(whole, whole.length - SUFFIX_BYTES, timestamp);
        BucketKey.putInt(whole, whole.length - SEQUENCE_BYTES, sequence);
        return whole;
    }

    /** Reads the window's key and its bounds. */
    static KeyReader<Windowed<Bytes>> reader(long windowSize) {
        return (array, offset, length) -> {
            byte[] key = Arrays.copyOfRange(array, offset + BucketKey.PREFIX_BYTES, offset + length - SUFFIX_BYTES);
            return new Windowed<>(Bytes.wrap(key), window(timestamp(array, offset, length), windowSize));
        };
    }

    /** As {@link #reader}, for the tree in order of time. */
    static KeyReader<Windowed<Bytes>> readerOfTimes(long windowSize) {
        return (array, offset, length) -> {
            int keyOffset = offset + BucketKey.PREFIX_BYTES + Long.BYTES;
            byte[] key = Arrays.copyOfRange(array, keyOffset, offset + length - SEQUENCE_BYTES);
            long start = BucketKey.getLong(array, offset + BucketKey.PREFIX_BYTES);
            return new Windowed<>(Bytes.wrap(key), window(start, windowSize));
        };
    }

    private static TimeWindow window(long start, long windowSize) {
        long end = start + windowSize;
        if (end < 0) {
            LOG.warn("Warning: window end time was truncated to Long.MAX");
            end = Long.MAX_VALUE;
        }
        return new TimeWindow(start, end);
    }

    /** The key in the tree in order of time of a key in the tree of data. */
    static byte[] toTimes(byte[] key) {
        byte[] times = key.clone();
        int keyBytes = key.length - BucketKey.PREFIX_BYTES - SUFFIX_BYTES;
        System.arraycopy(key, key.length - SUFFIX_BYTES, times, BucketKey.PREFIX_BYTES, Long.BYTES);
        System.arraycopy(key, BucketKey.PREFIX_BYTES, times, BucketKey.PREFIX_BYTES + Long.BYTES, keyBytes);
        return times;
    }

    /** The key in the tree of data of a key in the tree in order of time. */
    static byte[] fromTimes(byte[] array, int offset, int length) {
        byte[] key = Arrays.copyOfRange(array, offset, offset + length);
        int keyBytes = length - BucketKey.PREFIX_BYTES - SUFFIX_BYTES;
        int times = offset + BucketKey.PREFIX_BYTES;
        System.arraycopy(array, times + Long.BYTES, key, BucketKey.PREFIX_BYTES, keyBytes);
        System.arraycopy(array, times, key, length - SUFFIX_BYTES, Long.BYTES);
        return key;
    }

    /** Windows of keys from one to another that start from one time to another; null leaves an end open. */
    static RecordFilter filter(Bytes keyFrom, Bytes keyTo, long timeFrom, long timeTo) {
        byte[] low = keyFrom == null ? null : keyFrom.get();
        byte[] high = keyTo == null ? null : keyTo.get();
        return (array, offset, length) -> {
            long time = timestamp(array, offset, length);
            return time >= timeFrom
                    && time <= timeTo
                    && isWithin(array, offset + BucketKey.PREFIX_BYTES, offset + length - SUFFIX_BYTES, low, high);
        };
    }

    /** Whether the key {@code array[begin, end)} is from one key to another; null leaves an end open. */
    static boolean isWithin(byte[] array, int begin, int end, byte[] low, byte[] high) {
        return (low == null || Arrays.compareUnsigned(array, begin, end, low, 0, low.length) >= 0)
                && (high == null || Arrays.compareUnsigned(array, begin, end, high, 0, high.length) <= 0);
    }
}
