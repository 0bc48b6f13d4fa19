package io.holt.internal.memory;

import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Address space that this process holds for frames, lent to slabs and buffers and taken back from them.
 *
 * <p>Invariants: what was reserved once is never unmapped; each range that is lent out is followed by
 * {@link #PADDING_BYTES} readable bytes that belong to no other one; a range is all zero when it is lent out, and has
 * no pages behind it while it is idle (as far as the platform can take them back). Idle neighbours are joined, and a
 * request takes the smallest idle range that fits.
 *
 * <p>Threads: all methods from any thread.
 */
final class ReservedRanges {

    /** Readable bytes behind every range. */
    static final long PADDING_BYTES = 256 * 1024;

    static final long HUGE_PAGE_BYTES = 2L << 20;

    /** For slabs: aligned to huge pages and made of them. */
    static final ReservedRanges SLABS = new ReservedRanges(PageSource.ofPlatform(), HUGE_PAGE_BYTES, 1, true);

    /** For single buffers of a frame each, reserved 64 at a time. */
    static final ReservedRanges BUFFERS =
            new ReservedRanges(PageSource.ofPlatform(), AlignedBlobBuf.BYTES + PADDING_BYTES, 64, false);

    private static final AtomicLong LENT_BYTES = new AtomicLong();

    private final PageSource pages;
    private final long granuleBytes;
    private final long granulesMin;
    private final boolean hugePages;

    /** Start to length; no two of them touch. Guarded by this. */
    private final TreeMap<Long, Long> idle = new TreeMap<>();

    /**
     * @param granuleBytes every range starts and ends at a multiple of this from its reservation's start
     * @param granulesMin how many granules to reserve at least when nothing idle fits
     */
    ReservedRanges(PageSource pages, long granuleBytes, long granulesMin, boolean hugePages) {
        this.pages = pages;
        this.granuleBytes = granuleBytes;
        this.granulesMin = granulesMin;
        this.hugePages = hugePages;
    }

    /** Bytes lent out now, by all instances in this process, padding not counted. */
    static long lentBytes() {
        return LENT_BYTES.get();
    }

    /**
     * Lends a range of zeros.
     *
     * @return its address, or the negated errno if the operating system refused
     */
    long take(long bytes) {
        long rangeBytes = rangeBytes(bytes);
        long address = takeIdle(rangeBytes);
        if (address == 0) {
            long reservedBytes = Math.max(rangeBytes, granulesMin * granuleBytes);
            address = pages.reserve(reservedBytes, HUGE_PAGE_BYTES);
            if (address < 0) {
                return address;
            }
            if (reservedBytes > rangeBytes) {
                putIdle(address + rangeBytes, reservedBytes - rangeBytes);
            }
        }
        // A huge page that is only partly the slab's would make more resident than the slab may have.
        long hugeBytes = hugePages ? bytes - bytes % HUGE_PAGE_BYTES : 0;
        pages.adviseHugePages(address, hugeBytes, true);
        pages.adviseHugePages(address + hugeBytes, rangeBytes - hugeBytes, false);
        Memory.register(address, bytes + PADDING_BYTES);
        LENT_BYTES.addAndGet(bytes);
        return address;
    }

    /** Takes back what {@link #take} lent, with the same length. */
    void giveBack(long address, long bytes) {
        pages.discard(address, bytes + PADDING_BYTES);
        Memory.unregister(address, bytes + PADDING_BYTES);
        LENT_BYTES.addAndGet(-bytes);
        putIdle(address, rangeBytes(bytes));
    }

    /** As {@link PageSource#populate}, for a part of what is lent. */
    boolean populate(long address, long bytes) {
        return pages.populate(address, bytes);
    }

    /** Bytes of address space reserved and not lent out. */
    synchronized long idleBytes() {
        return idle.values().stream().mapToLong(Long::longValue).sum();
    }

    private long rangeBytes(long bytes) {
        long granules = Math.ceilDiv(bytes + PADDING_BYTES, granuleBytes);
        return granules * granuleBytes;
    }

    /** The start of the smallest idle range that fits, cut to the length; 0 if there is none. */
    private synchronized long takeIdle(long rangeBytes) {
        Map.Entry<Long, Long> best = null;
        for (Map.Entry<Long, Long> range : idle.entrySet()) {
            if (range.getValue() >= rangeBytes && (best == null || range.getValue() < best.getValue())) {
                best = range;
            }
        }
        if (best == null) {
            return 0;
        }
        long address = best.getKey();
        long left = best.getValue() - rangeBytes;
        idle.remove(address);
        if (left > 0) {
            idle.put(address + rangeBytes, left);
        }
        return address;
    }

    private synchronized void putIdle(long address, long rangeBytes) {
        long start = address;
        long end = address + rangeBytes;
        Map.Entry<Long, Long> before = idle.lowerEntry(start);
        if (before != null && before.getKey() + before.getValue() == start) {
            start = before.getKey();
        }
        Long afterBytes = idle.remove(end);
        if (afterBytes != null) {
            end += afterBytes;
        }
        idle.put(start, end - start);
    }
}
