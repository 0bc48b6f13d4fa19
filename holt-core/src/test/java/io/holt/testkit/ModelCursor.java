package io.holt.testkit;

import io.holt.api.Cursor;
import io.holt.api.HoltClosedException;
import io.holt.api.Scan;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * A cursor that remembers the last key and looks up its neighbour at each step, so that it survives any change of
 * the map.
 *
 * <p>Key and value are shown inside larger arrays, and those are spoiled at the next step: a caller who ignores the
 * offset or keeps an array too long gets wrong bytes from the model as well, and not only from the engine.
 */
final class ModelCursor implements Cursor {

    private static final int OFFSET = 3;
    private static final int TAIL_BYTES = 2;
    private static final byte SPOILED = (byte) 0xE5;

    private final ModelView view;
    private final Scan scan;

    /** Where the next step starts from; null is the scan's own beginning. */
    private byte[] position;

    /** Whether a record at the position itself is still to be shown. */
    private boolean positionWanted;

    /** Keys that start with this are passed over; or null. */
    private byte[] skipped;

    /** What the scan's smaller end leaves out. */
    private final byte[] boundSkipped;

    private boolean common;

    private long remaining;
    private boolean ended;
    private boolean closed;
    private byte[] shownKey;
    private byte[] shownValue;

    ModelCursor(ModelView view, Scan scan) {
        this.view = view;
        this.scan = scan;
        this.remaining = scan.limit();
        byte[] start = scan.isReverse() ? scan.to() : scan.from();
        boolean exclusive = scan.isReverse() ? !scan.toInclusive() : !scan.fromInclusive();
        if (start != null && exclusive) {
            // Going on behind an entry that stood for all keys below it.
            byte[] entry = entryKey(start);
            boolean stoodForMany = scan.distinctBytes() > 0
                    ? start.length >= scan.distinctBytes()
                    : Arrays.equals(entry, start) && hasDelimiter(entry);
            skipped = stoodForMany ? entry : null;
        }
        boundSkipped = skipped;
    }

    @Override
    public boolean next() {
        synchronized (view.lock) {
            requireOpen();
            spoilShown();
            if (ended || remaining == 0) {
                ended = true;
                return false;
            }
            Map.Entry<byte[], byte[]> record = scan.isReverse() ? stepDown() : stepUp();
            while (record != null && skipped != null && ModelView.startsWith(record.getKey(), skipped)) {
                position = record.getKey();
                positionWanted = false;
                record = scan.isReverse() ? stepDown() : stepUp();
            }
            if (record == null || !isInScan(record.getKey())) {
                ended = true;
                return false;
            }
            remaining--;
            position = record.getKey();
            positionWanted = false;
            byte[] entry = entryKey(record.getKey());
            common = scan.delimiter() != null && hasDelimiter(record.getKey());
            skipped = common || (scan.distinctBytes() > 0 && record.getKey().length >= scan.distinctBytes())
                    ? entry
                    : null;
            shownKey = framed(common ? entry : record.getKey());
            shownValue = scan.isKeysOnly() ? null : framed(common ? new byte[0] : record.getValue());
            return true;
        }
    }

    private boolean hasDelimiter(byte[] key) {
        return scan.delimiter() != null && text(key).indexOf(text(scan.delimiter()), prefixBytes()) >= 0;
    }

    /** What an entry that stands for this key among others has as its key. */
    private byte[] entryKey(byte[] key) {
        if (scan.distinctBytes() > 0) {
            return Arrays.copyOf(key, Math.min(key.length, scan.distinctBytes()));
        }
        if (!hasDelimiter(key) || !ModelView.startsWith(key, scan.prefix() == null ? new byte[0] : scan.prefix())) {
            return key;
        }
        return Arrays.copyOf(key, text(key).indexOf(text(scan.delimiter()), prefixBytes()) + scan.delimiter().length);
    }

    private int prefixBytes() {
        return scan.prefix() == null ? 0 : scan.prefix().length;
    }

    /** A character a byte. */
    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    @Override
    public void skipPrefix(int keyBytes) {
        byte[] key = key();
        synchronized (view.lock) {
            skipped = Arrays.copyOf(key, keyBytes);
        }
    }

    @Override
    public boolean isCommonPrefix() {
        synchronized (view.lock) {
            return common;
        }
    }

    @Override
    public void seek(byte[] key) {
        byte[] wanted = key.clone();
        synchronized (view.lock) {
            requireOpen();
            spoilShown();
            position = wanted;
            positionWanted = true;
            ended = false;
            // The bounds hold on, and what the first page left out is beyond one of them.
            skipped = boundSkipped;
        }
    }

    /** The first record upwards of both the position and the scan's smaller end. */
    private Map.Entry<byte[], byte[]> stepUp() {
        byte[] start = position;
        boolean inclusive = positionWanted;
        if (scan.from() != null && isAbove(scan.from(), scan.fromInclusive(), start, inclusive)) {
            start = scan.from();
            inclusive = scan.fromInclusive();
        }
        if (scan.prefix() != null && isAbove(scan.prefix(), true, start, inclusive)) {
            start = scan.prefix();
            inclusive = true;
        }
        if (start == null) {
            return view.records.firstEntry();
        }
        return inclusive ? view.records.ceilingEntry(start) : view.records.higherEntry(start);
    }

    /** The first record downwards of both the position and the scan's larger end. */
    private Map.Entry<byte[], byte[]> stepDown() {
        byte[] start = position;
        boolean inclusive = positionWanted;
        if (scan.to() != null && isBelow(scan.to(), scan.toInclusive(), start, inclusive)) {
            start = scan.to();
            inclusive = scan.toInclusive();
        }
        byte[] afterPrefix = scan.prefix() == null ? null : firstAfterPrefix(scan.prefix());
        if (afterPrefix != null && isBelow(afterPrefix, false, start, inclusive)) {
            start = afterPrefix;
            inclusive = false;
        }
        if (start == null) {
            return view.records.lastEntry();
        }
        return inclusive ? view.records.floorEntry(start) : view.records.lowerEntry(start);
    }

    private static boolean isAbove(byte[] bound, boolean boundInclusive, byte[] start, boolean inclusive) {
        int order = start == null ? 1 : Arrays.compareUnsigned(bound, start);
        return order > 0 || (order == 0 && inclusive && !boundInclusive);
    }

    private static boolean isBelow(byte[] bound, boolean boundInclusive, byte[] start, boolean inclusive) {
        int order = start == null ? -1 : Arrays.compareUnsigned(bound, start);
        return order < 0 || (order == 0 && inclusive && !boundInclusive);
    }

    /** The smallest key greater than all keys with this prefix, or null if there is none. */
    private static byte[] firstAfterPrefix(byte[] prefix) {
        for (int last = prefix.length - 1; last >= 0; last--) {
            if (prefix[last] != (byte) 0xFF) {
                byte[] after = Arrays.copyOf(prefix, last + 1);
                after[last]++;
                return after;
            }
        }
        return null;
    }

    private boolean isInScan(byte[] key) {
        if (scan.prefix() != null && !ModelView.startsWith(key, scan.prefix())) {
            return false;
        }
        if (scan.from() != null) {
            int order = Arrays.compareUnsigned(key, scan.from());
            if (order < 0 || (order == 0 && !scan.fromInclusive())) {
                return false;
            }
        }
        if (scan.to() != null) {
            int order = Arrays.compareUnsigned(key, scan.to());
            return order < 0 || (order == 0 && scan.toInclusive());
        }
        return true;
    }

    private static byte[] framed(byte[] bytes) {
        byte[] framed = new byte[OFFSET + bytes.length + TAIL_BYTES];
        Arrays.fill(framed, SPOILED);
        System.arraycopy(bytes, 0, framed, OFFSET, bytes.length);
        return framed;
    }

    private void spoilShown() {
        if (shownKey != null) {
            Arrays.fill(shownKey, SPOILED);
            shownKey = null;
        }
        if (shownValue != null) {
            Arrays.fill(shownValue, SPOILED);
            shownValue = null;
        }
    }

    private void requireOpen() {
        view.requireReadable();
        if (closed) {
            throw new HoltClosedException("cursor");
        }
    }

    @Override
    public byte[] keyArray() {
        synchronized (view.lock) {
            requireOpen();
            if (shownKey == null) {
                throw new IllegalStateException("the cursor is not at a record; next() must have answered true");
            }
            return shownKey;
        }
    }

    @Override
    public int keyOffset() {
        return OFFSET;
    }

    @Override
    public int keyLength() {
        return keyArray().length - OFFSET - TAIL_BYTES;
    }

    @Override
    public byte[] valueArray() {
        if (scan.isKeysOnly()) {
            throw new IllegalStateException("this is a scan of keys only; leave keysOnly() out to read values");
        }
        synchronized (view.lock) {
            requireOpen();
            if (shownValue == null) {
                throw new IllegalStateException("the cursor is not at a record; next() must have answered true");
            }
            return shownValue;
        }
    }

    @Override
    public int valueOffset() {
        return OFFSET;
    }

    @Override
    public int valueLength() {
        return valueArray().length - OFFSET - TAIL_BYTES;
    }

    @Override
    public void close() {
        synchronized (view.lock) {
            closed = true;
            spoilShown();
        }
    }
}
