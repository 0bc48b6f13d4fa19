package io.holt.kstreams.internal;

/**
 * How a store's records lie in its trees. Part of the format of {@link CommitRecord}.
 *
 * @param kind what the store and its values are
 * @param bucketMillis the time that one bucket of a window, session or versioned store spans, at least 1; 0 for
 *     key-value stores
 * @param isTimeIndexed whether a second tree holds the keys in order of time
 * @param generation how often the records were laid out anew, 0 to 255; part of the names of the trees
 */
record StoreLayout(StoreKind kind, long bucketMillis, boolean isTimeIndexed, int generation) {

    private static final int GENERATIONS = 256;

    StoreLayout(StoreKind kind, long bucketMillis, boolean isTimeIndexed) {
        this(kind, bucketMillis, isTimeIndexed, 0);
    }

    static StoreLayout keyValue(StoreKind kind) {
        return new StoreLayout(kind, 0, false);
    }

    /** Whether records lie in both in the same way, but for the names of the trees. */
    boolean isLike(StoreLayout other) {
        return kind == other.kind && bucketMillis == other.bucketMillis && isTimeIndexed == other.isTimeIndexed;
    }

    /** This layout in the generation of another one. */
    StoreLayout inGenerationOf(StoreLayout other) {
        return new StoreLayout(kind, bucketMillis, isTimeIndexed, other.generation);
    }

    /** This layout in the generation after that of another one. */
    StoreLayout after(StoreLayout other) {
        return new StoreLayout(kind, bucketMillis, isTimeIndexed, (other.generation + 1) % GENERATIONS);
    }
}
