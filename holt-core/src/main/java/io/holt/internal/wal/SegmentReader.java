package io.holt.internal.wal;

import io.holt.api.CorruptLogException;
import io.holt.api.HoltException;
import io.holt.internal.io.Caching;
import io.holt.internal.io.HeapTransfer;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoFile;
import io.holt.internal.io.OpenMode;
import io.holt.internal.memory.Crc32c;
import java.nio.file.Path;

/** Reads the records of one segment through a window on the heap. Not for use by several threads at once. */
final class SegmentReader implements AutoCloseable {

    /** Of files that are not smaller. */
    private static final int MOST_WINDOW_BYTES = 1 << 20;

    /** Of a put every value is right, so it is not looked at. */
    private static final byte[] NO_VALUE = {};

    private final IoFile file;
    private final long size;
    private final byte[] window;
    private final Crc32c crc = new Crc32c();
    private long windowOffset;
    private int loadedBytes;

    /** @param reused window of another reader that is done, which is taken if it is large enough */
    SegmentReader(IoEngine engine, Path path, byte[] reused) {
        file = engine.open(path, OpenMode.READ, Caching.CACHED);
        try {
            size = file.size();
        } catch (HoltException e) {
            file.close();
            throw e;
        }
        int windowBytes = (int) Math.min(MOST_WINDOW_BYTES, size);
        window = reused.length >= windowBytes ? reused : new byte[windowBytes];
    }

    byte[] window() {
        return window;
    }

    String path() {
        return file.path().toString();
    }

    long size() {
        return size;
    }

    /** The segment's header, or null if the file ends before its end. */
    byte[] header() {
        if (size < SegmentDescriptor.HEADER_BYTES) {
            return null;
        }
        byte[] bytes = new byte[SegmentDescriptor.HEADER_BYTES];
        System.arraycopy(window, load(0, bytes.length), bytes, 0, bytes.length);
        return bytes;
    }

    /** Where bytes of the file lie in the window, which is moved to them if need be. They must be in the file. */
    private int load(long offset, int count) {
        if (offset < windowOffset || offset + count > windowOffset + loadedBytes) {
            loadedBytes = 0;
            int bytes = (int) Math.min(window.length, size - offset);
            HeapTransfer.read(file, offset, window, 0, bytes);
            windowOffset = offset;
            loadedBytes = bytes;
        }
        return (int) (offset - windowOffset);
    }

    /**
     * Whether a whole record lies at an offset.
     *
     * @param leastLsn its LSN is at least this one
     * @param mostLsn and at most this one
     */
    boolean isRecord(long offset, long leastLsn, long mostLsn) {
        if (!looksLikeRecord(offset, leastLsn, mostLsn)) {
            return false;
        }
        int at = load(offset, RecordDescriptor.HEADER_BYTES);
        return RecordDescriptor.crc(window, at) == checksum(offset, RecordDescriptor.recordBytes(window, at));
    }

    /** As {@link #isRecord}, without a look at its bytes. */
    boolean looksLikeRecord(long offset, long leastLsn, long mostLsn) {
        if (offset + RecordDescriptor.HEADER_BYTES > size) {
            return false;
        }
        int at = load(offset, RecordDescriptor.HEADER_BYTES);
        long recordBytes = RecordDescriptor.recordBytes(window, at);
        long lsn = RecordDescriptor.lsn(window, at);
        int keyBytes = RecordDescriptor.keyBytes(window, at);
        return recordBytes >= RecordDescriptor.HEADER_BYTES
                && recordBytes <= size - offset
                && lsn >= leastLsn
                && lsn <= mostLsn
                && keyBytes >= 0
                && keyBytes <= WalRecord.MAX_KEY_BYTES
                && keyBytes <= recordBytes - RecordDescriptor.HEADER_BYTES
                && recordBytes - RecordDescriptor.HEADER_BYTES - keyBytes <= Integer.MAX_VALUE
                && (RecordDescriptor.typeWord(window, at) & ~0xFF) == 0;
    }

    private int checksum(long offset, long recordBytes) {
        crc.reset();
        int at = load(offset, RecordDescriptor.HEADER_BYTES);
        crc.update(window, at + RecordDescriptor.BYTES_OFFSET, Integer.BYTES);
        long done = RecordDescriptor.LSN_OFFSET;
        while (done < recordBytes) {
            int chunk = (int) Math.min(window.length, recordBytes - done);
            crc.update(window, load(offset + done, chunk), chunk);
            done += chunk;
        }
        return crc.value();
    }

    /** Hands a whole record to a visitor; returns where the next one begins. */
    long visit(long offset, WalVisitor visitor) {
        int at = load(offset, RecordDescriptor.HEADER_BYTES);
        long recordBytes = RecordDescriptor.recordBytes(window, at);
        int keyBytes = RecordDescriptor.keyBytes(window, at);
        int valueBytes = (int) (recordBytes - RecordDescriptor.HEADER_BYTES - keyBytes);
        long lsn = RecordDescriptor.lsn(window, at);
        int type = RecordDescriptor.type(window, at);
        int treeId = RecordDescriptor.treeId(window, at);
        if (type != WalRecord.MARK) {
            if (recordBytes <= window.length) {
                int key = load(offset, (int) recordBytes) + RecordDescriptor.HEADER_BYTES;
                hand(offset, visitor, lsn, type, treeId, window, key, keyBytes, window, key + keyBytes, valueBytes);
            } else {
                long keyOffset = offset + RecordDescriptor.HEADER_BYTES;
                byte[] key = new byte[keyBytes];
                HeapTransfer.read(file, keyOffset, key, 0, keyBytes);
                if (type == WalRecord.PUT || type == WalRecord.PUT_VERSIONED) {
                    StoredValue value = new StoredValue(file, keyOffset + keyBytes, valueBytes);
                    String problem = RecordShape.problem(type, keyBytes, NO_VALUE, 0, valueBytes);
                    hand(offset, lsn, problem, () -> visitor.largePut(lsn, type, treeId, key, keyBytes, value));
                    return offset + RecordDescriptor.aligned(recordBytes);
                }
                byte[] value = new byte[valueBytes];
                HeapTransfer.read(file, keyOffset + keyBytes, value, 0, valueBytes);
                hand(offset, visitor, lsn, type, treeId, key, 0, keyBytes, value, 0, valueBytes);
            }
        }
        return offset + RecordDescriptor.aligned(recordBytes);
    }

    private void hand(
            long offset,
            WalVisitor visitor,
            long lsn,
            int type,
            int treeId,
            byte[] key,
            int keyOffset,
            int keyBytes,
            byte[] value,
            int valueOffset,
            int valueBytes) {
        hand(
                offset,
                lsn,
                RecordShape.problem(type, keyBytes, value, valueOffset, valueBytes),
                () -> visitor.record(lsn, type, treeId, key, keyOffset, keyBytes, value, valueOffset, valueBytes));
    }

    private void hand(long offset, long lsn, String shapeProblem, Runnable visit) {
        String problem = shapeProblem;
        if (problem == null) {
            try {
                visit.run();
                return;
            } catch (UnfitRecordException e) {
                problem = e.getMessage();
            }
        }
        throw new CorruptLogException(path(), offset, "the record with LSN " + lsn + " makes no sense: " + problem);
    }

    /** Where the record behind this one begins. */
    long skip(long offset) {
        int at = load(offset, RecordDescriptor.HEADER_BYTES);
        return offset + RecordDescriptor.aligned(RecordDescriptor.recordBytes(window, at));
    }

    int type(long offset) {
        return RecordDescriptor.type(window, load(offset, RecordDescriptor.HEADER_BYTES));
    }

    /** See {@link WalRecord#provenSyncedLsn}. */
    long provenSyncedLsn(long offset) {
        return WalRecord.provenSyncedLsn(window, load(offset, RecordDescriptor.HEADER_BYTES));
    }

    /** The first offset from this one on, a multiple of 8, where a byte is not 0; or the size. */
    long nextNonZero(long from) {
        long offset = from;
        while (offset + RecordDescriptor.ALIGNMENT_BYTES <= size) {
            int at = load(offset, RecordDescriptor.ALIGNMENT_BYTES);
            int limit = loadedBytes - RecordDescriptor.ALIGNMENT_BYTES;
            while (at <= limit && RecordDescriptor.isZero(window, at)) {
                at += RecordDescriptor.ALIGNMENT_BYTES;
            }
            offset = windowOffset + at;
            if (at <= limit) {
                return offset;
            }
        }
        return size;
    }

    @Override
    public void close() {
        file.close();
    }
}
