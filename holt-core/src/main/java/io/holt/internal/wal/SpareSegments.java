package io.holt.internal.wal;

import io.holt.api.HoltIoException;
import io.holt.internal.io.Caching;
import io.holt.internal.io.HeapTransfer;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoFile;
import io.holt.internal.io.OpenMode;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files that segments are made of: those of segments that are not needed any more, or made ahead. A file that has its
 * blocks takes records without work for the file system; to find blocks took a writer milliseconds when a segment was
 * begun, hundreds of them where the file system had to look for free ones on the device, and to delete one more.
 *
 * <p>Invariant: a spare's header is durably gone before it can get the name of a segment, so that a crash never leaves
 * the header of one under the name of another. Its old records stay: their LSNs are below those of the segment that is
 * made of it, by which they are told apart. A spare left by a crash is deleted, not used.
 *
 * <p>Threads: any.
 */
final class SpareSegments {

    private static final Logger LOG = LoggerFactory.getLogger(SpareSegments.class);

    /**
     * How many are made ahead, and kept beyond what is likely to be needed: some tenths of a second of a fast writer's,
     * which the file system may take to find blocks for the next one.
     */
    private static final int MADE_AHEAD = 4;

    /** With zeros it takes longer to make one, and who waits for syncs much longer to fill it. */
    private static final int MADE_AHEAD_WITH_ZEROS = 1;

    /** What is synced at once: a writer's sync waits for no more. */
    private static final int ZEROS_BYTES = 256 * 1024;

    private final IoEngine engine;
    private final Path directory;
    private final long segmentBytes;
    private final boolean withZeros;
    private final int madeAhead;
    private final ConcurrentLinkedDeque<Path> spares = new ConcurrentLinkedDeque<>();

    /** Null if segments are so small that they would be made all the time. */
    private final LogThread maker;

    private final AtomicLong made = new AtomicLong();
    private volatile boolean closed;

    /** Under the lock of this object, which the maker does not take: to recycle many may take long. */
    private int takenLast;

    /**
     * @param ahead whether a thread makes spares when there is none
     * @param withZeros whether those are written once before they are used, for who syncs each record: a block that
     *     has its space only is turned into one that was written when it is first synced, which is a second write for
     *     the device (35 to 70 us beside 110 with ext4)
     */
    SpareSegments(IoEngine engine, Path directory, long segmentBytes, boolean ahead, boolean withZeros) {
        this.engine = engine;
        this.directory = directory;
        this.segmentBytes = segmentBytes;
        this.withZeros = withZeros;
        this.madeAhead = withZeros ? MADE_AHEAD_WITH_ZEROS : MADE_AHEAD;
        this.maker = ahead ? new LogThread("holt-log-spare", this::make) : null;
    }

    /** Gives a spare the name of a segment; answers whether there was one. */
    boolean take(Path segment) {
        Path spare = spares.poll();
        if (spare != null) {
            engine.rename(spare, segment);
        }
        return spare != null;
    }

    /** Sees to it that the next segment finds a spare. */
    void makeAhead() {
        if (maker != null) {
            maker.begin();
        }
    }

    /**
     * Turns segments into spares, some more than one of the last two calls was given: what comes before the next call
     * will take about as many. Deletes the others.
     *
     * @throws HoltIoException if one could not be deleted
     */
    synchronized void recycle(List<Long> firstLsns) {
        int most = closed ? 0 : Math.max(takenLast, firstLsns.size()) + (maker == null ? 0 : madeAhead);
        takenLast = firstLsns.size();
        for (long firstLsn : firstLsns) {
            Path segment = WalFiles.segment(directory, firstLsn);
            if (spares.size() >= most || !clear(segment)) {
                engine.delete(segment);
            }
        }
        while (spares.size() > most) {
            delete(spares.pollLast());
        }
    }

    /** Makes a spare of a segment; answers whether that could be done. */
    private boolean clear(Path segment) {
        try {
            try (IoFile file = engine.open(segment, OpenMode.WRITE, Caching.CACHED)) {
                if (file.size() < segmentBytes) {
                    // It was cut at its end, and lacks blocks there that a writer would have to wait for.
                    return false;
                }
                HeapTransfer.write(
                        file, 0, new byte[SegmentDescriptor.HEADER_BYTES], 0, SegmentDescriptor.HEADER_BYTES);
                if (file.size() != segmentBytes) {
                    file.truncate(segmentBytes);
                }
                file.sync();
            }
            Path spare = WalFiles.spare(directory, made.getAndIncrement());
            engine.rename(segment, spare);
            spares.add(spare);
            return true;
        } catch (HoltIoException e) {
            LOG.debug("segment {} can't be used again", segment, e);
            return false;
        }
    }

    private void make() {
        boolean done = true;
        while (done && !closed && spares.size() < madeAhead) {
            done = make(WalFiles.spare(directory, made.getAndIncrement()));
        }
    }

    /** Answers whether there is one more spare. */
    private boolean make(Path path) {
        boolean done = false;
        try (IoFile file = engine.open(path, OpenMode.CREATE_NEW, Caching.CACHED)) {
            file.preallocate(0, segmentBytes);
            if (withZeros) {
                fill(file);
            }
            done = true;
        } catch (HoltIoException e) {
            // Who begins the next segment makes it, and hears of what is wrong.
            LOG.debug("a segment could not be made ahead", e);
        } finally {
            if (!done) {
                delete(path);
            }
        }
        if (done) {
            spares.add(path);
        }
        return done;
    }

    private void fill(IoFile file) {
        byte[] zeros = new byte[ZEROS_BYTES];
        for (long at = 0; at < segmentBytes && !closed; at += ZEROS_BYTES) {
            HeapTransfer.write(file, at, zeros, 0, (int) Math.min(ZEROS_BYTES, segmentBytes - at));
            file.sync();
        }
    }

    /** A spare that can't be deleted does no harm: opening does it. */
    private void delete(Path spare) {
        try {
            if (spare != null) {
                engine.delete(spare);
            }
        } catch (HoltIoException e) {
            LOG.debug("{} can't be deleted", spare, e);
        }
    }

    /** Deletes all spares there are. */
    void release() {
        for (Path spare = spares.poll(); spare != null; spare = spares.poll()) {
            delete(spare);
        }
    }

    /** Deletes all; there are none after that. */
    void close() {
        closed = true;
        if (maker != null) {
            maker.close();
        }
        release();
    }
}
