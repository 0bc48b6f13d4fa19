package io.holt.benchmarks.kstreams;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.Arrays;
import org.apache.kafka.common.utils.Bytes;

/**
 * Keys of 34 bytes such as {@code bucket-07/path-03/sub-9/file-00042}, a hundred to a directory, and the order in
 * which they are used: a fixed shuffle.
 */
final class PathKeys {

    static final int FILES_PER_DIRECTORY = 100;

    private static final int VALUE_BYTES = 100;

    private final int count;

    /**
     * Makes the keys of a size.
     *
     * @param count a multiple of a hundred up to 10,000,000
     */
    PathKeys(int count) {
        this.count = count;
    }

    int count() {
        return count;
    }

    /** The key of this number, 0 to {@code count - 1}. */
    Bytes key(int number) {
        return Bytes.wrap(text(number, 'f'));
    }

    /** A key that is nowhere, in the directory of this number's. */
    Bytes absentKey(int number) {
        return Bytes.wrap(text(number, 'g'));
    }

    /** The directory of this number's key: the prefix of a hundred keys. */
    byte[] directory(int number) {
        return Arrays.copyOf(text(number, 'f'), 24);
    }

    private static byte[] text(int number, char kind) {
        int directory = number / FILES_PER_DIRECTORY;
        byte[] text = "bucket-00/path-00/sub-0/file-00000".getBytes(US_ASCII);
        digits(text, 7, 2, directory / 1_000 % 100);
        digits(text, 15, 2, directory / 10 % 100);
        digits(text, 22, 1, directory % 10);
        text[24] = (byte) kind;
        digits(text, 29, 5, number % FILES_PER_DIRECTORY + directory / 100_000 * FILES_PER_DIRECTORY);
        return text;
    }

    private static void digits(byte[] text, int offset, int digits, int number) {
        int rest = number;
        for (int i = offset + digits - 1; i >= offset; i--) {
            text[i] = (byte) ('0' + rest % 10);
            rest /= 10;
        }
    }

    /** The number that comes at this place of the shuffle: each comes once. */
    int shuffled(int place) {
        // Prime and larger than any count, so that it steps through all numbers.
        return (int) (place * 15_485_863L % count);
    }

    /** A value with a timestamp, as the DSL's stores keep them; different for each generation. */
    static byte[] value(int number, int generation) {
        byte[] value = new byte[Long.BYTES + VALUE_BYTES];
        for (int i = Long.BYTES; i < value.length; i++) {
            value[i] = (byte) (number * 31 + i + generation);
        }
        return value;
    }
}
