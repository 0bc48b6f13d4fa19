package io.holt.kstreams.internal;

import io.holt.api.KeyTooLongException;
import io.holt.api.TreeView;
import java.util.Arrays;

/**
 * The records of a versioned store's trees. The tree of data has the latest version of each key that is not deleted:
 * its value begins with the version's timestamp (8 bytes). The tree of history has the versions before it and the
 * deletions:
 *
 * <pre>
 * key:    0         8        10               at the end
 *        +---------+--------+------- - - -+-----------------------+
 *        | bucket  |  bytes |     key     | timestamp, sign flip. |
 *        +---------+--------+------- - - -+-----------------------+
 * value:  0                  8      9
 *        +------------------+------+------- - - -+
 *        |     valid to     | kind |    value    |   kind: 1 = a version; 2 = a deletion, which has no value
 *        +------------------+------+------- - - -+
 * </pre>
 *
 * Big-endian. A version is in the bucket of the time up to which it was valid, for by that it expires; a deletion is
 * in the bucket of its own timestamp, and its "valid to" is that too.
 */
final class VersionRecord {

    static final int TIMESTAMP_BYTES = Long.BYTES;

    private static final int KEY_LENGTH_BYTES = Short.BYTES;
    private static final int FIXED_KEY_BYTES = BucketKey.PREFIX_BYTES + KEY_LENGTH_BYTES + TIMESTAMP_BYTES;
    private static final int VALUE_HEADER_BYTES = Long.BYTES + 1;
    private static final byte VERSION = 1;
    private static final byte DELETION = 2;

    private VersionRecord() {}

    /** Refuses a key that the tree of history could not have, at its first version. */
    static void checkKey(byte[] key) {
        if (key.length + FIXED_KEY_BYTES > TreeView.MAX_KEY_BYTES) {
            throw new KeyTooLongException(key.length + FIXED_KEY_BYTES);
        }
    }

    /**
     * The key of a version or deletion in the tree of history.
     *
     * @param key see {@link #checkKey}; of a longer one there is none
     */
    static byte[] historyKey(long bucket, byte[] key, long timestamp) {
        byte[] whole = new byte[FIXED_KEY_BYTES + key.length];
        BucketKey.putPrefix(whole, bucket);
        whole[BucketKey.PREFIX_BYTES] = (byte) (key.length >>> 8);
        whole[BucketKey.PREFIX_BYTES + 1] = (byte) key.length;
        System.arraycopy(key, 0, whole, BucketKey.PREFIX_BYTES + KEY_LENGTH_BYTES, key.length);
        setTimestamp(whole, timestamp);
        return whole;
    }

    /** Makes a key of the tree of history that of another version of the same key in the same bucket. */
    static void setTimestamp(byte[] historyKey, long timestamp) {
        BucketKey.putLong(historyKey, historyKey.length - TIMESTAMP_BYTES, timestamp ^ Long.MIN_VALUE);
    }

    static long timestamp(byte[] array, int offset, int length) {
        return BucketKey.getLong(array, offset + length - TIMESTAMP_BYTES) ^ Long.MIN_VALUE;
    }

    static byte[] version(long validTo, byte[] value) {
        byte[] whole = new byte[VALUE_HEADER_BYTES + value.length];
        BucketKey.putLong(whole, 0, validTo);
        whole[Long.BYTES] = VERSION;
        System.arraycopy(value, 0, whole, VALUE_HEADER_BYTES, value.length);
        return whole;
    }

    static byte[] deletion(long timestamp) {
        byte[] whole = new byte[VALUE_HEADER_BYTES];
        BucketKey.putLong(whole, 0, timestamp);
        whole[Long.BYTES] = DELETION;
        return whole;
    }

    /** By when a record of the tree of history expires, and so the time whose bucket it is in. */
    static long bucketTime(byte[] value) {
        return BucketKey.getLong(value, 0);
    }

    static long validTo(byte[] array, int offset) {
        return BucketKey.getLong(array, offset);
    }

    static boolean isDeletion(byte[] array, int offset) {
        return array[offset + Long.BYTES] == DELETION;
    }

    static byte[] valueOf(byte[] array, int offset, int length) {
        return Arrays.copyOfRange(array, offset + VALUE_HEADER_BYTES, offset + length);
    }

    static byte[] latest(long timestamp, byte[] value) {
        byte[] whole = new byte[TIMESTAMP_BYTES + value.length];
        BucketKey.putLong(whole, 0, timestamp);
        System.arraycopy(value, 0, whole, TIMESTAMP_BYTES, value.length);
        return whole;
    }

    static long latestTimestamp(byte[] latest) {
        return BucketKey.getLong(latest, 0);
    }

    static byte[] latestValue(byte[] latest) {
        return Arrays.copyOfRange(latest, TIMESTAMP_BYTES, latest.length);
    }
}
