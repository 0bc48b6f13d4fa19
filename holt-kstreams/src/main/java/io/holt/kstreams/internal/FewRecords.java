package io.holt.kstreams.internal;

import io.holt.api.RecordVisitor;
import io.holt.api.TreeView;
import java.util.Arrays;
import org.apache.kafka.streams.KeyValue;

/**
 * Records of several scans that have few each, read together: so the walks to them overlap, where the scans would wait
 * for memory one after the other. Made for one read.
 */
final class FewRecords implements RecordVisitor {

    /** A scan that has as many is not one of few. */
    private static final int OF_SCAN_MAX = 8;

    private static final int BYTES_MAX = 64 * 1024;
    private static final int FIRST_ROOM = 16;

    private final Scans scans;
    private final RecordFilter filter;
    private final KeyReader<?> reader;
    private Object[] records = new Object[FIRST_ROOM];
    private int count;
    private int bytes;

    /** Prepares to read records that the filter accepts, or all if it is null. */
    FewRecords(Scans scans, RecordFilter filter, KeyReader<?> reader) {
        this.scans = scans;
        this.filter = filter;
        this.reader = reader;
    }

    /**
     * Reads the scans with these prefixes, up to the first one that has many records.
     *
     * @return how many were read; the records are those of these
     */
    int read(TreeView tree, byte[][] prefixes) {
        int[] counts = new int[prefixes.length];
        int handed = (int) tree.visitMany(prefixes, prefixes.length, OF_SCAN_MAX, this, counts);
        int whole = 0;
        int end = 0;
        while (whole < prefixes.length && counts[whole] < OF_SCAN_MAX) {
            int next = end + counts[whole];
            if (bytes > BYTES_MAX && next == handed) {
                break;
            }
            if (scans.isReverse()) {
                reverse(end, next);
            }
            end = next;
            whole++;
        }
        keep(end);
        return whole;
    }

    private void reverse(int from, int to) {
        for (int low = from, high = to - 1; low < high; low++, high--) {
            Object record = records[low];
            records[low] = records[high];
            records[high] = record;
        }
    }

    /** Keeps of the first records those that are meant. */
    private void keep(int end) {
        int kept = 0;
        for (int i = 0; i < end; i++) {
            if (records[i] != null) {
                records[kept++] = records[i];
            }
        }
        count = kept;
    }

    @Override
    public boolean visit(byte[] keys, int keyOffset, int keyBytes, byte[] values, int valueOffset, int valueBytes) {
        if (count == records.length) {
            records = Arrays.copyOf(records, 2 * count);
        }
        boolean isMeant = scans.contains(keys, keyOffset, keyBytes)
                && (filter == null || filter.accepts(keys, keyOffset, keyBytes));
        records[count++] = isMeant
                ? new KeyValue<>(
                        reader.read(keys, keyOffset, keyBytes),
                        Arrays.copyOfRange(values, valueOffset, valueOffset + valueBytes))
                : null;
        bytes += valueBytes;
        return bytes <= BYTES_MAX;
    }

    /** How many there are. */
    int count() {
        return count;
    }

    /** Puts them into an array, or a longer one that it answers, from an index on. */
    Object[] addTo(Object[] target, int index) {
        Object[] room = index + count <= target.length ? target : Arrays.copyOf(target, index + count);
        System.arraycopy(records, 0, room, index, count);
        return room;
    }
}
