package io.holt.internal.snapshot;

import io.holt.internal.buffer.BufferManager;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiPredicate;

/**
 * Frames as they were before a change, for the snapshots that still see them so.
 *
 * <p>A pre-image holds for the epochs from the last change before it was taken to the last one before the change that
 * made it necessary. Those of one blob never overlap. It lies in a slot of the pool, so it counts against the budget
 * (I7). Reading: any thread, no lock. Adding and freeing: one thread at a time, under this object's monitor.
 */
final class PreImages {

    /** Immutable, but for the frame's content while it is being freed. */
    private record PreImage(long firstEpoch, long lastEpoch, long address, PreImage older) {}

    private final BufferManager buffers;
    private final Map<Integer, PreImage> newestOf = new ConcurrentHashMap<>();
    private final AtomicInteger count = new AtomicInteger();

    PreImages(BufferManager buffers) {
        this.buffers = buffers;
    }

    /** Address of the frame as it was in an epoch, or 0. */
    long find(int blobId, long epoch) {
        PreImage image = newestOf.get(blobId);
        while (image != null && !(image.firstEpoch <= epoch && epoch <= image.lastEpoch)) {
            image = image.older;
        }
        return image == null ? 0 : image.address;
    }

    synchronized void add(int blobId, long firstEpoch, long lastEpoch, long address) {
        newestOf.put(blobId, new PreImage(firstEpoch, lastEpoch, address, newestOf.get(blobId)));
        count.incrementAndGet();
    }

    /** Frees what nobody needs; {@code needed} is asked with a blob id and the epochs that an image holds for. */
    synchronized void free(BiPredicate<Integer, long[]> needed) {
        Map<Integer, PreImage> before = new HashMap<>(newestOf);
        before.forEach((blobId, newest) -> {
            PreImage kept = null;
            for (PreImage image = newest; image != null; image = image.older) {
                if (needed.test(blobId, new long[] {image.firstEpoch, image.lastEpoch})) {
                    kept = new PreImage(image.firstEpoch, image.lastEpoch, image.address, kept);
                }
            }
            if (kept == null) {
                newestOf.remove(blobId);
            } else {
                newestOf.put(blobId, kept);
            }
            for (PreImage image = newest; image != null; image = image.older) {
                if (!contains(kept, image.address)) {
                    buffers.release(image.address);
                    count.decrementAndGet();
                }
            }
        });
    }

    int count() {
        return count.get();
    }

    private static boolean contains(PreImage list, long address) {
        PreImage image = list;
        while (image != null && image.address != address) {
            image = image.older;
        }
        return image != null;
    }
}
