package io.holt.internal.wal;

import io.holt.api.CorruptLogException;
import io.holt.api.StoreFormatException;
import io.holt.internal.io.IoEngine;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Replays a log, and changes nothing.
 *
 * <p>Invariants:
 * <ul>
 *   <li>I3: every record that was known to be durable when a later one was appended is replayed, or the log is called
 *       damaged;
 *   <li>what is replayed has no gaps: a record that can't be read ends the log, whatever whole records a loss of
 *       power left behind it.
 * </ul>
 */
public final class WalReader {

    private static final Logger LOG = LoggerFactory.getLogger(WalReader.class);

    private final IoEngine engine;
    private final Path directory;
    private final UUID storeId;
    private byte[] window = {};

    private WalReader(IoEngine engine, Path directory, UUID storeId) {
        this.engine = engine;
        this.directory = directory;
        this.storeId = storeId;
    }

    /**
     * Hands the records from an LSN on to a visitor, in order.
     *
     * @param storeId of the store that the log belongs to
     * @param fromLsn at least 1; earlier records are passed over
     * @return where the log ends, to go on with {@link WalWriter#open}
     * @throws CorruptLogException if the log is damaged or the segment of {@code fromLsn} is missing; records before
     *     the damage have been handed out
     * @throws StoreFormatException if a segment is of another store or of a newer format
     */
    public static WalEnd replay(IoEngine engine, Path directory, UUID storeId, long fromLsn, WalVisitor visitor) {
        return new WalReader(engine, directory, storeId).replay(fromLsn, visitor);
    }

    /**
     * Hands the records of a log that is being written to a visitor, in order; no segment is cut off meanwhile.
     *
     * @param fromLsn earlier records are passed over; it need not be there any more
     * @param untilLsn the last record wanted, which is known to be written
     * @throws CorruptLogException if a record of these can't be read
     */
    static void readBack(
            IoEngine engine, Path directory, UUID storeId, long fromLsn, long untilLsn, WalVisitor visitor) {
        new WalReader(engine, directory, storeId).readBack(fromLsn, untilLsn, visitor);
    }

    private void readBack(long fromLsn, long untilLsn, WalVisitor visitor) {
        List<Long> segments = WalFiles.list(engine, directory);
        for (int i = 0; i < segments.size(); i++) {
            long expected = segments.get(i);
            long last = i + 1 < segments.size() ? Math.min(untilLsn, segments.get(i + 1) - 1) : untilLsn;
            if (last < fromLsn || last < expected) {
                continue;
            }
            try (SegmentReader segment = open(expected)) {
                long offset = readHeader(segment, expected);
                for (; expected <= last; expected++) {
                    if (offset == 0 || !segment.isRecord(offset, expected, expected)) {
                        throw damaged(segment, offset, expected);
                    }
                    checkType(segment, offset);
                    offset = expected < fromLsn ? segment.skip(offset) : segment.visit(offset, visitor);
                }
            }
        }
    }

    private WalEnd replay(long fromLsn, WalVisitor visitor) {
        List<Long> all = WalFiles.list(engine, directory);
        int start = all.size() - 1;
        while (start >= 0 && all.get(start) > fromLsn) {
            start--;
        }
        if (start < 0) {
            throw new CorruptLogException(
                    directory.toString(), 0, "the segment that holds the record with LSN " + fromLsn + " is missing");
        }
        List<Long> segments = all.subList(start, all.size());
        long expected = segments.getFirst();
        for (int i = 0; ; i++) {
            try (SegmentReader segment = open(segments.get(i))) {
                long offset = readHeader(segment, segments.get(i));
                while (offset > 0 && segment.isRecord(offset, expected, expected)) {
                    checkType(segment, offset);
                    offset = expected < fromLsn ? segment.skip(offset) : segment.visit(offset, visitor);
                    expected++;
                }
                boolean goesOn = i + 1 < segments.size() && segments.get(i + 1) == expected;
                if (!goesOn) {
                    WalEnd end = end(segment, offset, expected, Math.max(expected, fromLsn), segments, i);
                    return end.withObsolete(new ArrayList<>(all.subList(0, start)));
                }
            }
        }
    }

    private SegmentReader open(long firstLsn) {
        SegmentReader segment = new SegmentReader(engine, WalFiles.segment(directory, firstLsn), window);
        window = segment.window();
        return segment;
    }

    /** Returns where the records begin, or 0 if the header can't be read. */
    private long readHeader(SegmentReader segment, long firstLsn) {
        byte[] header = segment.header();
        if (header == null || !SegmentDescriptor.isWhole(header)) {
            return 0;
        }
        if (SegmentDescriptor.version(header) != SegmentDescriptor.FORMAT_VERSION) {
            throw new StoreFormatException(
                    segment.path(),
                    "it has format version " + SegmentDescriptor.version(header) + ", this program reads version "
                            + SegmentDescriptor.FORMAT_VERSION,
                    "open it with the version of Holt that wrote it");
        }
        if (!SegmentDescriptor.storeId(header).equals(storeId)) {
            throw new StoreFormatException(
                    segment.path(),
                    "it is of the database " + SegmentDescriptor.storeId(header) + ", this one is " + storeId,
                    "restore the directory from a backup");
        }
        if (SegmentDescriptor.firstLsn(header) != firstLsn) {
            throw new CorruptLogException(
                    segment.path(), 0, "its name does not fit to its first LSN " + SegmentDescriptor.firstLsn(header));
        }
        return SegmentDescriptor.HEADER_BYTES;
    }

    private static void checkType(SegmentReader segment, long offset) {
        if (!WalRecord.isKnown(segment.type(offset))) {
            throw new StoreFormatException(
                    segment.path(),
                    "it has a record of unknown type " + segment.type(offset) + " at byte offset " + offset,
                    "open it with the version of Holt that wrote it");
        }
    }

    /** The log ends here, unless something proves that the next record was durable. */
    private WalEnd end(
            SegmentReader segment, long offset, long expected, long nextLsn, List<Long> segments, int index) {
        // The first record shares its sector with the header: no loss of power takes one and leaves the other.
        boolean headerDamaged = offset == 0 && segment.isRecord(SegmentDescriptor.HEADER_BYTES, expected, expected);
        if (headerDamaged || provesDurable(segment, Math.max(offset, SegmentDescriptor.HEADER_BYTES), expected)) {
            throw damaged(segment, offset, expected);
        }
        long droppedBytes = droppedBytes(segment, offset, expected);
        List<Long> later = segments.subList(index + 1, segments.size());
        for (long firstLsn : later) {
            try (SegmentReader other = open(firstLsn)) {
                byte[] header = other.header();
                boolean whole = header != null && SegmentDescriptor.isWhole(header);
                if ((whole && SegmentDescriptor.syncedLsn(header) >= expected)
                        || provesDurable(other, SegmentDescriptor.HEADER_BYTES, expected)) {
                    throw damaged(segment, offset, expected);
                }
            }
        }
        if (droppedBytes > 0 || !later.isEmpty()) {
            LOG.warn(
                    "log {}: what is behind byte offset {} was not finished when the process or the machine went down,"
                            + " {} bytes and {} later segments are left out; the log ends with LSN {}",
                    segment.path(),
                    offset,
                    droppedBytes,
                    later.size(),
                    nextLsn - 1);
        }
        // A segment without a readable header holds nothing.
        int kept = offset == 0 ? index : index + 1;
        List<Long> dropped = new ArrayList<>(segments.subList(kept, segments.size()));
        long keptOffset = offset == 0 ? WalEnd.WHOLE : offset;
        List<Long> keptSegments = new ArrayList<>(segments.subList(0, kept));
        return new WalEnd(nextLsn, keptSegments, keptOffset, dropped, List.of(), droppedBytes);
    }

    /** How far what a crash left unfinished reaches behind the end; of a reused segment, as far as it can be told. */
    private static long droppedBytes(SegmentReader segment, long offset, long expected) {
        boolean reused = offset > 0 && SegmentDescriptor.isReused(segment.header());
        long mostLsn = expected + segment.size() / RecordDescriptor.HEADER_BYTES;
        long dropped = 0;
        long at = segment.nextNonZero(offset);
        while (at < segment.size()) {
            if (!reused || segment.looksLikeRecord(at, expected, mostLsn)) {
                dropped = at + RecordDescriptor.ALIGNMENT_BYTES - offset;
            }
            at = segment.nextNonZero(at + RecordDescriptor.ALIGNMENT_BYTES);
        }
        return dropped;
    }

    private CorruptLogException damaged(SegmentReader segment, long offset, long expected) {
        return new CorruptLogException(
                segment.path(), offset, "the record with LSN " + expected + " was durable and can't be read");
    }

    /** Whether a whole record at or behind an offset was appended when this LSN was known to be durable. */
    private static boolean provesDurable(SegmentReader segment, long from, long lsn) {
        long at = segment.nextNonZero(from);
        while (at < segment.size()) {
            if (segment.isRecord(at, lsn + 1, Long.MAX_VALUE) && segment.provenSyncedLsn(at) >= lsn) {
                return true;
            }
            at = segment.nextNonZero(at + RecordDescriptor.ALIGNMENT_BYTES);
        }
        return false;
    }
}
