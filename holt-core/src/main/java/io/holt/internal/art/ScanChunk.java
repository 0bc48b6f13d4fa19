package io.holt.internal.art;

import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.Memory;
import java.util.Arrays;

/**
 * Records copied out of a frame by one validated read: a cursor serves them one by one. The arrays grow as records
 * demand and are kept.
 *
 * <p>A record whose value lies in value frames is only ever alone in a chunk: the chunk then has its key and the list
 * of its blob ids, and the value is read by the cursor.
 */
public final class ScanChunk {

    private static final int FIRST_BYTES = 4096;

    /** Copies may run over the end of a record by so many bytes. */
    private static final int SLACK_BYTES = 16;

    private static final int FIELDS = 3;

    private byte[] data = new byte[FIRST_BYTES];
    private int[] index = new int[FIELDS * 16];
    private int used;
    private int count;
    private int maxRecords = 16;
    private boolean withValues;
    private long basePath;
    private int basePathBytes;
    private int largeBytes = -1;
    private int[] largeParts = new int[0];

    /**
     * Empties the chunk.
     *
     * @param records most records it may take
     */
    public void reset(int records, boolean values) {
        used = 0;
        count = 0;
        maxRecords = records;
        withValues = values;
        largeBytes = -1;
    }

    public int count() {
        return count;
    }

    public byte[] data() {
        return data;
    }

    public int keyOffset(int record) {
        return index[FIELDS * record];
    }

    public int keyBytes(int record) {
        return index[FIELDS * record + 1];
    }

    public int valueOffset(int record) {
        return index[FIELDS * record] + index[FIELDS * record + 1];
    }

    public int valueBytes(int record) {
        return index[FIELDS * record + 2];
    }

    /** Length of the only record's value if it lies in value frames, else -1. */
    public int largeBytes() {
        return largeBytes;
    }

    /** Blob ids of the value frames of the only record; valid up to the number that its length needs. */
    public int[] largeParts() {
        return largeParts;
    }

    /** The leaves that follow are of this frame. */
    void enter(long frame) {
        basePath = FrameHeader.basePath(frame);
        basePathBytes = FrameHeader.basePathBytes(frame);
    }

    /**
     * Copies a leaf; may see torn bytes, which it clamps.
     *
     * @return false if the chunk is full, so that the leaf was not taken
     */
    boolean add(long leaf, long header) {
        boolean wantsLarge = withValues && Leaf.isLarge(header);
        int base = basePathBytes;
        int key = base + Leaf.keyBytes(header);
        int value = withValues && !wantsLarge ? Math.clamp(Leaf.valueBytes(header), 0, Leaf.MAX_INLINE_VALUE_BYTES) : 0;
        int end = used + key + value;
        if (count == maxRecords
                || wantsLarge
                || end > data.length - SLACK_BYTES
                || FIELDS * (count + 1) > index.length) {
            if (count > 0 && (count == maxRecords || wantsLarge || end > data.length - SLACK_BYTES)) {
                return false;
            }
            grow(end);
        }
        int at = FIELDS * count;
        index[at] = used;
        index[at + 1] = key;
        index[at + 2] = value;
        byte[] target = data;
        Memory.copyToArrayRounded(basePath, target, used, base);
        Memory.copyToArrayRounded(Leaf.key(leaf, header), target, used + base, key - base);
        if (wantsLarge) {
            addLarge(leaf, header);
            maxRecords = 1;
        } else if (value > 0) {
            Memory.copyToArrayRounded(Leaf.value(leaf, header), target, used + key, value);
        }
        used = end;
        count++;
        return true;
    }

    private void grow(int bytes) {
        if (bytes > data.length - SLACK_BYTES) {
            data = new byte[Math.max(bytes + SLACK_BYTES, 2 * data.length)];
        }
        if (FIELDS * (count + 1) > index.length) {
            index = Arrays.copyOf(index, 2 * index.length);
        }
    }

    /** Room for as many bytes as a full chunk of the records seen so far would need. */
    public void growFor(int records) {
        if (count > 0) {
            long wanted = Math.min(1L << 18, (long) used / count * records * 5 / 4 + 64);
            if (wanted > data.length) {
                data = Arrays.copyOf(data, (int) wanted);
            }
        }
    }

    private void addLarge(long leaf, long header) {
        largeBytes = Math.max(0, Leaf.valueBytes(header));
        int parts = Leaf.largeParts(largeBytes);
        if (parts > largeParts.length) {
            largeParts = new int[parts];
        }
        long list = Leaf.value(leaf, header);
        for (int i = 0; i < parts; i++) {
            largeParts[i] = Memory.getInt(list + 4L * i);
        }
    }
}
