package io.holt.internal.engine;

import io.holt.internal.tree.TreeWriter;
import io.holt.internal.wal.WalRecord;
import java.util.Arrays;
import java.util.stream.IntStream;

/** Copies of puts and deletions of a log, in its order, dealt to lanes by ranges of keys. One thread until dealt. */
final class ReplayChunk {

    /** Keys looked at to find ranges that hold about as many records each. */
    private static final int SAMPLES_A_LANE = 16;

    /** A record counts for no less: what describes it takes memory too. */
    private static final int LEAST_BYTES = 16;

    private static final int FIRST_BYTES = 1 << 16;
    private static final int FIRST_RECORDS = 1 << 9;

    private final int mostBytes;
    private byte[] bytes;
    private int usedBytes;
    private TreeWriter[] writers = new TreeWriter[FIRST_RECORDS];
    private byte[] types = new byte[FIRST_RECORDS];
    private int[] keyBytes = new int[FIRST_RECORDS];

    /** Record i has its key at {@code offsets[i]}, its value behind that until {@code offsets[i + 1]}. */
    private int[] offsets = new int[FIRST_RECORDS + 1];

    private byte[] lanes = new byte[FIRST_RECORDS];
    private int count;

    /** @param mostBytes of keys and values together */
    ReplayChunk(int mostBytes) {
        this.mostBytes = mostBytes;
        this.bytes = new byte[Math.min(FIRST_BYTES, mostBytes)];
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean fits(int moreBytes) {
        return usedBytes + moreBytes <= mostBytes && count < mostBytes / LEAST_BYTES;
    }

    void clear() {
        count = 0;
        usedBytes = 0;
    }

    /** Adds a record that {@linkplain #fits fits}. */
    void add(
            TreeWriter writer,
            int type,
            byte[] key,
            int keyOffset,
            int keySize,
            byte[] value,
            int valueOffset,
            int valueBytes) {
        if (count == types.length) {
            growRecords();
        }
        int end = usedBytes + keySize + valueBytes;
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.min(mostBytes, Math.max(end, 2 * bytes.length)));
        }
        System.arraycopy(key, keyOffset, bytes, usedBytes, keySize);
        System.arraycopy(value, valueOffset, bytes, usedBytes + keySize, valueBytes);
        writers[count] = writer;
        types[count] = (byte) type;
        keyBytes[count] = keySize;
        usedBytes = end;
        count++;
        offsets[count] = end;
    }

    private void growRecords() {
        int records = 2 * count;
        writers = Arrays.copyOf(writers, records);
        types = Arrays.copyOf(types, records);
        keyBytes = Arrays.copyOf(keyBytes, records);
        offsets = Arrays.copyOf(offsets, records + 1);
        lanes = Arrays.copyOf(lanes, records);
    }

    /**
     * Deals the records to lanes, all of one key to the same.
     *
     * @param mostLanes 1 to 127
     * @return how many lanes got records: one if the keys ascend, for then they all go to one end of the tree
     */
    int deal(int mostLanes) {
        int samples = Math.min(count, SAMPLES_A_LANE * mostLanes);
        int[] sampled = IntStream.range(0, samples)
                .map(i -> (int) ((long) i * count / samples))
                .toArray();
        int[] sorted = IntStream.of(sampled)
                .boxed()
                .sorted(this::compareKeys)
                .mapToInt(Integer::intValue)
                .toArray();
        int laneCount = Arrays.equals(sampled, sorted) ? 1 : mostLanes;
        for (int i = 0; i < count; i++) {
            int lane = 0;
            while (lane < laneCount - 1 && compareKeys(i, sorted[(lane + 1) * samples / laneCount]) >= 0) {
                lane++;
            }
            lanes[i] = (byte) lane;
        }
        return laneCount;
    }

    private int compareKeys(int one, int other) {
        int a = offsets[one];
        int b = offsets[other];
        return Arrays.compareUnsigned(bytes, a, a + keyBytes[one], bytes, b, b + keyBytes[other]);
    }

    /** Applies what was dealt to a lane. Threads: another for each lane. */
    void apply(int lane) {
        for (int i = 0; i < count; i++) {
            if (lanes[i] == lane) {
                apply(i, writers[i]);
            }
        }
    }

    private void apply(int record, TreeWriter writer) {
        int key = offsets[record];
        if (types[record] == WalRecord.PUT) {
            int value = key + keyBytes[record];
            writer.put(bytes, key, keyBytes[record], bytes, value, offsets[record + 1] - value, false);
        } else {
            writer.delete(bytes, key, keyBytes[record]);
        }
    }
}
