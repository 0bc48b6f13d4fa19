package io.holt.kstreams.internal;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The keys of a tree that is divided into buckets of time. All records of a bucket have its prefix, so that one
 * {@code deletePrefix} removes them, and the buckets lie in order of time.
 *
 * <pre>
 *  0                          8
 * +--------------------------+--------------------------- - - +
 * |   bucket, sign flipped   |  key within the bucket         |
 * +--------------------------+--------------------------- - - +
 * </pre>
 *
 * Big-endian, so that the order of the bytes is the order of the numbers.
 */
final class BucketKey {

    static final int PREFIX_BYTES = Long.BYTES;

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.BIG_ENDIAN);

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.BIG_ENDIAN);

    private BucketKey() {}

    static void putPrefix(byte[] target, long bucket) {
        LONG.set(target, 0, bucket ^ Long.MIN_VALUE);
    }

    /** The bucket of the key at this place. */
    static long bucket(byte[] array, int offset) {
        return (long) LONG.get(array, offset) ^ Long.MIN_VALUE;
    }

    static byte[] prefix(long bucket) {
        byte[] prefix = new byte[PREFIX_BYTES];
        putPrefix(prefix, bucket);
        return prefix;
    }

    static byte[] of(long bucket, byte[] rest) {
        byte[] key = new byte[PREFIX_BYTES + rest.length];
        putPrefix(key, bucket);
        System.arraycopy(rest, 0, key, PREFIX_BYTES, rest.length);
        return key;
    }

    /** The eight bytes of a number that is not negative. */
    static byte[] plain(long value) {
        byte[] bytes = new byte[Long.BYTES];
        LONG.set(bytes, 0, value);
        return bytes;
    }

    /** A big-endian number, as Kafka Streams writes them into the keys of windows and sessions. */
    static long getLong(byte[] array, int offset) {
        return (long) LONG.get(array, offset);
    }

    static void putLong(byte[] array, int offset, long value) {
        LONG.set(array, offset, value);
    }

    static void putInt(byte[] array, int offset, int value) {
        INT.set(array, offset, value);
    }
}
