package io.holt.internal.wal;

import io.holt.api.Durability;
import io.holt.api.HoltIoException;
import io.holt.internal.io.IoEngine;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Appends to the log.
 *
 * <p>Invariants:
 * <ul>
 *   <li>LSNs have no gaps and are given in the order in which records stand in the log;
 *   <li>I3: {@link #commit} returns only when the record is as safe as the durability says.
 * </ul>
 *
 * <p>Threads: all methods from any thread at once, but {@link #close} after all others. {@link #append} takes a short
 * lock and makes no system call unless its buffer is full, a segment ends or the record is large; it allocates nothing.
 * {@link #commit} is to be called without latches. Interrupts are left pending.
 */
public final class WalWriter implements AutoCloseable {

    /** Most segments that wait for a sync, each with an open file. */
    private static final int MOST_UNSYNCED = 8;

    private static final long LEAST_AHEAD_BYTES = 1 << 20;
    private static final byte[] NO_KEY = {};

    private final boolean syncing;
    private final SegmentChain chain;
    private final GroupCommit commits;

    /** Null where writers sync themselves, and with segments so small that they would begin all the time. */
    private final LogThread ahead;

    private final ReentrantLock appendLock = new ReentrantLock();

    // Under the append lock:
    private final Staging staging;
    private long segmentRoom;
    private boolean segmentEmpty = true;
    private int unsyncedSegments;

    /** Written under the append lock. */
    private final AtomicLong nextLsn;

    private boolean closed;

    private WalWriter(SegmentChain chain, Path directory, WalConfig config, long nextLsn) {
        this.chain = chain;
        this.syncing = config.durability() == Durability.SYNC;
        this.staging = new Staging(config.stagingAddress(), config.stagingBytes());
        this.segmentRoom = chain.room();
        this.nextLsn = new AtomicLong(nextLsn);
        this.commits = new GroupCommit(new Files(), directory.toString(), nextLsn - 1);
        this.ahead = syncing || config.segmentBytes() < LEAST_AHEAD_BYTES
                ? null
                : new LogThread("holt-log-sync", commits::syncEnded);
    }

    /**
     * Goes on behind the end of a log, in a new segment; what a crash left behind that end is cut off.
     *
     * @param end where {@link WalReader} found it, or {@link WalEnd#none} for a new log
     * @throws HoltIoException if a call failed; nothing that could be read before is lost
     */
    public static WalWriter open(IoEngine engine, Path directory, WalConfig config, WalEnd end) {
        SegmentChain chain = SegmentChain.open(engine, directory, config, end);
        return new WalWriter(chain, directory, config, end.nextLsn());
    }

    /**
     * Appends a record, which is not safe yet.
     *
     * @param type one of {@link WalRecord}
     * @param keyBytes at most 65,535
     * @param value may be null if {@code valueBytes} is 0
     * @return its LSN, to be given to {@link #commit}
     * @throws HoltIoException if a write or sync failed, now or earlier; the record does not count
     */
    public long append(
            int type,
            int treeId,
            byte[] key,
            int keyOffset,
            int keyBytes,
            byte[] value,
            int valueOffset,
            int valueBytes) {
        return append(type, treeId, key, keyOffset, keyBytes, value, null, valueOffset, valueBytes);
    }

    /** As the other, for a value on or off the heap. */
    public long append(int type, int treeId, byte[] key, int keyOffset, int keyBytes, MemorySegment value) {
        return append(type, treeId, key, keyOffset, keyBytes, null, value, 0, Math.toIntExact(value.byteSize()));
    }

    private long append(
            int type,
            int treeId,
            byte[] key,
            int keyOffset,
            int keyBytes,
            byte[] value,
            MemorySegment segment,
            int valueOffset,
            int valueBytes) {
        if (keyBytes > WalRecord.MAX_KEY_BYTES) {
            throw new IllegalArgumentException("a key of " + keyBytes + " bytes");
        }
        long bytes = RecordDescriptor.aligned(WalRecord.recordBytes(keyBytes, valueBytes));
        appendLock.lock();
        try {
            commits.checkUsable();
            if (staging.fits(bytes) && bytes <= segmentRoom) {
                long synced = commits.syncedLsn();
                long lsn = nextLsn.getPlain();
                staging.put(
                        lsn, synced, type, treeId, key, keyOffset, keyBytes, value, segment, valueOffset, valueBytes);
                appended(bytes);
                if (!syncing) {
                    storeAtOnce(lsn);
                }
                return lsn;
            }
        } finally {
            appendLock.unlock();
        }
        return appendInTheWay(bytes, type, treeId, key, keyOffset, keyBytes, value, segment, valueOffset, valueBytes);
    }

    /**
     * Saves who commits the way to the flush lock, where a record can be stored. If all before it are written, no flush
     * has records in hand, and none begins a segment: that is done under the append lock.
     */
    private void storeAtOnce(long lsn) {
        if (commits.writtenLsn() != lsn - 1) {
            return;
        }
        try {
            if (chain.store(staging.address(), staging.used())) {
                staging.clear();
                commits.written(lsn);
            }
        } catch (HoltIoException e) {
            commits.fail(e);
            throw e;
        }
    }

    private long appended(long bytes) {
        segmentRoom -= bytes;
        segmentEmpty = false;
        long lsn = nextLsn.getPlain();
        nextLsn.setRelease(lsn + 1);
        return lsn;
    }

    /** The slow path: first makes room, and holds up other appenders meanwhile. */
    private long appendInTheWay(
            long bytes,
            int type,
            int treeId,
            byte[] key,
            int keyOffset,
            int keyBytes,
            byte[] value,
            MemorySegment segment,
            int valueOffset,
            int valueBytes) {
        boolean syncFirst;
        appendLock.lock();
        try {
            syncFirst = unsyncedSegments >= MOST_UNSYNCED;
        } finally {
            appendLock.unlock();
        }
        if (syncFirst) {
            sync();
        }
        long[] lsn = new long[1];
        commits.writing(() -> {
            appendLock.lock();
            try {
                makeRoom(bytes);
                long synced = commits.syncedLsn();
                if (staging.fits(bytes)) {
                    staging.put(
                            nextLsn.getPlain(),
                            synced,
                            type,
                            treeId,
                            key,
                            keyOffset,
                            keyBytes,
                            value,
                            segment,
                            valueOffset,
                            valueBytes);
                    lsn[0] = appended(bytes);
                } else {
                    staging.putLarge(
                            nextLsn.getPlain(),
                            synced,
                            type,
                            treeId,
                            key,
                            keyOffset,
                            keyBytes,
                            value,
                            segment,
                            valueOffset,
                            valueBytes,
                            chain::write);
                    lsn[0] = appended(bytes);
                    commits.written(lsn[0]);
                }
            } finally {
                appendLock.unlock();
            }
        });
        return lsn[0];
    }

    /** Writes what is staged, and begins a segment if the record does not fit into this one. */
    private void makeRoom(long bytes) {
        if (staging.used() > 0) {
            chain.write(staging.address(), staging.used(), staging.halfBytes() - staging.used());
            staging.clear();
            commits.written(nextLsn.getPlain() - 1);
        }
        if (bytes > segmentRoom && !segmentEmpty) {
            chain.begin(nextLsn.getPlain(), commits.syncedLsn());
            segmentRoom = chain.room();
            segmentEmpty = true;
            unsyncedSegments++;
            if (ahead != null) {
                ahead.begin();
            }
        }
    }

    /** What {@link GroupCommit} does for all who wait. */
    private final class Files implements GroupCommit.Log {

        private final SegmentSync segments = new SegmentSync(chain);

        @Override
        public long flush() {
            long address;
            int bytes;
            long last;
            appendLock.lock();
            try {
                address = staging.address();
                bytes = staging.used();
                last = nextLsn.getPlain() - 1;
                staging.swap();
            } finally {
                appendLock.unlock();
            }
            // The other half is free: who writes holds the flush lock.
            if (bytes > 0) {
                chain.write(address, bytes, staging.halfBytes() - bytes);
            }
            return last;
        }

        @Override
        public long beforeSync(boolean whole) {
            segments.prepare(whole);
            appendLock.lock();
            try {
                unsyncedSegments = 0;
            } finally {
                appendLock.unlock();
            }
            return whole ? commits.writtenLsn() : chain.endedLsn();
        }

        @Override
        public void sync() {
            segments.run();
        }
    }

    /**
     * Returns when a record is with the operating system ({@link Durability#ASYNC}) or durable
     * ({@link Durability#SYNC}).
     *
     * @throws HoltIoException if that can't be had any more: whether the record is found when the log is
     *     read again is unknown
     */
    public void commit(long lsn) {
        if (syncing) {
            commits.awaitSynced(lsn);
        } else {
            commits.awaitWritten(lsn);
        }
    }

    /** Makes all that was appended before durable; errors as {@link #commit}. */
    public void sync() {
        commits.awaitSynced(nextLsn.get() - 1);
    }

    /**
     * Hands records from an LSN on, as far as they are kept, to a visitor: all that were appended before the call.
     * Commits wait meanwhile.
     *
     * @throws HoltIoException if the log failed, now or earlier
     */
    public void readBack(long fromLsn, WalVisitor visitor) {
        long untilLsn = nextLsn.get() - 1;
        commits.awaitWritten(untilLsn);
        // In this order: who deletes files holds up no commit.
        chain.whileKept(() -> commits.exclusively(() -> chain.readBack(fromLsn, untilLsn, visitor)));
    }

    /** LSN that the next record gets. */
    public long nextLsn() {
        return nextLsn.get();
    }

    /** All records up to this LSN are durable. */
    public long syncedLsn() {
        return commits.syncedLsn();
    }

    /** How many times records were made durable since opening. */
    public long syncs() {
        return commits.syncs();
    }

    /** Bytes of the segments there are, as far as written. */
    public long bytes() {
        return chain.bytes();
    }

    /**
     * Gives up segments of records before this LSN, what they say being durable by other means.
     *
     * @throws HoltIoException if a call failed; after a failed sync the log takes no more records
     */
    public void truncateBefore(long lsn) {
        // No writer waits for this, nor for what becomes of the files.
        commits.syncing(chain::takeNameUnsynced, chain::syncNames);
        List<Long> taken = new ArrayList<>();
        commits.exclusively(() -> {
            // After a failed sync a name that was taken note of may not be durable.
            if (!commits.hasFailed()) {
                taken.addAll(chain.takeBefore(lsn));
            }
        });
        chain.recycle(taken);
    }

    /** Gives back the disk space that is kept for segments to come. */
    public void releaseSpares() {
        chain.releaseSpares();
    }

    /**
     * Makes all that was appended durable and closes the files. After a failure it only closes them. Idempotent.
     *
     * @throws HoltIoException if a write or sync failed; the files are closed
     */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (ahead != null) {
            ahead.close();
        }
        try {
            if (!commits.hasFailed()) {
                sync();
                // A segment without a record is begun again: opening and closing alone makes no log longer.
                if (!segmentEmpty) {
                    // So that damage to the records before it can be told from an unfinished write.
                    append(WalRecord.MARK, 0, NO_KEY, 0, 0, null, 0, 0);
                    commits.awaitWritten(nextLsn.get() - 1);
                }
                commits.writing(chain::cutEnd);
                sync();
            }
        } finally {
            commits.exclusively(chain::close);
        }
    }
}
