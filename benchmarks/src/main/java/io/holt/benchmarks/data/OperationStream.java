package io.holt.benchmarks.data;

/**
 * The seeds of the streams of operations: which record is next is the next number of such a stream, modulo the number
 * of records.
 */
public enum OperationStream {
    /** Gets of the suite of 20,000 records. */
    BASE_GET(1),
    /** Puts of the suite of 20,000 records. */
    BASE_PUT(2),
    /** Gets (even numbers) and puts (odd numbers). */
    MIXED(3),
    /** As {@link #BASE_GET}, with files. */
    PERSIST_GET(11),
    /** As {@link #BASE_PUT}, with files. */
    PERSIST_PUT(12),
    /** As {@link #MIXED}, with files. */
    PERSIST_MIXED(13),
    /** Gets at every size. */
    SCALE_GET(40),
    /** Puts at every size. */
    SCALE_PUT(41),
    /** Gets of absent keys at every size. */
    SCALE_GET_MISS(42),
    /** The order in which shuffled records are inserted. */
    SHUFFLE(51),
    /** Gets, puts, listings, creations and renames. */
    METADATA_MIX(71),
    /** Puts after a snapshot; each repetition adds its number. */
    AFTER_SNAPSHOT(411);

    private final long distance;

    OperationStream(long distance) {
        this.distance = distance;
    }

    public long seed() {
        return SplitMix64.SEED + distance;
    }

    public SplitMix64 begin() {
        return new SplitMix64(seed());
    }
}
