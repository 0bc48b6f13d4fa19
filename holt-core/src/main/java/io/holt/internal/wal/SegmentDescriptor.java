package io.holt.internal.wal;

import io.holt.internal.memory.Crc32c;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.UUID;

/**
 * The bytes before the first record of a log segment. Little-endian; reserved bytes are 0.
 *
 * <pre>
 *       0       1       2       3       4       5       6       7
 *   +-------+-------+-------+-------+-------+-------+-------+-------+
 * 0 |                   magic "HOLTWALS"                            |
 * 8 |        format version         |         reserved              |
 *16 |                   store id, high half                         |
 *24 |                   store id, low half                          |
 *32 |                   LSN of the first record                     |
 *40 |                   all records up to this LSN were durable     |
 *48 |       1 if reused             |         reserved              |
 *56 |        CRC32C of [0, 56)      |         reserved              |
 *   +-------+-------+-------+-------+-------+-------+-------+-------+
 * </pre>
 *
 * <p>A reused segment may hold records of an earlier one behind its own, all of LSNs below its first.
 */
final class SegmentDescriptor {

    static final long MAGIC = 0x534C_4157_544C_4F48L;
    static final int FORMAT_VERSION = 1;

    static final int MAGIC_OFFSET = 0;
    static final int VERSION_OFFSET = MAGIC_OFFSET + Long.BYTES;
    static final int STORE_ID_HIGH_OFFSET = VERSION_OFFSET + Long.BYTES;
    static final int STORE_ID_LOW_OFFSET = STORE_ID_HIGH_OFFSET + Long.BYTES;
    static final int FIRST_LSN_OFFSET = STORE_ID_LOW_OFFSET + Long.BYTES;
    static final int SYNCED_LSN_OFFSET = FIRST_LSN_OFFSET + Long.BYTES;
    static final int REUSED_OFFSET = SYNCED_LSN_OFFSET + Long.BYTES;
    static final int CRC_OFFSET = REUSED_OFFSET + Long.BYTES;
    static final int HEADER_BYTES = CRC_OFFSET + Long.BYTES;

    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private SegmentDescriptor() {}

    static byte[] encode(UUID storeId, long firstLsn, long syncedLsn, boolean reused) {
        byte[] bytes = new byte[HEADER_BYTES];
        LONG.set(bytes, MAGIC_OFFSET, MAGIC);
        INT.set(bytes, VERSION_OFFSET, FORMAT_VERSION);
        LONG.set(bytes, STORE_ID_HIGH_OFFSET, storeId.getMostSignificantBits());
        LONG.set(bytes, STORE_ID_LOW_OFFSET, storeId.getLeastSignificantBits());
        LONG.set(bytes, FIRST_LSN_OFFSET, firstLsn);
        LONG.set(bytes, SYNCED_LSN_OFFSET, syncedLsn);
        INT.set(bytes, REUSED_OFFSET, reused ? 1 : 0);
        INT.set(bytes, CRC_OFFSET, Crc32c.of(bytes, 0, CRC_OFFSET));
        return bytes;
    }

    static boolean isWhole(byte[] bytes) {
        return (long) LONG.get(bytes, MAGIC_OFFSET) == MAGIC
                && (int) INT.get(bytes, CRC_OFFSET) == Crc32c.of(bytes, 0, CRC_OFFSET);
    }

    static int version(byte[] bytes) {
        return (int) INT.get(bytes, VERSION_OFFSET);
    }

    static UUID storeId(byte[] bytes) {
        return new UUID((long) LONG.get(bytes, STORE_ID_HIGH_OFFSET), (long) LONG.get(bytes, STORE_ID_LOW_OFFSET));
    }

    static long firstLsn(byte[] bytes) {
        return (long) LONG.get(bytes, FIRST_LSN_OFFSET);
    }

    static long syncedLsn(byte[] bytes) {
        return (long) LONG.get(bytes, SYNCED_LSN_OFFSET);
    }

    static boolean isReused(byte[] bytes) {
        return (int) INT.get(bytes, REUSED_OFFSET) != 0;
    }
}
