package io.holt.internal.wal;

import io.holt.internal.memory.Crc32c;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The bytes of a log record; it begins at a multiple of 8. Little-endian; reserved bytes are 0.
 *
 * <pre>
 *       0       1       2       3       4       5       6       7
 *   +-------+-------+-------+-------+-------+-------+-------+-------+
 * 0 |        record bytes           |  CRC32C of [0, 4) and [8, end)|
 * 8 |                   LSN                                         |
 *16 | type  |       reserved        |        synced lag             |
 *24 |        tree id                |        key bytes              |
 *32 |        key, then value, then padding to 8                     |
 *   +-------+-------+-------+-------+-------+-------+-------+-------+
 * </pre>
 *
 * <p>Record bytes leave out the padding. The synced lag says what was known to be durable when the record was
 * appended: all records up to {@code LSN - 1 - lag}. A record that can't be read and lies below that of a later one
 * is damaged; one that doesn't may be what a loss of power left of an unfinished write.
 */
final class RecordDescriptor {

    static final int BYTES_OFFSET = 0;
    static final int CRC_OFFSET = BYTES_OFFSET + Integer.BYTES;
    static final int LSN_OFFSET = CRC_OFFSET + Integer.BYTES;
    static final int TYPE_OFFSET = LSN_OFFSET + Long.BYTES;
    static final int LAG_OFFSET = TYPE_OFFSET + Integer.BYTES;
    static final int TREE_ID_OFFSET = LAG_OFFSET + Integer.BYTES;
    static final int KEY_BYTES_OFFSET = TREE_ID_OFFSET + Integer.BYTES;
    static final int HEADER_BYTES = KEY_BYTES_OFFSET + Integer.BYTES;

    /** A lag too large to be said: nothing is known to be durable. */
    static final long LAG_UNKNOWN = 0xFFFF_FFFFL;

    static final int ALIGNMENT_BYTES = 8;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private RecordDescriptor() {}

    /** Writes a header to the start of an array, with the record's bytes in the place of the checksum too. */
    static void putHeader(byte[] record, int recordBytes, long lsn, long lag, int type, int treeId, int keyBytes) {
        long both = Integer.toUnsignedLong(recordBytes);
        LONG.set(record, BYTES_OFFSET, both | both << Integer.SIZE);
        LONG.set(record, LSN_OFFSET, lsn);
        LONG.set(record, TYPE_OFFSET, Integer.toUnsignedLong(type) | lag << Integer.SIZE);
        LONG.set(record, TREE_ID_OFFSET, Integer.toUnsignedLong(treeId) | (long) keyBytes << Integer.SIZE);
    }

    /** The checksum of a record whose header is as {@link #putHeader} leaves it: of one range, not two. */
    static int crcOfRecord(Crc32c crc, byte[] record, int recordBytes) {
        crc.reset();
        return crc.update(record, CRC_OFFSET, recordBytes - CRC_OFFSET).value();
    }

    static void putCrc(byte[] record, int crc) {
        INT.set(record, CRC_OFFSET, crc);
    }

    static void putLong(byte[] bytes, int offset, long value) {
        LONG.set(bytes, offset, value);
    }

    static long recordBytes(byte[] bytes, int record) {
        return Integer.toUnsignedLong((int) INT.get(bytes, record + BYTES_OFFSET));
    }

    static int crc(byte[] bytes, int record) {
        return (int) INT.get(bytes, record + CRC_OFFSET);
    }

    static long lsn(byte[] bytes, int record) {
        return (long) LONG.get(bytes, record + LSN_OFFSET);
    }

    static int type(byte[] bytes, int record) {
        return bytes[record + TYPE_OFFSET];
    }

    /** Type and reserved bytes. */
    static int typeWord(byte[] bytes, int record) {
        return (int) INT.get(bytes, record + TYPE_OFFSET);
    }

    static long syncedLag(byte[] bytes, int record) {
        return Integer.toUnsignedLong((int) INT.get(bytes, record + LAG_OFFSET));
    }

    static int treeId(byte[] bytes, int record) {
        return (int) INT.get(bytes, record + TREE_ID_OFFSET);
    }

    static int keyBytes(byte[] bytes, int record) {
        return (int) INT.get(bytes, record + KEY_BYTES_OFFSET);
    }

    /** Whether the 8 bytes at an offset are 0. */
    static boolean isZero(byte[] bytes, int offset) {
        return (long) LONG.get(bytes, offset) == 0;
    }

    static long aligned(long bytes) {
        return (bytes + ALIGNMENT_BYTES - 1) & -ALIGNMENT_BYTES;
    }
}
