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
    private static final int SLACK_BYTES = Memory.ROUNDED_STEP_BYTES;

    /** Of a record's fields, from the lowest bit on: bytes of the value, bytes of the key, offset of the key. */
    private static final int VALUE_BITS = 17;

    private static final int KEY_BITS = 17;
    private static final int OFFSET_SHIFT = VALUE_BITS + KEY_BITS;
    private static final int VALUE_MASK = (1 << VALUE_BITS) - 1;
    private static final int KEY_MASK = (1 << KEY_BITS) - 1;

    private byte[] data = new byte[FIRST_BYTES];
    private long[] index = new long[16];
    private int used;
    private int count;
    private boolean withValues;

    private int largeBytes = -1;
    private int[] largeParts = new int[0];

    /** Empties the chunk. */
    public void reset(boolean values) {
        used = 0;
        count = 0;
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
        return (int) (index[record] >>> OFFSET_SHIFT);
    }

    public int keyBytes(int record) {
        return (int) (index[record] >>> VALUE_BITS) & KEY_MASK;
    }

    public int valueOffset(int record) {
        return keyOffset(record) + keyBytes(record);
    }

    public int valueBytes(int record) {
        return (int) index[record] & VALUE_MASK;
    }

    private static long fields(int keyOffset, int keyBytes, int valueBytes) {
        return ((long) keyOffset << OFFSET_SHIFT) | ((long) keyBytes << VALUE_BITS) | valueBytes;
    }

    /** Length of the only record's value if it lies in value frames, else -1. */
    public int largeBytes() {
        return largeBytes;
    }

    /** Blob ids of the value frames of the only record; valid up to the number that its length needs. */
    public int[] largeParts() {
        return largeParts;
    }

    /** Copies leaves in order, as many as have room, but one in any case; may see torn bytes, which it clamps. */
    void take(LeafRun run, int most) {
        int leaves = Math.min(run.count() - run.taken(), most);
        if (leaves <= 0) {
            return;
        }
        if (leaves > index.length) {
            index = new long[leaves];
        }
        // Copies of keys alone are so short that the processor has several of them under way by itself.
        long any = withValues ? anyHeader(run, leaves) : 0;
        takeFitting(run, leaves, any);
        if (count == 0) {
            long leaf = Nodes.address(run.frame(), run.units()[run.taken()]);
            long header = Memory.getLong(leaf);
            if (withValues && Leaf.isLarge(header)) {
                takeLarge(run.frame(), leaf, header);
            } else {
                data = new byte[Math.max(2 * data.length, mostBytes(run.frame(), header) + SLACK_BYTES)];
                takeFitting(run, leaves, any);
            }
        }
        run.taken(run.taken() + count);
    }

    /**
     * Headers of leaves, or-ed. Besides what it says, these are loads that the processor has under way together, where
     * the copies that follow would wait for one after the other.
     */
    private static long anyHeader(LeafRun run, int leaves) {
        int[] units = run.units();
        long frame = run.frame();
        long any = 0;
        int end = run.taken() + leaves;
        for (int i = run.taken(); i < end; i++) {
            any |= Memory.getLong(Nodes.address(frame, units[i]));
        }
        return any;
    }

    /** Copies leaves up to one that is large, or needs more room than there is. */
    private void takeFitting(LeafRun run, int leaves, long any) {
        int[] units = run.units();
        long frame = run.frame();
        long basePath = FrameHeader.basePath(frame);
        int base = FrameHeader.basePathBytes(frame);
        long firstOfBase = Memory.getLong(basePath);
        byte[] target = data;
        int room = target.length - SLACK_BYTES;
        boolean values = withValues;
        boolean large = values && Leaf.isLarge(any);
        boolean versioned = values && Leaf.isVersioned(any);
        int first = run.taken();
        int at = 0;
        int copied = 0;
        while (copied < leaves) {
            long leaf = Nodes.address(frame, units[first + copied]);
            long header = Memory.getLong(leaf);
            int key = Leaf.keyBytes(header);
            int value = values ? Leaf.valueBytes(header) : 0;
            boolean inLeaf = value >= 0 && value <= Leaf.MAX_INLINE_VALUE_BYTES && !(large && Leaf.isLarge(header));
            if (!inLeaf || at + base + key + value > room) {
                break;
            }
            index[copied++] = fields(at, base + key, value);
            if (base <= Long.BYTES) {
                Memory.wordToArray(firstOfBase, target, at);
            } else {
                Memory.copyToArrayRounded(basePath, target, at, base);
            }
            at += base;
            if (versioned && Leaf.isVersioned(header)) {
                Memory.copyToArrayRounded(Leaf.key(leaf, header), target, at, key);
                Memory.copyToArrayRounded(Leaf.value(leaf, header), target, at + key, value);
            } else {
                // The leaf has them as they are wanted here: the value right behind the key.
                Memory.copyToArrayRounded(Leaf.key(leaf, header), target, at, key + value);
            }
            at += key + value;
        }
        used = at;
        count = copied;
    }

    private static int mostBytes(long frame, long header) {
        int value = Math.clamp(Leaf.valueBytes(header), 0, Leaf.MAX_INLINE_VALUE_BYTES);
        return FrameHeader.basePathBytes(frame) + Leaf.keyBytes(header) + value;
    }

    /** Takes the key of a record and where its value is. */
    private void takeLarge(long frame, long leaf, long header) {
        int base = FrameHeader.basePathBytes(frame);
        int key = Leaf.keyBytes(header);
        if (base + key > data.length) {
            data = new byte[base + key];
        }
        Memory.copyToArray(FrameHeader.basePath(frame), data, 0, base);
        Memory.copyToArray(Leaf.key(leaf, header), data, base, key);
        index[0] = fields(0, base + key, 0);
        used = base + key;
        count = 1;
        addLarge(leaf, header);
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
