package io.holt.kstreams.internal;

import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;

/**
 * The keys of a session store's trees. After the bucket comes the key as the changelog has it:
 *
 * <pre>
 *  0         8
 * +---------+-------- - - -+----------------+------------------+
 * | bucket  |     key      | end of session | start of session |   tree of data: 8 and 8 bytes at the end
 * +---------+-------- - - -+----------------+------------------+
 * +---------+----------------+------------------+-------- - - -+
 * | bucket  | end of session | start of session |     key      |   tree in order of time
 * +---------+----------------+------------------+-------- - - -+
 * </pre>
 *
 * Big-endian. A session is in the bucket of its end.
 */
final class SessionKey {

    static final int SUFFIX_BYTES = 2 * Long.BYTES;

    static final TimedKeyFormat FORMAT = new TimedKeyFormat() {
        @Override
        public long time(byte[] key) {
            return end(key, 0, key.length);
        }

        @Override
        public byte[] toTimes(byte[] key) {
            return SessionKey.toTimes(key);
        }
    };

    private SessionKey() {}

    static long end(byte[] array, int offset, int length) {
        return BucketKey.getLong(array, offset + length - SUFFIX_BYTES);
    }

    private static long start(byte[] array, int offset, int length) {
        return BucketKey.getLong(array, offset + length - Long.BYTES);
    }

    /** The key in the tree of data, without its bucket. */
    static byte[] of(byte[] key, long start, long end) {
        byte[] whole = new byte[BucketKey.PREFIX_BYTES + key.length + SUFFIX_BYTES];
        System.arraycopy(key, 0, whole, BucketKey.PREFIX_BYTES, key.length);
        BucketKey.putLong(whole, whole.length - SUFFIX_BYTES, end);
        BucketKey.putLong(whole, whole.length - Long.BYTES, start);
        return whole;
    }

    /** Reads the session's key and its bounds. */
    static Windowed<Bytes> read(byte[] array, int offset, int length) {
        byte[] key = Arrays.copyOfRange(array, offset + BucketKey.PREFIX_BYTES, offset + length - SUFFIX_BYTES);
        SessionWindow window = new SessionWindow(start(array, offset, length), end(array, offset, length));
        return new Windowed<>(Bytes.wrap(key), window);
    }

    /** As {@link #read}, for the tree in order of time. */
    static Windowed<Bytes> readTimes(byte[] array, int offset, int length) {
        int times = offset + BucketKey.PREFIX_BYTES;
        byte[] key = Arrays.copyOfRange(array, times + SUFFIX_BYTES, offset + length);
        SessionWindow window =
                new SessionWindow(BucketKey.getLong(array, times + Long.BYTES), BucketKey.getLong(array, times));
        return new Windowed<>(Bytes.wrap(key), window);
    }

    /** The key in the tree in order of time of a key in the tree of data. */
    static byte[] toTimes(byte[] key) {
        byte[] times = key.clone();
        int keyBytes = key.length - BucketKey.PREFIX_BYTES - SUFFIX_BYTES;
        System.arraycopy(key, key.length - SUFFIX_BYTES, times, BucketKey.PREFIX_BYTES, SUFFIX_BYTES);
        System.arraycopy(key, BucketKey.PREFIX_BYTES, times, BucketKey.PREFIX_BYTES + SUFFIX_BYTES, keyBytes);
        return times;
    }

    /** The key in the tree of data of a key in the tree in order of time. */
    static byte[] fromTimes(byte[] array, int offset, int length) {
        byte[] key = Arrays.copyOfRange(array, offset, offset + length);
        int keyBytes = length - BucketKey.PREFIX_BYTES - SUFFIX_BYTES;
        int times = offset + BucketKey.PREFIX_BYTES;
        System.arraycopy(array, times + SUFFIX_BYTES, key, BucketKey.PREFIX_BYTES, keyBytes);
        System.arraycopy(array, times, key, length - SUFFIX_BYTES, SUFFIX_BYTES);
        return key;
    }

    /**
     * Sessions of keys from one to another that end at a time or later and start at another or earlier; null leaves
     * an end open.
     */
    static RecordFilter filter(Bytes keyFrom, Bytes keyTo, long endFrom, long startTo) {
        byte[] low = keyFrom == null ? null : keyFrom.get();
        byte[] high = keyTo == null ? null : keyTo.get();
        return (array, offset, length) -> end(array, offset, length) >= endFrom
                && start(array, offset, length) <= startTo
                && WindowKey.isWithin(
                        array, offset + BucketKey.PREFIX_BYTES, offset + length - SUFFIX_BYTES, low, high);
    }

    /** Sessions that end from one time to another. */
    static RecordFilter endFilter(long endFrom, long endTo) {
        return (array, offset, length) -> {
            long end = end(array, offset, length);
            return end >= endFrom && end <= endTo;
        };
    }
}
