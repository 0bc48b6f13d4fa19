package io.holt.examples.kstreams;

import io.holt.examples.fs.EventCodec;
import io.holt.examples.fs.FileSystemEvent;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Function;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;

/** How keys and values are written. Numbers are little-endian and of 8 bytes each. */
final class Formats {

    /** Between a directory and a file's name, so that no directory's keys are among those of another one. */
    private static final char SEPARATOR = '\0';

    private Formats() {}

    /** The key of a file: all files of one directory, and nothing else, have a common prefix. */
    static String fileKey(String directory, String path) {
        return directory + SEPARATOR + path.substring(directory.length() + 1);
    }

    /** What all keys of a directory's files begin with. */
    static String filePrefix(String directory) {
        return directory + SEPARATOR;
    }

    /** The path of the file of a key. */
    static String path(String fileKey) {
        return fileKey.replace(SEPARATOR, '/');
    }

    static Serde<FileSystemEvent> events() {
        return serde(EventCodec::encode, EventCodec::decode);
    }

    static Serde<FileEntry> files() {
        return serde(entry -> longs(entry.version(), entry.size()), bytes -> {
            ByteBuffer in = reader(bytes, 2);
            return new FileEntry(in.getLong(), in.getLong());
        });
    }

    static Serde<DirectoryTotals> directories() {
        return serde(
                totals -> longs(
                        totals.files(),
                        totals.bytes(),
                        totals.events(),
                        totals.lastEventMillis(),
                        totals.listingDigest()),
                bytes -> {
                    ByteBuffer in = reader(bytes, 5);
                    return new DirectoryTotals(in.getLong(), in.getLong(), in.getLong(), in.getLong(), in.getLong());
                });
    }

    private static <T> Serde<T> serde(Function<T, byte[]> encode, Function<byte[], T> decode) {
        return Serdes.serdeFrom(
                (topic, value) -> value == null ? null : encode.apply(value),
                (topic, bytes) -> bytes == null ? null : decode.apply(bytes));
    }

    private static byte[] longs(long... values) {
        ByteBuffer out = ByteBuffer.allocate(values.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (long value : values) {
            out.putLong(value);
        }
        return out.array();
    }

    private static ByteBuffer reader(byte[] bytes, int longs) {
        if (bytes.length != longs * Long.BYTES) {
            throw new SerializationException("a value of " + longs + " numbers has " + longs * Long.BYTES
                    + " bytes, and this one has " + bytes.length);
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
