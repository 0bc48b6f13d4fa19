package io.holt.internal.snapshot;

import io.holt.internal.buffer.BufferManager;
import io.holt.internal.sync.HybridLatch;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Frames as they were before a change, for the snapshots that still see them so.
 *
 * <p>A pre-image holds for the epochs from the last change before it was taken to the last one before the change that
 * made it necessary. Those of one blob never overlap. It lies in a slot of the pool, so it counts against the budget
 * (I7), or, if slots ran out, at a place on disk that no manifest names.
 *
 * <p>Threads: any. A pre-image in memory is found without a lock; who holds the lock waits for nothing but the disk.
 */
final class PreImages {

    private static final int NO_PLACE = -1;

    /** Immutable, but for where its frame is, which is guarded by the lock. */
    private static final class PreImage {
        final int blobId;
        final long firstEpoch;
        final long lastEpoch;
        final PreImage older;
        volatile long address;
        int place = NO_PLACE;
        boolean freed;

        PreImage(int blobId, long firstEpoch, long lastEpoch, long address, PreImage older) {
            this.blobId = blobId;
            this.firstEpoch = firstEpoch;
            this.lastEpoch = lastEpoch;
            this.address = address;
            this.older = older;
        }

        PreImage before(PreImage next) {
            PreImage copy = new PreImage(blobId, firstEpoch, lastEpoch, address, next);
            copy.place = place;
            return copy;
        }
    }

    private final BufferManager buffers;
    private final Map<Integer, PreImage> newestOf = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();
    private final ReentrantLock lock = new ReentrantLock();

    PreImages(BufferManager buffers) {
        this.buffers = buffers;
        buffers.alsoEvict(this::evict);
    }

    /** Address of the frame as it was in an epoch, read in if need be, or 0. */
    long find(int blobId, long epoch) {
        PreImage image = imageOf(blobId, epoch);
        if (image == null) {
            return 0;
        }
        long address = image.address;
        return address != 0 ? address : load(image);
    }

    /** Address of the frame as it was in an epoch, or 0 if it is not in memory. */
    long findResident(int blobId, long epoch) {
        PreImage image = imageOf(blobId, epoch);
        return image == null ? 0 : image.address;
    }

    private PreImage imageOf(int blobId, long epoch) {
        PreImage image = newestOf.get(blobId);
        while (image != null && !(image.firstEpoch <= epoch && epoch <= image.lastEpoch)) {
            image = image.older;
        }
        return image;
    }

    /** Answers 0 if it was freed, or took another form, meanwhile: whoever looks begins again. */
    private long load(PreImage image) {
        // Before the lock: a slot may come from work that ends in adding a pre-image.
        long slot = buffers.leaseToRead("reading a frame that is kept for a snapshot");
        boolean used = false;
        lock.lock();
        try {
            if (image.freed || image.address != 0) {
                return image.address;
            }
            buffers.readSpilled(image.place, image.blobId, slot);
            image.address = slot;
            used = true;
            return slot;
        } finally {
            lock.unlock();
            if (!used) {
                buffers.release(slot);
            }
        }
    }

    /** Makes the slot of a pre-image free, for whoever lacks one. */
    private boolean evict(int blobId, long address) {
        if (!lock.tryLock()) {
            return false;
        }
        try {
            PreImage image = newestOf.get(blobId);
            while (image != null && image.address != address) {
                image = image.older;
            }
            if (image == null) {
                return false;
            }
            long version = HybridLatch.tryReadVersion(address);
            if (image.place == NO_PLACE) {
                image.place = buffers.writeOut(address, version);
            }
            if (image.place == NO_PLACE || !HybridLatch.tryUpgrade(address, version)) {
                return false;
            }
            image.address = 0;
            buffers.release(address);
            return true;
        } finally {
            lock.unlock();
        }
    }

    void add(int blobId, long firstEpoch, long lastEpoch, long address) {
        lock.lock();
        try {
            newestOf.put(blobId, new PreImage(blobId, firstEpoch, lastEpoch, address, newestOf.get(blobId)));
            count.incrementAndGet();
        } finally {
            lock.unlock();
        }
    }

    /** Who needs a frame as it was. */
    interface Need {
        boolean isNeeded(int blobId, long firstEpoch, long lastEpoch);
    }

    boolean has(int blobId) {
        return newestOf.containsKey(blobId);
    }

    /** Frees what nobody needs. */
    void free(Need need) {
        lock.lock();
        try {
            Map<Integer, PreImage> before = new HashMap<>(newestOf);
            before.forEach((blobId, newest) -> freeSome(blobId, newest, need));
        } finally {
            lock.unlock();
        }
    }

    /** Frees what nobody needs of one blob. */
    void free(int blobId, Need need) {
        lock.lock();
        try {
            PreImage newest = newestOf.get(blobId);
            if (newest != null) {
                freeSome(blobId, newest, need);
            }
        } finally {
            lock.unlock();
        }
    }

    private void freeSome(int blobId, PreImage newest, Need need) {
        boolean all = true;
        for (PreImage image = newest; image != null; image = image.older) {
            if (!need.isNeeded(blobId, image.firstEpoch, image.lastEpoch)) {
                image.freed = true;
                all = false;
            }
        }
        if (all) {
            return;
        }
        PreImage kept = null;
        for (PreImage image = newest; image != null; image = image.older) {
            if (!image.freed) {
                kept = image.before(kept);
                // Whoever holds the old form must not read its place in as well.
                image.freed = true;
                image.address = 0;
                continue;
            }
            giveBack(image);
        }
        if (kept == null) {
            newestOf.remove(blobId);
        } else {
            newestOf.put(blobId, kept);
        }
    }

    private void giveBack(PreImage image) {
        if (image.address != 0) {
            buffers.release(image.address);
            image.address = 0;
        }
        if (image.place != NO_PLACE) {
            buffers.freeSpilled(image.place);
        }
        count.decrementAndGet();
    }

    int count() {
        return count.get();
    }
}
