package io.holt.internal.memory;

import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;

/**
 * The ranges of memory that may be accessed now, for {@link Memory}'s checked mode.
 *
 * <p>Ranges never overlap. Threads: any.
 */
final class LiveRanges {

    /** Start address to end address (exclusive). */
    private static final ConcurrentSkipListMap<Long, Long> RANGES = new ConcurrentSkipListMap<>();

    private LiveRanges() {}

    static void add(long address, long bytes) {
        RANGES.put(address, address + bytes);
    }

    static void remove(long address, long bytes) {
        if (!RANGES.remove(address, address + bytes)) {
            throw new IllegalStateException(
                    "no live range of " + bytes + " bytes starts at 0x" + Long.toHexString(address));
        }
    }

    static void check(long address, long bytes) {
        Map.Entry<Long, Long> range = RANGES.floorEntry(address);
        if (range == null || bytes < 0 || address + bytes > range.getValue()) {
            throw new IndexOutOfBoundsException(
                    "access of " + bytes + " bytes at 0x" + Long.toHexString(address) + " is outside every live range");
        }
    }
}
