package io.holt.internal.wal;

import java.util.List;

/**
 * Where the readable log ends.
 *
 * @param nextLsn LSN that the next record gets
 * @param keptSegments first LSNs of the segments that hold records to keep, the last of which ends at {@code offset}
 * @param offset byte offset in the last kept segment behind its last record, or -1 if it ends with that
 * @param droppedSegments first LSNs of later segments, which hold only what a crash left of unfinished writes
 * @param obsoleteSegments first LSNs of earlier segments than were read: they were deleted, but not yet durably
 * @param droppedBytes bytes behind {@code offset} that are not zero and could not be read: 0 after a clean end
 */
public record WalEnd(
        long nextLsn,
        List<Long> keptSegments,
        long offset,
        List<Long> droppedSegments,
        List<Long> obsoleteSegments,
        long droppedBytes) {

    /** The last kept segment is to be kept as it is. */
    static final long WHOLE = -1;

    WalEnd withObsolete(List<Long> segments) {
        return new WalEnd(nextLsn, keptSegments, offset, droppedSegments, segments, droppedBytes);
    }

    /** Of a log that does not exist yet. */
    public static WalEnd none(long nextLsn) {
        return new WalEnd(nextLsn, List.of(), 0, List.of(), List.of(), 0);
    }
}
