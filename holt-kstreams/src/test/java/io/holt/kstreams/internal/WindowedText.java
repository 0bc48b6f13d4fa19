package io.holt.kstreams.internal;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.KeyValueIterator;

/** Records of window and session stores as text, for tests to compare. */
final class WindowedText {

    private WindowedText() {}

    /** The first records as {@code key[start,end)=value}, in the order given; closes the iterator. */
    static List<String> take(KeyValueIterator<Windowed<Bytes>, byte[]> iterator, int limit) {
        List<String> records = new ArrayList<>();
        try (iterator) {
            while (records.size() < limit && iterator.hasNext()) {
                Windowed<Bytes> peeked = iterator.peekNextKey();
                KeyValue<Windowed<Bytes>, byte[]> record = iterator.next();
                if (!peeked.equals(record.key)) {
                    throw new AssertionError("peeked at " + peeked + " and got " + record.key);
                }
                records.add(of(record.key) + "=" + text(record.value));
            }
        }
        return records;
    }

    static List<String> all(KeyValueIterator<Windowed<Bytes>, byte[]> iterator) {
        return take(iterator, Integer.MAX_VALUE);
    }

    /** The first records as {@code start=value}. */
    static List<String> takeWindows(KeyValueIterator<Long, byte[]> iterator, int limit) {
        List<String> records = new ArrayList<>();
        try (iterator) {
            while (records.size() < limit && iterator.hasNext()) {
                KeyValue<Long, byte[]> record = iterator.next();
                records.add(record.key + "=" + text(record.value));
            }
        }
        return records;
    }

    static String of(Windowed<Bytes> key) {
        return key.key() + "[" + key.window().start() + "," + key.window().end() + ")";
    }

    /** Short values as they are, of longer ones their length and hash. */
    static String text(byte[] value) {
        if (value == null) {
            return null;
        }
        return value.length < 20
                ? new String(value, StandardCharsets.ISO_8859_1)
                : value.length + "#" + Integer.toHexString(Arrays.hashCode(value));
    }
}
