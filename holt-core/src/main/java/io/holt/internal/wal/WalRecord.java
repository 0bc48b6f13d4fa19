package io.holt.internal.wal;

import io.holt.internal.memory.Crc32c;
import io.holt.internal.memory.Memory;

/** The kinds of log records, and how their headers are written; {@link RecordDescriptor} draws them. */
public final class WalRecord {

    /** A key gets a value. */
    public static final int PUT = 1;
    /** A key is removed. */
    public static final int DELETE = 2;
    /** All keys that start with the key are removed. */
    public static final int DELETE_PREFIX = 3;
    /** A tree of this id is made; the key is its name in UTF-8. */
    public static final int CREATE_TREE = 4;
    /** The tree of this id is dropped. */
    public static final int DROP_TREE = 5;

    /** Says no more than its synced lag; never handed to a visitor. */
    static final int MARK = 6;

    /** A key gets a value and a version; the key is followed by the version, 8 bytes. */
    public static final int PUT_VERSIONED = 7;

    /** Changes that are made together; the value is a {@link BatchRecord}. */
    public static final int BATCH = 16;

    /**
     * The record of a key gets another key; the value is the new key and the version that the
     * record gets, 8 bytes, or 0.
     */
    public static final int RENAME = 17;

    /** Longest key, in bytes, with what may follow it. */
    static final int MAX_KEY_BYTES = 65_535 + Long.BYTES;

    private WalRecord() {}

    /** Whether this version knows the type. */
    static boolean isKnown(int type) {
        return (type >= PUT && type <= PUT_VERSIONED) || type == BATCH || type == RENAME;
    }

    /** Bytes of a record without padding. */
    static long recordBytes(int keyBytes, int valueBytes) {
        return (long) RecordDescriptor.HEADER_BYTES + keyBytes + valueBytes;
    }

    /** How many records before this one are not known to be durable, as far as a record says. */
    static long syncedLag(long lsn, long syncedLsn) {
        assert lsn > syncedLsn;
        return Math.min(lsn - 1 - syncedLsn, RecordDescriptor.LAG_UNKNOWN);
    }

    /** Writes a header without its checksum. */
    static void putHeader(long at, long recordBytes, long lsn, long syncedLsn, int type, int treeId, int keyBytes) {
        assert keyBytes >= 0 && keyBytes <= MAX_KEY_BYTES && lsn > syncedLsn;
        long lag = syncedLag(lsn, syncedLsn);
        Memory.putInt(at + RecordDescriptor.BYTES_OFFSET, (int) recordBytes);
        Memory.putInt(at + RecordDescriptor.CRC_OFFSET, 0);
        Memory.putLong(at + RecordDescriptor.LSN_OFFSET, lsn);
        Memory.putInt(at + RecordDescriptor.TYPE_OFFSET, type);
        Memory.putInt(at + RecordDescriptor.LAG_OFFSET, (int) lag);
        Memory.putInt(at + RecordDescriptor.TREE_ID_OFFSET, treeId);
        Memory.putInt(at + RecordDescriptor.KEY_BYTES_OFFSET, keyBytes);
    }

    /** Starts the checksum of a record with what it covers of its first bytes, at least a header. */
    static void checksum(Crc32c crc, long at, long bytes) {
        crc.reset();
        crc.update(
                at + RecordDescriptor.BYTES_OFFSET,
                Integer.BYTES,
                at + RecordDescriptor.LSN_OFFSET,
                bytes - RecordDescriptor.LSN_OFFSET);
    }

    /** Zeroes the padding behind a record. */
    static void pad(long at, long recordBytes) {
        for (long i = recordBytes; i < RecordDescriptor.aligned(recordBytes); i++) {
            Memory.putByte(at + i, 0);
        }
    }

    /** What is proved by a record to have been durable when it was appended: all up to this LSN. */
    static long provenSyncedLsn(byte[] bytes, int record) {
        long lag = RecordDescriptor.syncedLag(bytes, record);
        return lag == RecordDescriptor.LAG_UNKNOWN ? 0 : RecordDescriptor.lsn(bytes, record) - 1 - lag;
    }
}
