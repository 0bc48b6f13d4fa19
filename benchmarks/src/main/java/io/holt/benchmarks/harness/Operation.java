package io.holt.benchmarks.harness;

import io.holt.benchmarks.data.DatasetKind;
import io.holt.benchmarks.engine.KeyValueEngine;
import java.util.Locale;

/** What is measured, in the order in which a group is. Named in results by {@link #label()}. */
public enum Operation {
    GET(OperationGroup.READ, false, 1_000_000, 300_000),
    GET_MISS(OperationGroup.READ, false, 1_000_000, 300_000),
    /** 16 values a call; the operation is a value. */
    GET_MANY(OperationGroup.READ, false, 100_000, 20_000),
    /** Gets of two threads, each of its half of the records; the time is that gone by. */
    GET_TWO_THREADS(OperationGroup.READ, false, 1_000_000, 300_000),
    /** A value is replaced by the same bytes. */
    PUT(OperationGroup.WRITE, true, 1_000_000, 300_000),
    /** Puts of two threads, as {@link #GET_TWO_THREADS}. */
    PUT_TWO_THREADS(OperationGroup.WRITE, true, 1_000_000, 300_000),
    /** Gets and puts, half of each. */
    MIXED(OperationGroup.WRITE, true, 1_000_000, 300_000),
    /** A key is put and deleted: one operation. */
    CREATE_DELETE(OperationGroup.WRITE, true, 300_000, 100_000),
    /** A record gets another key and gets its old one back: one operation. */
    RENAME(OperationGroup.WRITE, true, 100_000, 50_000),
    /** Gets, puts, listings, creations and renames in the shares of a file system's metadata. */
    METADATA_MIX(OperationGroup.WRITE, true, 200_000, 100_000),
    /** A snapshot is taken and closed. */
    SNAPSHOT(OperationGroup.WRITE, false, 200, 100),
    /** Each of the first 10,000 puts after a snapshot, which stays open meanwhile. */
    PUT_AFTER_SNAPSHOT(OperationGroup.WRITE, true, 50, 1),
    /** 100 records of a directory as arrays of their own: one operation. */
    LIST(OperationGroup.SCAN, false, 20_000, 5_000),
    /** 100 keys of a directory, visited in place: one operation. */
    LIST_KEYS(OperationGroup.SCAN, false, 20_000, 5_000),
    /** The first 8 directories under a root, with a delimiter: one operation. */
    LIST_DIR(OperationGroup.SCAN, false, 50_000, 20_000),
    /** Key and value of all records, visited in place; the operation is a record. */
    ITERATE(OperationGroup.SCAN, false, 50, 5),
    /** Bytes that hold the records, by the record. */
    MEMORY(OperationGroup.LOAD, true, 1, 1),
    /** Shuffled records are put into an empty engine; the operation is a record. */
    INSERT(OperationGroup.LOAD, true, 20, 1),
    /** Records in the order of their keys are put into an empty engine by what it has for that; by the record. */
    BULK_LOAD(OperationGroup.LOAD, true, 20, 1),
    /** The same, by plain puts. */
    SORTED_INSERT(OperationGroup.LOAD, true, 20, 1),
    /** A third to a half of all records go at once: one operation. */
    DELETE_PREFIX(OperationGroup.LOAD, true, 10, 1);

    private final OperationGroup group;
    private final boolean changes;
    private final int warmUp;
    private final int repetition;

    Operation(OperationGroup group, boolean changes, int warmUp, int repetition) {
        this.group = group;
        this.changes = changes;
        this.warmUp = warmUp;
        this.repetition = repetition;
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    OperationGroup group() {
        return group;
    }

    /** Whether the engine is not to be used for another operation afterwards. */
    boolean changes() {
        return changes;
    }

    Plan plan() {
        return new Plan(warmUp, repetition);
    }

    /** How many threads carry it out at once. */
    int threads() {
        return this == GET_TWO_THREADS || this == PUT_TWO_THREADS ? TwoThreadCells.THREADS : 1;
    }

    /** Whether this can be measured with such data and such an engine. */
    boolean applies(DatasetKind dataset, KeyValueEngine engine) {
        return switch (this) {
            case GET_TWO_THREADS, PUT_TWO_THREADS -> engine.isConcurrent();
            case LIST, LIST_KEYS, LIST_DIR, METADATA_MIX -> dataset.paths().isPresent() && engine.isOrdered();
            case CREATE_DELETE, RENAME, DELETE_PREFIX -> dataset.paths().isPresent();
            default -> true;
        };
    }
}
