package io.holt.kstreams.internal;

import io.holt.api.BulkLoader;
import io.holt.api.HoltTree;
import io.holt.api.KeyTooLongException;
import io.holt.api.MemoryBudgetException;
import io.holt.api.TreeView;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Records of a changelog that wait to be written in order of their keys, so that neighbours in the tree are written one
 * after the other and a key that changes often is written once. Records are copied one behind the other:
 *
 * <pre>
 * +--------- - - +----------- - - +--------- - - +----------- - - +
 * |     key      |     value      |     key      |     value      |
 * +--------- - - +----------- - - +--------- - - +----------- - - +
 * </pre>
 *
 * <p>Threads: one at a time.
 */
final class WaitingRecords {

    private static final Logger LOG = LoggerFactory.getLogger(WaitingRecords.class);

    /** Takes what is written. */
    interface Target {
        void put(byte[] array, int keyOffset, int keyBytes, int valueOffset, int valueBytes);

        void delete(byte[] array, int keyOffset, int keyBytes);
    }

    /** Records wait until those of all stores of the process have so many bytes. */
    static final int ALL_BYTES_MAX =
            Math.toIntExact(Math.min(64L << 20, Runtime.getRuntime().maxMemory() / 16));

    private static final AtomicLong ALL_BYTES = new AtomicLong();

    /** What a record takes beside its key and value, while it waits and when it is sorted. */
    private static final int RECORD_BYTES = 24;

    private static final byte[] EVERYTHING = {};
    private static final int FIRST_BYTES = 64 * 1024;
    private static final int FIRST_RECORDS = 256;
    private static final int MAX_DOUBLED_BYTES = 1 << 30;
    private static final int NO_VALUE = -1;

    /**
     * A load in order copies each frame that it changes, which pays from so many records a frame on. Measured: a copy
     * takes 60 us, and a put by a load 0.5 us less than a single one.
     */
    static final int RECORDS_OF_FRAME_MIN = 150;

    private static final int TOUCHED_TOGETHER = 16;
    private static final int TOUCHED_BYTES_MAX = 512;
    private static final int CACHE_LINE_BYTES = 64;

    private static final int[] NONE = {};

    private byte[] bytes = EVERYTHING;
    private int used;
    private int[] keyOffsets = NONE;
    private int[] keyBytes = NONE;
    private int[] valueBytes = NONE;
    private int count;

    /** The numbers of the records by their keys, or null if that is not known. */
    private int[] order;

    /** Without meaning; it keeps reads from being left out. */
    private int unusedSum;

    boolean isEmpty() {
        return count == 0;
    }

    /** Whether so many bytes wait, in all stores of the process, that these should be written. */
    static boolean areMany() {
        return ALL_BYTES.get() >= ALL_BYTES_MAX;
    }

    /** How many bytes wait here. */
    long bytes() {
        return used + (long) RECORD_BYTES * count;
    }

    /** How many bytes wait in all stores of the process. */
    static long allBytes() {
        return ALL_BYTES.get();
    }

    /**
     * Adds a record that comes after all before it.
     *
     * @param value null to delete the key
     * @throws KeyTooLongException if no tree takes the key; the record was not added
     */
    void add(byte[] key, byte[] value) {
        if (key.length > TreeView.MAX_KEY_BYTES) {
            throw new KeyTooLongException(key.length);
        }
        order = null;
        int valueLength = value == null ? 0 : value.length;
        ensureRoom(key.length, valueLength);
        System.arraycopy(key, 0, bytes, used, key.length);
        if (value != null) {
            System.arraycopy(value, 0, bytes, used + key.length, valueLength);
        }
        keyOffsets[count] = used;
        keyBytes[count] = key.length;
        valueBytes[count] = value == null ? NO_VALUE : valueLength;
        used += key.length + valueLength;
        count++;
        ALL_BYTES.addAndGet(key.length + valueLength + RECORD_BYTES);
    }

    private void ensureRoom(int keyLength, int valueLength) {
        long wanted = (long) used + keyLength + valueLength + KeyOrder.SLACK_BYTES;
        if (wanted > bytes.length) {
            long doubled = Math.clamp(2L * bytes.length, FIRST_BYTES, MAX_DOUBLED_BYTES);
            bytes = Arrays.copyOf(bytes, Math.toIntExact(Math.max(wanted, doubled)));
        }
        if (count == keyOffsets.length) {
            int more = Math.max(FIRST_RECORDS, 2 * count);
            keyOffsets = Arrays.copyOf(keyOffsets, more);
            keyBytes = Arrays.copyOf(keyBytes, more);
            valueBytes = Arrays.copyOf(valueBytes, more);
        }
    }

    /** Hands out the newest record of each key, in order of the keys. They go on waiting until {@link #clear}. */
    void forEach(Target target) {
        if (order == null) {
            order = new KeyOrder(bytes, keyOffsets, keyBytes, count).sorted();
        }
        for (int i = 0; i < count; i++) {
            if (i % TOUCHED_TOGETHER == 0) {
                touch(i, Math.min(count, i + TOUCHED_TOGETHER + 1));
            }
            int record = order[i];
            if (i + 1 < count && isSameKey(record, order[i + 1])) {
                continue;
            }
            int key = keyOffsets[record];
            if (valueBytes[record] == NO_VALUE) {
                target.delete(bytes, key, keyBytes[record]);
            } else {
                target.put(bytes, key, keyBytes[record], key + keyBytes[record], valueBytes[record]);
            }
        }
    }

    /** Reads a little of records that lie far apart, so that their cache misses are waited for together. */
    private void touch(int from, int to) {
        int sum = 0;
        for (int i = from; i < to; i++) {
            int record = order[i];
            int begin = keyOffsets[record];
            int end = begin + Math.min(TOUCHED_BYTES_MAX, keyBytes[record] + Math.max(0, valueBytes[record]));
            for (int at = begin; at < end; at += CACHE_LINE_BYTES) {
                sum += bytes[at];
            }
        }
        unusedSum = sum;
    }

    private boolean isSameKey(int record, int other) {
        int offset = keyOffsets[record];
        int otherOffset = keyOffsets[other];
        return Arrays.equals(
                bytes, offset, offset + keyBytes[record], bytes, otherOffset, otherOffset + keyBytes[other]);
    }

    /**
     * Writes the newest record of each key into a tree, in order of the keys.
     *
     * @param frames how many frames the tree has, or somewhat more
     */
    void writeTo(HoltTree tree, long frames) {
        if (count / RECORDS_OF_FRAME_MIN < frames) {
            putInto(tree);
            return;
        }
        try {
            loadInto(tree);
        } catch (MemoryBudgetException e) {
            // A load copies the frames that it changes. What it has put by now is put again, which changes nothing.
            LOG.debug("records are put one by one, for lack of memory", e);
            putInto(tree);
        }
    }

    private void putInto(HoltTree tree) {
        forEach(new Target() {
            @Override
            public void put(byte[] array, int keyOffset, int keyLength, int valueOffset, int valueLength) {
                tree.put(array, keyOffset, keyLength, array, valueOffset, valueLength);
            }

            @Override
            public void delete(byte[] array, int keyOffset, int keyLength) {
                tree.delete(array, keyOffset, keyLength);
            }
        });
    }

    /** Each key comes once, so it makes no difference that deletions are done before puts that came earlier. */
    private void loadInto(HoltTree tree) {
        boolean hadRecords = !tree.isPrefixEmpty(EVERYTHING);
        try (BulkLoader loader = tree.bulkLoad()) {
            forEach(new Target() {
                @Override
                public void put(byte[] array, int keyOffset, int keyLength, int valueOffset, int valueLength) {
                    loader.put(array, keyOffset, keyLength, array, valueOffset, valueLength);
                }

                @Override
                public void delete(byte[] array, int keyOffset, int keyLength) {
                    if (hadRecords) {
                        tree.delete(array, keyOffset, keyLength);
                    }
                }
            });
        }
    }

    /** No record waits any more. Large arrays are let go. */
    void clear() {
        ALL_BYTES.addAndGet(-bytes());
        used = 0;
        count = 0;
        order = null;
        bytes = EVERYTHING;
        keyOffsets = NONE;
        keyBytes = NONE;
        valueBytes = NONE;
    }
}
