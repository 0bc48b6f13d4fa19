package io.holt.internal.wal;

import io.holt.api.ValueTooLargeException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.function.LongSupplier;

/**
 * The value of a {@link WalRecord#BATCH} record: changes that are made together, in order. Little-endian.
 *
 * <pre>
 *       0       1       2       3       4       5       6       7
 *   +-------+-------+-------+-------+-------+-------+-------+-------+
 * 0 |        version of the versioned records, or 0                 |
 * 8 |        number of entries      |          reserved             |
 *16 |        entries, one behind the other, not aligned             |
 *   +-------+-------+-------+-------+-------+-------+-------+-------+
 *
 * entry
 * 0 | type  | force |   reserved    |        tree id                |
 * 8 |        key bytes              |        value bytes            |
 *16 |        key, then value                                        |
 * </pre>
 *
 * <p>Grows as entries are added. Not for use by several threads at once.
 */
public final class BatchRecord {

    public static final int PUT = 1;
    public static final int DELETE = 2;
    public static final int DELETE_PREFIX = 3;
    /** A put of a record that gets the batch's version. */
    public static final int PUT_VERSIONED = 4;

    public static final int PUT_IF_ABSENT = 5;

    /** The value is the new key. */
    public static final int RENAME = 6;

    /** The value is opaque; there is no key and no tree. */
    public static final int ENVELOPE = 7;

    private static final int VERSION_OFFSET = 0;
    private static final int COUNT_OFFSET = VERSION_OFFSET + Long.BYTES;
    private static final int ENTRIES_OFFSET = COUNT_OFFSET + 2 * Integer.BYTES;

    private static final int TYPE_OFFSET = 0;
    private static final int FORCE_OFFSET = TYPE_OFFSET + 1;
    private static final int TREE_ID_OFFSET = TYPE_OFFSET + Integer.BYTES;
    private static final int KEY_BYTES_OFFSET = TREE_ID_OFFSET + Integer.BYTES;
    private static final int VALUE_BYTES_OFFSET = KEY_BYTES_OFFSET + Integer.BYTES;
    private static final int ENTRY_HEADER_BYTES = VALUE_BYTES_OFFSET + Integer.BYTES;

    private static final int MAX_KEY_BYTES = 65_535;
    private static final int MAX_BYTES = Integer.MAX_VALUE - 64;
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private byte[] bytes;
    private int end;
    private int last;
    private boolean versioned;
    private boolean renaming;

    /** An empty batch. */
    public BatchRecord() {
        bytes = new byte[256];
        end = ENTRIES_OFFSET;
    }

    /** What a log record holds; copied. */
    public BatchRecord(byte[] from, int offset, int count) {
        bytes = Arrays.copyOfRange(from, offset, offset + count);
        end = count;
    }

    /** What is wrong with the value of a log record, or null: then every entry lies within it and can be applied. */
    static String problem(byte[] bytes, int offset, int count) {
        if (count < ENTRIES_OFFSET) {
            return "a batch of " + count + " bytes can't be";
        }
        int left = count - ENTRIES_OFFSET;
        int at = offset + ENTRIES_OFFSET;
        int entries = 0;
        for (; left > 0; entries++) {
            if (left < ENTRY_HEADER_BYTES) {
                return "entry " + entries + " of a batch does not fit into it";
            }
            int type = bytes[at + TYPE_OFFSET];
            int keyBytes = (int) INT.get(bytes, at + KEY_BYTES_OFFSET);
            int valueBytes = (int) INT.get(bytes, at + VALUE_BYTES_OFFSET);
            left -= ENTRY_HEADER_BYTES;
            boolean fits = keyBytes >= 0 && valueBytes >= 0 && (long) keyBytes + valueBytes <= left;
            boolean possible = keyBytes <= MAX_KEY_BYTES && (type != RENAME || valueBytes <= MAX_KEY_BYTES);
            if (type < PUT || type > ENVELOPE || !fits || !possible) {
                return "entry " + entries + " of a batch, of type " + type + " with " + keyBytes + " bytes of key and "
                        + valueBytes + " of value, can't be";
            }
            left -= keyBytes + valueBytes;
            at += ENTRY_HEADER_BYTES + keyBytes + valueBytes;
        }
        int said = (int) INT.get(bytes, offset + COUNT_OFFSET);
        return said == entries ? null : "a batch has " + entries + " entries and says " + said;
    }

    public byte[] array() {
        return bytes;
    }

    /** Bytes of the array that belong to the batch. */
    public int length() {
        return end;
    }

    public int entries() {
        return (int) INT.get(bytes, COUNT_OFFSET);
    }

    public long version() {
        return (long) LONG.get(bytes, VERSION_OFFSET);
    }

    public void version(long version) {
        LONG.set(bytes, VERSION_OFFSET, version);
    }

    public void clear() {
        end = ENTRIES_OFFSET;
        versioned = false;
        renaming = false;
        LONG.set(bytes, VERSION_OFFSET, 0L);
        INT.set(bytes, COUNT_OFFSET, 0);
    }

    /**
     * Adds an entry.
     *
     * @throws ValueTooLargeException if the batch would grow too large; nothing was added
     */
    public void add(
            int type,
            boolean force,
            int treeId,
            byte[] key,
            int keyOffset,
            int keyBytes,
            byte[] value,
            int valueOffset,
            int valueBytes) {
        long after = (long) end + ENTRY_HEADER_BYTES + keyBytes + valueBytes;
        if (after > MAX_BYTES) {
            throw new ValueTooLargeException(after);
        }
        if (after > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(MAX_BYTES, Math.max(after, 2L * bytes.length)));
        }
        INT.set(bytes, end + TYPE_OFFSET, type | ((force ? 1 : 0) << 8));
        INT.set(bytes, end + TREE_ID_OFFSET, treeId);
        INT.set(bytes, end + KEY_BYTES_OFFSET, keyBytes);
        INT.set(bytes, end + VALUE_BYTES_OFFSET, valueBytes);
        System.arraycopy(key, keyOffset, bytes, end + ENTRY_HEADER_BYTES, keyBytes);
        System.arraycopy(value, valueOffset, bytes, end + ENTRY_HEADER_BYTES + keyBytes, valueBytes);
        last = end;
        end = (int) after;
        versioned |= type == PUT_VERSIONED;
        renaming |= type == RENAME;
        INT.set(bytes, COUNT_OFFSET, entries() + 1);
    }

    /** Where the first entry is; an entry is named by its offset in the array. */
    public int first() {
        return ENTRIES_OFFSET;
    }

    public boolean isEntry(int entry) {
        return entry < end;
    }

    public int next(int entry) {
        return valueOffset(entry) + valueBytes(entry);
    }

    public int type(int entry) {
        return bytes[entry + TYPE_OFFSET];
    }

    /** Whether a rename replaces what has the new key. */
    public boolean force(int entry) {
        return bytes[entry + FORCE_OFFSET] != 0;
    }

    public int treeId(int entry) {
        return (int) INT.get(bytes, entry + TREE_ID_OFFSET);
    }

    public int keyOffset(int entry) {
        return entry + ENTRY_HEADER_BYTES;
    }

    public int keyBytes(int entry) {
        return (int) INT.get(bytes, entry + KEY_BYTES_OFFSET);
    }

    public int valueOffset(int entry) {
        return keyOffset(entry) + keyBytes(entry);
    }

    public int valueBytes(int entry) {
        return (int) INT.get(bytes, entry + VALUE_BYTES_OFFSET);
    }

    public byte[] copyOfKey(int entry) {
        return Arrays.copyOfRange(bytes, keyOffset(entry), keyOffset(entry) + keyBytes(entry));
    }

    public byte[] copyOfValue(int entry) {
        return Arrays.copyOfRange(bytes, valueOffset(entry), valueOffset(entry) + valueBytes(entry));
    }

    /** The entry whose key is at an offset. */
    public int entryOfKey(int keyOffset) {
        return keyOffset - ENTRY_HEADER_BYTES;
    }

    /** Does something while the batch has only the entries before one; so many they are. */
    public long withEntriesBefore(int entry, int count, LongSupplier action) {
        int allEntries = entries();
        int allBytes = end;
        end = entry;
        INT.set(bytes, COUNT_OFFSET, count);
        try {
            return action.getAsLong();
        } finally {
            end = allBytes;
            INT.set(bytes, COUNT_OFFSET, allEntries);
        }
    }

    /** Removes the entries before one; so many they are, and not all. */
    public void removeBefore(int entry, int count) {
        int removed = entry - ENTRIES_OFFSET;
        System.arraycopy(bytes, entry, bytes, ENTRIES_OFFSET, end - entry);
        end -= removed;
        last -= removed;
        INT.set(bytes, COUNT_OFFSET, entries() - count);
    }

    /** Whether {@link #add} was given a record that gets the batch's version; not known of what a log holds. */
    public boolean hasVersioned() {
        return versioned;
    }

    /**
     * Whether {@link #add} was given an entry that may need a version: what is renamed may have one, and then gets a
     * new one. What a log holds has its version.
     */
    public boolean needsVersion() {
        return versioned || renaming;
    }

    /** The last entry that was added; there is one. */
    public int last() {
        return last;
    }

    /** The last envelope, or null. */
    public byte[] envelope() {
        byte[] envelope = null;
        for (int entry = first(); isEntry(entry); entry = next(entry)) {
            if (type(entry) == ENVELOPE) {
                envelope = copyOfValue(entry);
            }
        }
        return envelope;
    }
}
