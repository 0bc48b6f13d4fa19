package io.holt.internal.buffer;

import io.holt.api.HoltIoException;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.memory.SlotLedger;
import io.holt.internal.sync.HybridLatch;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes slots free whose frames can be read in again. Frames that are on disk as they are just go; others are written
 * first, from a copy, so that nobody waits for the disk who only wants to read or change the frame: if it was changed
 * meanwhile, it stays.
 *
 * <p>Invariants: a frame leaves memory only under its latch, and only at the version that is on disk; I4, it is written
 * to a place that no manifest names. Threads: one at a time, see {@link SlotLedger#evictOne}.
 */
final class Eviction implements SlotLedger.Owner {

    private static final Logger LOG = LoggerFactory.getLogger(Eviction.class);
    private static final int NO_PLACE = -1;

    private final BufferManager buffers;
    private final BlobBufPool pool;
    private final FrameTable table;
    private final SpillFile file;
    private final Spills spills;
    private final Consumer<HoltIoException> onFailure;
    private final long buffer;
    private final LongAdder evictions = new LongAdder();
    private final LongAdder written = new LongAdder();
    private volatile BufferManager.Kept kept = (blobId, address) -> false;
    private volatile HoltIoException diskFull;
    private boolean stopped;
    private boolean failed;

    Eviction(
            BufferManager buffers,
            FrameTable table,
            SpillFile file,
            Spills spills,
            long buffer,
            Consumer<HoltIoException> onFailure) {
        this.buffers = buffers;
        this.pool = buffers.pool();
        this.table = table;
        this.file = file;
        this.spills = spills;
        this.buffer = buffer;
        this.onFailure = onFailure;
        pool.ledger().countEvictors(1);
    }

    void alsoEvict(BufferManager.Kept more) {
        this.kept = more;
    }

    /** Address of the buffer that frames are written from. */
    long buffer() {
        return buffer;
    }

    @Override
    public boolean evict(int slot) {
        long address = pool.address(slot);
        int blobId = FrameHeader.blobId(address);
        long version = HybridLatch.tryReadVersion(address);
        if (stopped || HybridLatch.isHeld(version)) {
            return false;
        }
        if (table.address(blobId) != address) {
            return kept.evict(blobId, address);
        }
        int place = NO_PLACE;
        if (!pool.ledger().isClean(slot, version)) {
            place = writeOut(address, version);
            if (place == NO_PLACE) {
                return false;
            }
        }
        if (!HybridLatch.tryUpgrade(address, version)) {
            if (place != NO_PLACE) {
                file.free(place);
            }
            return false;
        }
        if (place != NO_PLACE) {
            spills.put(blobId, place, FrameHeader.epoch(address));
        }
        table.set(blobId, 0);
        buffers.release(address);
        evictions.increment();
        return true;
    }

    /** Writes a copy of a frame as it is at a version of its latch; {@link #NO_PLACE} if that can't be had. */
    int writeOut(long address, long version) {
        if (failed) {
            return NO_PLACE;
        }
        FrameHeader.copyUsed(address, buffer);
        if (!HybridLatch.validate(address, version)) {
            return NO_PLACE;
        }
        try {
            int place = file.write(buffer);
            written.increment();
            diskFull = null;
            return place;
        } catch (HoltIoException e) {
            // A full disk may have room again.
            if (e.isOutOfSpace()) {
                if (diskFull == null) {
                    LOG.warn("changed frames stay in memory, since the disk is full: {}", e.getMessage());
                }
                diskFull = e;
            } else {
                failed = true;
                onFailure.accept(e);
            }
            return NO_PLACE;
        }
    }

    @Override
    public HoltIoException hindrance() {
        return diskFull;
    }

    /** Nothing is evicted after this; gives the buffer back. */
    void stop() {
        pool.ledger().exclusively(() -> {
            if (!stopped) {
                stopped = true;
                pool.ledger().countEvictors(-1);
                buffers.release(buffer);
            }
        });
    }

    long evictions() {
        return evictions.sum();
    }

    long written() {
        return written.sum();
    }
}
