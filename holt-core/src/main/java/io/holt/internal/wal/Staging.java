package io.holt.internal.wal;

import io.holt.internal.memory.Crc32c;
import io.holt.internal.memory.Memory;
import java.lang.foreign.MemorySegment;

/**
 * Where records are put together before they are written: two halves, one to append to while the other is written.
 * Threads: one at a time.
 */
final class Staging {

    /** Records up to here are put together in an array first. */
    private static final int SHORT_BYTES = 1024;

    private final long first;
    private final int halfBytes;
    private final Crc32c crc = new Crc32c();
    private final byte[] shortRecord = new byte[SHORT_BYTES];
    private long active;
    private int used;

    Staging(long address, int bytes) {
        first = address;
        halfBytes = bytes / 2 & -RecordDescriptor.ALIGNMENT_BYTES;
        active = address;
    }

    /** Start of the records that are not yet written. */
    long address() {
        return active;
    }

    /** Bytes of the records that are not yet written. */
    int used() {
        return used;
    }

    int halfBytes() {
        return halfBytes;
    }

    boolean fits(long bytes) {
        return bytes <= halfBytes - used;
    }

    /** Goes on in the other half; what was put together stays where it is until the next swap. */
    void swap() {
        active = active == first ? first + halfBytes : first;
        used = 0;
    }

    /** Forgets what was put together. */
    void clear() {
        used = 0;
    }

    /** Puts a record together that fits; the value is in the array or, if that is null, in the segment. */
    void put(
            long lsn,
            long syncedLsn,
            int type,
            int treeId,
            byte[] key,
            int keyOffset,
            int keyBytes,
            byte[] value,
            MemorySegment segment,
            int valueOffset,
            int valueBytes) {
        long at = active + used;
        long recordBytes = WalRecord.recordBytes(keyBytes, valueBytes);
        if (recordBytes <= SHORT_BYTES && (value != null || valueBytes == 0)) {
            putShort(lsn, syncedLsn, type, treeId, key, keyOffset, keyBytes, value, valueOffset, valueBytes);
            return;
        }
        WalRecord.putHeader(at, recordBytes, lsn, syncedLsn, type, treeId, keyBytes);
        long keyAt = at + RecordDescriptor.HEADER_BYTES;
        Memory.copyFromArray(key, keyOffset, keyAt, keyBytes);
        copyValue(value, segment, valueOffset, keyAt + keyBytes, valueBytes);
        WalRecord.pad(at, recordBytes);
        WalRecord.checksum(crc, at, recordBytes);
        Memory.putInt(at + RecordDescriptor.CRC_OFFSET, crc.value());
        used += (int) RecordDescriptor.aligned(recordBytes);
    }

    /** As the other, in an array first: the sum of bytes in one costs a call less than that of bytes in memory. */
    private void putShort(
            long lsn,
            long syncedLsn,
            int type,
            int treeId,
            byte[] key,
            int keyOffset,
            int keyBytes,
            byte[] value,
            int valueOffset,
            int valueBytes) {
        int bytes = (int) WalRecord.recordBytes(keyBytes, valueBytes);
        int end = (int) RecordDescriptor.aligned(bytes);
        // Before key and value, whose last bytes may stand in the same word.
        RecordDescriptor.putLong(shortRecord, end - Long.BYTES, 0);
        RecordDescriptor.putHeader(
                shortRecord, bytes, lsn, WalRecord.syncedLag(lsn, syncedLsn), type, treeId, keyBytes);
        System.arraycopy(key, keyOffset, shortRecord, RecordDescriptor.HEADER_BYTES, keyBytes);
        if (valueBytes > 0) {
            System.arraycopy(value, valueOffset, shortRecord, RecordDescriptor.HEADER_BYTES + keyBytes, valueBytes);
        }
        RecordDescriptor.putCrc(shortRecord, RecordDescriptor.crcOfRecord(crc, shortRecord, bytes));
        Memory.copyFromArray(shortRecord, 0, active + used, end);
        used += end;
    }

    /** Takes pieces of a large record, each of them in the active half, which holds nothing else. */
    interface Sink {
        void take(long address, int bytes);
    }

    /**
     * Puts a record together that does not fit, piece by piece; nothing else is staged before or after. The value is
     * gone through twice, since its checksum stands in the first piece.
     */
    void putLarge(
            long lsn,
            long syncedLsn,
            int type,
            int treeId,
            byte[] key,
            int keyOffset,
            int keyBytes,
            byte[] value,
            MemorySegment segment,
            int valueOffset,
            int valueBytes,
            Sink sink) {
        assert used == 0;
        long recordBytes = WalRecord.recordBytes(keyBytes, valueBytes);
        WalRecord.putHeader(active, recordBytes, lsn, syncedLsn, type, treeId, keyBytes);
        WalRecord.checksum(crc, active, RecordDescriptor.HEADER_BYTES);
        crc.update(key, keyOffset, keyBytes);
        for (int done = 0; done < valueBytes; ) {
            int chunk = Math.min(valueBytes - done, halfBytes - RecordDescriptor.HEADER_BYTES);
            long at = active + RecordDescriptor.HEADER_BYTES;
            copyValue(value, segment, valueOffset + done, at, chunk);
            crc.update(at, chunk);
            done += chunk;
        }
        Memory.putInt(active + RecordDescriptor.CRC_OFFSET, crc.value());
        int filled = RecordDescriptor.HEADER_BYTES;
        for (int done = 0; done < keyBytes; ) {
            int chunk = Math.min(keyBytes - done, halfBytes - filled);
            Memory.copyFromArray(key, keyOffset + done, active + filled, chunk);
            done += chunk;
            filled = emitIfFull(sink, filled + chunk);
        }
        for (int done = 0; done < valueBytes; ) {
            int chunk = Math.min(valueBytes - done, halfBytes - filled);
            copyValue(value, segment, valueOffset + done, active + filled, chunk);
            done += chunk;
            filled = emitIfFull(sink, filled + chunk);
        }
        int padding = (int) (RecordDescriptor.aligned(recordBytes) - recordBytes);
        Memory.fill(active + filled, padding, 0);
        if (filled + padding > 0) {
            sink.take(active, filled + padding);
        }
    }

    private int emitIfFull(Sink sink, int filled) {
        if (filled < halfBytes) {
            return filled;
        }
        sink.take(active, filled);
        return 0;
    }

    private static void copyValue(byte[] value, MemorySegment segment, int offset, long to, int bytes) {
        if (bytes == 0) {
            return;
        }
        if (value != null) {
            Memory.copyFromArray(value, offset, to, bytes);
        } else {
            Memory.copyFromSegment(segment, offset, to, bytes);
        }
    }
}
