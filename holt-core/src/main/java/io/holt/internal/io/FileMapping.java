package io.holt.internal.io;

import io.holt.api.HoltIoException;
import io.holt.internal.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first bytes of a file, in memory that is shared with the kernel: what is stored there is in the file at once,
 * and stays there when the process dies.
 *
 * <p>Invariant: a store that the kernel can't take is an error of that write. It is noticed, and does not end the
 * process: pages are asked for by a call that says so before they are stored to, and what was stored is read again.
 *
 * <p>Asking for a page takes longer than filling it: a thread of its own does so ahead of who writes, who does it only
 * where that thread is late. Pages are filled with zeros by a call first: that needs nothing of what the file has
 * there, where a store makes the kernel read the page from the device, unless it still has it. On a device that was
 * busy with a checkpoint's writes, such reads of a segment that is used again took up to 0.6 s.
 *
 * <p>Threads: any; {@link #close} after all others.
 */
final class FileMapping {

    private static final Logger LOG = LoggerFactory.getLogger(FileMapping.class);

    /** What is asked for in one call; a multiple of every size of pages. */
    private static final long STEP_BYTES = 128 * 1024;

    /** How far ahead of the last write pages are asked for, once fewer than half of them are there. */
    private static final long LEAST_AHEAD_BYTES = 4 << 20;

    /** The same for who writes fast: the kernel may keep the thread ahead waiting for some tens of milliseconds. */
    private static final long MOST_AHEAD_BYTES = 16 << 20;

    /** A writer is fast if he fills half of what was ahead in less. */
    private static final long FAST_NANOS = 50_000_000;

    /** No page of any kernel is smaller. */
    private static final long PAGE_BYTES = 4096;

    private static final MemorySegment ZEROS = Arena.global().allocate(STEP_BYTES, PAGE_BYTES);

    private final Path path;
    private final int fd;
    private final long address;
    private final long mappedBytes;

    /** What the file has behind these is of no use. */
    private final long keptBytes;

    /** Bytes that may be stored to; less after a cut. */
    private volatile long usableBytes;

    /** Up to here pages were asked for; changed under the lock of this object. */
    private volatile long readyBytes;

    private final AtomicBoolean runningAhead = new AtomicBoolean();

    // Written by who runs ahead:
    private volatile long aheadBytes = LEAST_AHEAD_BYTES;
    private volatile long lastRunNanos = System.nanoTime() - FAST_NANOS;

    /** Whether the pages ahead can't be had, so that who writes is to hear of it; and after closing. */
    private volatile boolean stopped;

    private FileMapping(Path path, int fd, long address, long bytes, long keptBytes) {
        this.path = path;
        this.fd = fd;
        this.keptBytes = keptBytes;
        this.address = address;
        this.mappedBytes = bytes;
        this.usableBytes = bytes;
        Memory.register(address, bytes);
    }

    /**
     * Maps bytes that the file has, with their disk space; null if that is refused.
     *
     * @param fd open until {@link #close} is back
     * @param keptBytes so many at the start stay as they are, what is behind them becomes zeros until it is written
     */
    static FileMapping of(Path path, int fd, long bytes, long keptBytes) {
        long address = NativeCalls.mmap(fd, 0, bytes, NativeCalls.MAP_SHARED);
        if (address < 0) {
            LOG.debug("{} can't be mapped: {}", path, Errno.describe((int) -address));
            return null;
        }
        return new FileMapping(path, fd, address, bytes, keptBytes);
    }

    /** Nothing is stored behind this offset any more, nor filled with zeros: that would make the file longer again. */
    synchronized void cut(long bytes) {
        usableBytes = Math.min(usableBytes, bytes);
        stopped = true;
    }

    /**
     * Stores a range, if it lies in the mapping and the kernel has its pages.
     *
     * @return whether it did; if not, nothing was changed
     * @throws HoltIoException if the kernel took a page away meanwhile
     */
    boolean write(long fileOffset, long from, long bytes) {
        long end = fileOffset + bytes;
        if (end > usableBytes) {
            // It will be written by a call, and no zeros may follow.
            stop();
            return false;
        }
        if (end > readyBytes && !makeReady(end)) {
            return false;
        }
        long ready = readyBytes;
        if (ready - end < aheadBytes / 2 && ready < mappedBytes && !stopped) {
            runAhead(end);
        }
        InternalError signal = store(from, address + fileOffset, bytes);
        if (signal != null) {
            throw new HoltIoException(
                    "store of " + bytes + " bytes at offset " + fileOffset + " of " + path
                            + " failed: the kernel could not take a page, the device may have failed or the file have"
                            + " been cut",
                    signal);
        }
        if (fileOffset % PAGE_BYTES == 0 || end / PAGE_BYTES != fileOffset / PAGE_BYTES) {
            bringNear(end);
        }
        return true;
    }

    /**
     * Reads the rest of a page that was just stored to, all its lines at once. Who stores a record now and then would
     * wait for them, which no cache has, one by one: each atomic instruction takes all stores to be done, and the
     * processor sees no sequence in so few of them. No page but this, which is known to be there: a read that the
     * kernel can't serve would end in an error somewhere else.
     */
    private void bringNear(long fromOffset) {
        long until = Math.min(Math.ceilDiv(fromOffset, PAGE_BYTES) * PAGE_BYTES, mappedBytes);
        Memory.bringNear(address + fromOffset, until - fromOffset);
    }

    private void runAhead(long writtenBytes) {
        if (runningAhead.compareAndSet(false, true)) {
            long now = System.nanoTime();
            boolean fast = now - lastRunNanos < FAST_NANOS;
            lastRunNanos = now;
            aheadBytes = fast ? Math.min(2 * aheadBytes, MOST_AHEAD_BYTES) : LEAST_AHEAD_BYTES;
            long end = writtenBytes + aheadBytes;
            Thread.ofVirtual().name("holt-log-pages").start(() -> {
                try {
                    boolean ready = true;
                    for (long next = readyBytes; ready && next < Math.min(end, mappedBytes); next = readyBytes) {
                        ready = makeReady(next + 1);
                    }
                } finally {
                    runningAhead.set(false);
                }
            });
        }
    }

    /** Asks for pages up to the end of the step that an offset falls in; answers whether they are there. */
    private synchronized boolean makeReady(long end) {
        long from = readyBytes;
        if (end <= from) {
            return true;
        }
        if (stopped) {
            return false;
        }
        long until = Math.min(mappedBytes, Math.ceilDiv(end, STEP_BYTES) * STEP_BYTES);
        int rc = fillWithZeros(Math.max(from, Math.ceilDiv(keptBytes, PAGE_BYTES) * PAGE_BYTES), until);
        if (rc == 0) {
            rc = NativeCalls.madvise(address + from, until - from, NativeCalls.MADV_POPULATE_WRITE);
        }
        // An old kernel says EINVAL, and maps each page when it is stored to.
        if (rc < 0 && rc != -Errno.EINVAL) {
            LOG.info("pages of {} can't be had, what follows there is written by calls: {}", path, Errno.describe(-rc));
            stopped = true;
            return false;
        }
        readyBytes = until;
        return true;
    }

    /** Answers 0 or {@code -errno}. */
    private int fillWithZeros(long from, long until) {
        long at = from;
        while (at < until) {
            long written = NativeCalls.pwrite(fd, ZEROS.address(), until - at, at);
            if (written <= 0 && written != -Errno.EINTR) {
                return written == 0 ? -Errno.ENOSPC : (int) written;
            }
            at += Math.max(0, written);
        }
        return 0;
    }

    private synchronized void stop() {
        stopped = true;
    }

    /**
     * A page that the kernel can't give raises a signal, on which the JVM passes the store over and throws an error at
     * the next safepoint: not necessarily here.
     */
    private static InternalError store(long from, long to, long bytes) {
        try {
            copy(from, to, bytes);
            if (!isStored(from, to, bytes)) {
                LockSupport.parkNanos(1);
                return new InternalError("what was stored is not there");
            }
            return null;
        } catch (InternalError e) {
            return e;
        }
    }

    private static void copy(long from, long to, long bytes) {
        if (bytes <= PAGE_BYTES) {
            Memory.copyDisjoint(from, to, (int) bytes);
        } else {
            Memory.copy(from, to, bytes);
        }
    }

    /** Within a page, which the kernel gives as a whole, both ends stand for what lies between. */
    private static boolean isStored(long from, long to, long bytes) {
        long last = bytes - Long.BYTES;
        if (last < Long.BYTES || to / PAGE_BYTES != (to + bytes - 1) / PAGE_BYTES) {
            return Memory.equal(from, to, bytes);
        }
        return Memory.getLong(from) == Memory.getLong(to)
                && Memory.getLong(from + Long.BYTES) == Memory.getLong(to + Long.BYTES)
                && Memory.getLong(from + last) == Memory.getLong(to + last);
    }

    synchronized void close() {
        stopped = true;
        Memory.unregister(address, mappedBytes);
        NativeCalls.munmap(address, mappedBytes);
    }
}
