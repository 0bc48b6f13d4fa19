package io.holt.internal.wal;

import io.holt.api.Durability;
import io.holt.api.HoltException;
import io.holt.internal.io.Caching;
import io.holt.internal.io.HeapTransfer;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoFile;
import io.holt.internal.io.OpenMode;
import io.holt.internal.memory.Memory;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments of a log that is being written. Threads: one at a time, unless said otherwise.
 *
 * <p>Invariant: the segments' names are durable before a record in them counts as durable, and before the log before
 * them is cut.
 */
final class SegmentChain {

    private static final Logger LOG = LoggerFactory.getLogger(SegmentChain.class);

    /** Smaller segments begin so often that a thread would be busy with making them ahead. */
    private static final long LEAST_AHEAD_BYTES = 4 << 20;

    /** A segment; one that is synced or was there before has no open file. */
    private static final class Segment {
        final long firstLsn;
        IoFile file;
        long bytes;

        /** Whether its name is durable, or is being made so under the sync lock. */
        boolean named;

        Segment(long firstLsn, IoFile file, long bytes) {
            this.firstLsn = firstLsn;
            this.file = file;
            this.bytes = bytes;
        }
    }

    private final IoEngine engine;
    private final Path directory;
    private final UUID storeId;
    private final long segmentBytes;

    /** Whether records are stored where that is possible: a sync of what was stored costs more than one of writes. */
    private final boolean storing;

    private final Deque<Segment> segments = new ArrayDeque<>();

    /** The last one of these: which others are taken off the chain is nothing to who appends. */
    private Segment newest;

    /** Of all segments there ever were here; written by who appends or begins a segment. */
    private final AtomicLong addedBytes = new AtomicLong();

    /** Of those that were taken off the chain. */
    private final AtomicLong takenBytes = new AtomicLong();

    /** Held while files are deleted or made spares, or a list of them is read. */
    private final Object deleting = new Object();

    private final SpareSegments spares;

    private boolean refusalSaid;

    /** Whether a segment is not named. */
    private boolean nameUnsynced;

    private SegmentChain(IoEngine engine, Path directory, WalConfig config) {
        this.engine = engine;
        this.directory = directory;
        this.storeId = config.storeId();
        this.segmentBytes = config.segmentBytes();
        this.storing = config.durability() == Durability.ASYNC;
        this.spares = new SpareSegments(
                engine,
                directory,
                segmentBytes,
                segmentBytes >= LEAST_AHEAD_BYTES,
                config.durability() == Durability.SYNC);
    }

    /**
     * Cuts off what a crash left behind the end of a log, makes what is before durable, and begins a new segment.
     * If this fails or is cut short it can be done again.
     */
    static SegmentChain open(IoEngine engine, Path directory, WalConfig config, WalEnd end) {
        WalFiles.deleteSpares(engine, directory);
        SegmentChain chain = new SegmentChain(engine, directory, config);
        try {
            chain.goOnBehind(end);
            return chain;
        } catch (HoltException e) {
            chain.close();
            throw e;
        }
    }

    private void goOnBehind(WalEnd end) {
        // A segment without a record has the name that the new one gets.
        boolean empty = end.droppedSegments().contains(end.nextLsn());
        for (long firstLsn : end.keptSegments()) {
            boolean last = firstLsn == end.keptSegments().getLast();
            if (last && firstLsn == end.nextLsn()) {
                empty = true;
                continue;
            }
            // It may have been read out of the page cache, and not be durable.
            try (IoFile file = engine.open(WalFiles.segment(directory, firstLsn), OpenMode.WRITE, Caching.CACHED)) {
                if (last && end.offset() != WalEnd.WHOLE && file.size() > end.offset()) {
                    file.truncate(end.offset());
                }
                file.sync();
                add(new Segment(firstLsn, null, file.size()), true);
            }
        }
        if (empty) {
            beginAgain(end.nextLsn());
        } else {
            begin(end.nextLsn(), end.nextLsn() - 1);
            takeNameUnsynced();
            syncNames();
        }
        deleteDropped(end);
    }

    /**
     * Deletes what lies behind the end: not before the new segment has its name, since a log without any segment could
     * not be opened again; and durably before the first record is added, or else the records that were dropped could
     * come back behind it. Also what a loss of power brought back of segments that were not needed any more.
     */
    private void deleteDropped(WalEnd end) {
        boolean deleted = false;
        for (long firstLsn : end.obsoleteSegments()) {
            deleted |= engine.delete(WalFiles.segment(directory, firstLsn));
        }
        for (long firstLsn : end.droppedSegments().reversed()) {
            if (firstLsn != end.nextLsn()) {
                deleted |= engine.delete(WalFiles.segment(directory, firstLsn));
            }
        }
        if (deleted) {
            engine.syncDirectory(directory);
        }
    }

    /** Begins a segment that is there and has no record; never without a file of its name, or the log would be lost. */
    private void beginAgain(long firstLsn) {
        IoFile file = engine.open(WalFiles.segment(directory, firstLsn), OpenMode.WRITE, Caching.CACHED);
        try {
            if (file.size() > SegmentDescriptor.HEADER_BYTES) {
                file.truncate(SegmentDescriptor.HEADER_BYTES);
            }
            writeHeader(file, firstLsn, firstLsn - 1, false);
            file.sync();
            engine.syncDirectory(directory);
        } catch (HoltException e) {
            file.close();
            throw e;
        }
        add(new Segment(firstLsn, file, SegmentDescriptor.HEADER_BYTES), true);
    }

    private void writeHeader(IoFile file, long firstLsn, long syncedLsn, boolean reused) {
        if (!reused) {
            file.preallocate(0, segmentBytes);
        }
        byte[] header = SegmentDescriptor.encode(storeId, firstLsn, syncedLsn, reused);
        // To write less than a page the kernel would have to read the rest of it, and the device may be busy.
        byte[] page = Arrays.copyOf(header, IoFile.DIRECT_ALIGNMENT_BYTES);
        HeapTransfer.write(file, 0, page, 0, page.length);
        if (storing && !file.mapForWriting(segmentBytes, header.length) && !refusalSaid) {
            refusalSaid = true;
            LOG.info(
                    "log {}: the I/O engine or the file system can't map files, each change that is logged is a system"
                            + " call",
                    directory);
        }
    }

    /** Begins a segment; its name is not durable yet, so that writers need not wait for that. */
    void begin(long firstLsn, long syncedLsn) {
        Path path = WalFiles.segment(directory, firstLsn);
        boolean reused = spares.take(path);
        IoFile file = engine.open(path, reused ? OpenMode.WRITE : OpenMode.CREATE_NEW, Caching.CACHED);
        try {
            writeHeader(file, firstLsn, syncedLsn, reused);
        } catch (HoltException e) {
            file.close();
            throw e;
        }
        add(new Segment(firstLsn, file, SegmentDescriptor.HEADER_BYTES), false);
        spares.makeAhead();
    }

    /**
     * Whether names have to be synced before what is in the segments counts as durable. Asked once: who asks syncs
     * them, and no other sync and no cut comes before that is done.
     */
    boolean takeNameUnsynced() {
        if (!nameUnsynced) {
            return false;
        }
        nameUnsynced = false;
        segments.forEach(segment -> segment.named = true);
        return true;
    }

    /** Makes the names of all segments durable; from any thread. */
    void syncNames() {
        engine.syncDirectory(directory);
    }

    private void add(Segment segment, boolean named) {
        segment.named = named;
        nameUnsynced |= !named;
        segments.add(segment);
        newest = segment;
        countAdded(segment.bytes);
    }

    /** Appends to the newest segment. */
    void write(long address, long count) {
        write(address, count, 0);
    }

    /**
     * As {@link #write(long, long)}, with zeros up to the end of the last page: of a page that is written in part the
     * kernel would have to read the rest from the device, where a segment is used again.
     *
     * @param freeBytes so many bytes behind those to be written may be changed
     */
    void write(long address, long count, long freeBytes) {
        long end = newest.bytes + count;
        long toPageEnd = -end & (IoFile.DIRECT_ALIGNMENT_BYTES - 1);
        long zeros = end + toPageEnd <= segmentBytes && toPageEnd <= freeBytes ? toPageEnd : 0;
        if (zeros > 0) {
            Memory.fill(address + count, zeros, 0);
        }
        newest.file.write(newest.bytes, address, count + zeros);
        grow(count);
    }

    /** As {@link #write}, if that is a store alone; answers whether it was. Not beside {@link #begin}. */
    boolean store(long address, long count) {
        boolean stored = newest.file.store(newest.bytes, address, count);
        if (stored) {
            grow(count);
        }
        return stored;
    }

    private void grow(long count) {
        newest.bytes += count;
        countAdded(count);
    }

    /** Without an atomic addition: that would wait until all that was stored has arrived. */
    private void countAdded(long count) {
        addedBytes.setRelease(addedBytes.getPlain() + count);
    }

    /** Bytes that records may still take in the newest segment; negative if a large one made it longer. */
    long room() {
        return segmentBytes - newest.bytes;
    }

    IoFile currentFile() {
        return newest.file;
    }

    /** The last LSN before the newest segment. */
    long endedLsn() {
        return newest.firstLsn - 1;
    }

    /** The files of earlier segments that were not synced, which the caller syncs and closes. */
    List<IoFile> takeUnsynced() {
        List<IoFile> files = new ArrayList<>();
        for (Segment segment : segments) {
            if (segment.file != null && segment != newest) {
                files.add(segment.file);
                segment.file = null;
            }
        }
        return files;
    }

    /**
     * Takes the segments off the chain all of whose records are before an LSN, for {@link #recycle}; the newest one is
     * never taken, nor one whose successor may lose its name: the log would not be found. Nothing waits for that to be
     * durable: those that come back are passed over, and deleted when the log is opened.
     */
    List<Long> takeBefore(long lsn) {
        List<Long> taken = new ArrayList<>();
        while (segments.size() > 1) {
            Segment oldest = segments.removeFirst();
            Segment successor = segments.getFirst();
            if (successor.firstLsn > lsn || !successor.named) {
                segments.addFirst(oldest);
                break;
            }
            if (oldest.file != null) {
                oldest.file.close();
            }
            takenBytes.addAndGet(oldest.bytes);
            taken.add(oldest.firstLsn);
        }
        return taken;
    }

    /** Deletes segments that were taken off the chain, or keeps them for later ones; from any thread. */
    void recycle(List<Long> taken) {
        synchronized (deleting) {
            spares.recycle(taken);
        }
    }

    /** Gives back what is kept on disk for later segments; from any thread. */
    void releaseSpares() {
        spares.release();
    }

    /** Does something while no segment is deleted or made a spare. */
    void whileKept(Runnable reading) {
        synchronized (deleting) {
            reading.run();
        }
    }

    /** As {@link WalReader#readBack}; under {@link #whileKept}. */
    void readBack(long fromLsn, long untilLsn, WalVisitor visitor) {
        WalReader.readBack(engine, directory, storeId, fromLsn, untilLsn, visitor);
    }

    /** Cuts the newest segment behind its last record. */
    void cutEnd() {
        newest.file.truncate(newest.bytes);
    }

    /** Bytes of all segments, without what is only preallocated; from any thread. */
    long bytes() {
        long taken = takenBytes.get();
        return addedBytes.get() - taken;
    }

    void close() {
        spares.close();
        for (Segment segment : segments) {
            if (segment.file != null) {
                segment.file.close();
                segment.file = null;
            }
        }
    }
}
