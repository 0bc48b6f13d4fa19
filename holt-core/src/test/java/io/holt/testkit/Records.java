package io.holt.testkit;

import java.nio.charset.StandardCharsets;

/** Records of the shapes that the benchmarks use, each computed from its number. */
public enum Records {

    /** Keys of 32 bytes that look random, values of 64. */
    KV(64) {
        @Override
        public byte[] key(int records, int i) {
            return words(12L * i, 4);
        }

        @Override
        public byte[] value(int records, int i) {
            return words(12L * i + 4, 8);
        }
    },

    /** Paths of objects in 32 buckets, values of 49 bytes. */
    OBJSTORE(49) {
        @Override
        public byte[] key(int records, int i) {
            int bucket = i / inBucket(records);
            byte[] key = "bucket-00/path/sub/file-000000.bin".getBytes(StandardCharsets.US_ASCII);
            digits(key, 9, 2, bucket);
            digits(key, 30, 6, i % inBucket(records));
            return key;
        }

        @Override
        public byte[] value(int records, int i) {
            long bucket = i / inBucket(records);
            long file = i % inBucket(records);
            return "{\"size\":%08d,\"etag\":\"%08x\",\"class\":\"STD\"}"
                    .formatted(file * 1000 + bucket * 100, bucket * 1000 + file)
                    .getBytes(StandardCharsets.US_ASCII);
        }

        private int inBucket(int records) {
            return (records + 31) / 32;
        }
    };

    private static final long SEED = 0xDEADBEEFCAFEBABEL;
    private static final long GAMMA = 0x9E3779B97F4A7C15L;

    private final int valueBytes;

    Records(int valueBytes) {
        this.valueBytes = valueBytes;
    }

    /** Key number {@code i} of so many records. */
    public abstract byte[] key(int records, int i);

    /** Value number {@code i} of so many records. */
    public abstract byte[] value(int records, int i);

    /** Length of each value. */
    public int valueBytes() {
        return valueBytes;
    }

    /** Words of the splitmix64 sequence, from one on, little-endian. */
    private static byte[] words(long from, int count) {
        byte[] bytes = new byte[8 * count];
        for (int word = 0; word < count; word++) {
            long z = SEED + (from + word + 1) * GAMMA;
            z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
            z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
            z ^= z >>> 31;
            for (int i = 0; i < 8; i++) {
                bytes[8 * word + i] = (byte) (z >>> (8 * i));
            }
        }
        return bytes;
    }

    private static void digits(byte[] key, int end, int count, int number) {
        int rest = number;
        for (int i = 1; i <= count; i++) {
            key[end - i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }
}
