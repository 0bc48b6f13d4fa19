package io.holt.benchmarks.data;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.zip.CRC32;

/** An ordered list of records, made whole at once; it is loaded in this order. Not to be changed once made. */
public final class Dataset {

    /** Digits of a file's number in the suite of 20,000 records that other implementations publish. */
    public static final int BASE_DIGITS = 4;

    /** Digits of a file's number everywhere else. */
    public static final int SCALE_DIGITS = 6;

    private static final int BUCKETS = 32;
    private static final int CATEGORIES = 16;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private final DatasetKind kind;
    private final byte[][] keys;
    private final byte[][] values;

    private Dataset(DatasetKind kind, int records) {
        this.kind = kind;
        this.keys = new byte[records][];
        this.values = new byte[records][];
    }

    /**
     * Makes a data set.
     *
     * @param records 1 or more
     * @param digits how many digits a file's number is padded to; says nothing for {@link DatasetKind#KV}
     * @throws IllegalArgumentException if {@code records} is 0 or less, or a number needs more digits
     */
    public static Dataset of(DatasetKind kind, int records, int digits) {
        if (records < 1) {
            throw new IllegalArgumentException("a data set has 1 or more records, not " + records);
        }
        Dataset dataset = new Dataset(kind, records);
        switch (kind) {
            case KV -> dataset.fillKv();
            case OBJSTORE -> dataset.fillObjstore(digits);
            case FS -> dataset.fillFs(digits);
        }
        return dataset;
    }

    public DatasetKind kind() {
        return kind;
    }

    public int records() {
        return keys.length;
    }

    /** The array itself; whoever changes it puts it back. */
    public byte[] key(int index) {
        return keys[index];
    }

    /** The array itself, not to be changed. */
    public byte[] value(int index) {
        return values[index];
    }

    /** Length of each value in bytes: within a data set they are all the same. */
    public int valueBytes() {
        return values[0].length;
    }

    /** Bytes of all keys and values. */
    public long bytes() {
        long bytes = 0;
        for (int i = 0; i < keys.length; i++) {
            bytes += keys[i].length + values[i].length;
        }
        return bytes;
    }

    /** The CRC-32 of key and value of all records in order. */
    public long crc32() {
        CRC32 crc = new CRC32();
        for (int i = 0; i < keys.length; i++) {
            crc.update(keys[i]);
            crc.update(values[i]);
        }
        return crc.getValue();
    }

    private void fillKv() {
        SplitMix64 random = new SplitMix64(SplitMix64.SEED);
        for (int i = 0; i < keys.length; i++) {
            keys[i] = new byte[32];
            values[i] = new byte[64];
            random.fill(keys[i]);
            random.fill(values[i]);
        }
    }

    private void fillObjstore(int digits) {
        int perBucket = Math.ceilDiv(keys.length, BUCKETS);
        checkDigits(perBucket, digits);
        byte[] keyForm = ("bucket-00/path/sub/file-" + "0".repeat(digits) + ".bin").getBytes(US_ASCII);
        byte[] valueForm = "{\"size\":00000000,\"etag\":\"00000000\",\"class\":\"STD\"}".getBytes(US_ASCII);
        for (int i = 0; i < keys.length; i++) {
            int bucket = i / perBucket;
            int file = i % perBucket;
            keys[i] = keyForm.clone();
            putDigits(keys[i], 7, 2, bucket, 10);
            putDigits(keys[i], 24, digits, file, 10);
            values[i] = valueForm.clone();
            putDigits(values[i], 8, 8, file * 1000L + bucket * 100L, 10);
            putDigits(values[i], 25, 8, (bucket * 1000L + file) & 0xFFFF_FFFFL, 16);
        }
    }

    private void fillFs(int digits) {
        int perCategory = Math.ceilDiv(keys.length, CATEGORIES);
        checkDigits(perCategory, digits);
        for (int i = 0; i < keys.length; i++) {
            int category = i / perCategory;
            int file = i % perCategory;
            String directory = "/usr/local/share/category-" + category + "/file-";
            keys[i] = (directory + "0".repeat(digits)).getBytes(US_ASCII);
            putDigits(keys[i], directory.length(), digits, file, 10);
            values[i] = attributes(file);
        }
    }

    private static byte[] attributes(int file) {
        byte[] value = new byte[32];
        LONG.set(value, 0, file * 1024L);
        LONG.set(value, 8, 1_700_000_000L + file);
        INT.set(value, 16, 0644);
        INT.set(value, 20, 1000);
        INT.set(value, 24, 1000);
        INT.set(value, 28, 1);
        return value;
    }

    private static void checkDigits(int files, int digits) {
        if (Integer.toString(files - 1).length() > digits) {
            throw new IllegalArgumentException(
                    files + " files a directory do not have numbers of " + digits + " digits; ask for more digits");
        }
    }

    // Formatting millions of records by String.format would take longer than measuring them.
    private static void putDigits(byte[] target, int offset, int digits, long number, int radix) {
        long rest = number;
        for (int i = offset + digits - 1; i >= offset; i--) {
            target[i] = (byte) Character.forDigit((int) (rest % radix), radix);
            rest /= radix;
        }
        if (rest != 0) {
            throw new IllegalArgumentException(number + " does not have " + digits + " digits; ask for fewer records");
        }
    }
}
