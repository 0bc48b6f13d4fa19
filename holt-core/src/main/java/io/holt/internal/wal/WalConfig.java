package io.holt.internal.wal;

import io.holt.api.Durability;
import java.util.UUID;

/**
 * How a log is written.
 *
 * @param storeId of the store that the log belongs to
 * @param durability what {@link WalWriter#commit} promises: {@link Durability#ASYNC} or {@link Durability#SYNC}
 * @param segmentBytes size of a segment; one record may make a segment larger
 * @param stagingAddress memory to put records together in, a multiple of 8; the caller frees it after the writer is
 *     closed
 * @param stagingBytes its length, at least {@value #MIN_STAGING_BYTES}; records of more than half of it are slower
 */
public record WalConfig(UUID storeId, Durability durability, long segmentBytes, long stagingAddress, int stagingBytes) {

    /** 16 MiB: what an open log may take on disk ahead of its records, and again for the next segment. */
    public static final long DEFAULT_SEGMENT_BYTES = 16L << 20;

    static final int MIN_STAGING_BYTES = 4096;
    static final long MIN_SEGMENT_BYTES = 4096;

    public WalConfig {
        if (durability == Durability.NONE) {
            throw new IllegalArgumentException("a log that keeps nothing is not written at all");
        }
        if (segmentBytes < MIN_SEGMENT_BYTES || stagingBytes < MIN_STAGING_BYTES || stagingAddress % 8 != 0) {
            throw new IllegalArgumentException("segments of " + segmentBytes + " bytes, staging of " + stagingBytes
                    + " bytes at " + stagingAddress + " can't be");
        }
    }
}
