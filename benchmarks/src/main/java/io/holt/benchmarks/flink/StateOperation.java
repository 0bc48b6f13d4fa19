package io.holt.benchmarks.flink;

import io.holt.benchmarks.harness.Plan;
import java.util.Locale;

/** What is measured, in the order in which a group is. Named in results by {@link #label()}. */
enum StateOperation {
    VALUE_GET(StateGroup.VALUE, 1_000_000, 300_000),
    VALUE_UPDATE(StateGroup.VALUE, 1_000_000, 300_000),
    /** The value of a new key is set. */
    VALUE_ADD(StateGroup.VALUE, 300_000, 100_000),
    /** By the key, of a state in which each key has a map of 10 entries: before keys with one entry are added. */
    GET_KEYS(StateGroup.MAP, 3, 1),
    MAP_GET(StateGroup.MAP, 1_000_000, 300_000),
    MAP_CONTAINS(StateGroup.MAP, 1_000_000, 300_000),
    MAP_UPDATE(StateGroup.MAP, 1_000_000, 300_000),
    /** One entry is put into the map of a new key. */
    MAP_ADD(StateGroup.MAP, 300_000, 100_000),
    MAP_REMOVE(StateGroup.MAP, 300_000, 50_000),
    /** By the entry, of maps with 10; as for the next three. */
    MAP_ITERATE(StateGroup.MAP, 300_000, 100_000),
    MAP_ENTRIES(StateGroup.MAP, 300_000, 100_000),
    MAP_KEYS(StateGroup.MAP, 300_000, 100_000),
    MAP_VALUES(StateGroup.MAP, 300_000, 100_000),
    /** A map of 10,000 entries is cleared: one operation. */
    MAP_CLEAR(StateGroup.LARGE_MAP, 20, 1),
    /** One element is added to the list of a new key. */
    LIST_ADD(StateGroup.LIST, 300_000, 100_000),
    /** One element is added to a list of 100 or more. */
    LIST_APPEND(StateGroup.LIST, 300_000, 100_000),
    /** A list of 100 is got; as for the next two. */
    LIST_GET(StateGroup.LIST, 100_000, 20_000),
    LIST_GET_AND_ITERATE(StateGroup.LIST, 100_000, 20_000),
    /** A list of 100 is replaced. */
    LIST_UPDATE(StateGroup.LIST, 100_000, 20_000),
    /** 100 elements are added to the list of a new key. */
    LIST_ADD_ALL(StateGroup.LIST, 20_000, 5_000),
    TIMER_REGISTER(StateGroup.TIMER, 300_000, 100_000),
    TIMER_DELETE(StateGroup.TIMER, 100_000, 50_000),
    TIMER_POLL(StateGroup.TIMER, 100_000, 50_000),
    /** A hundredth of the keys, taken at random, is changed before each checkpoint. */
    CHECKPOINT_RANDOM(StateGroup.CHECKPOINT, 0, 1),
    /** The first hundredth of the keys is changed before each checkpoint. */
    CHECKPOINT_HOT(StateGroup.CHECKPOINT, 0, 1),
    RESTORE(StateGroup.CHECKPOINT, 0, 1),
    /** A restore at twice the parallelism. */
    RESCALE(StateGroup.CHECKPOINT, 0, 1);

    private final StateGroup group;
    private final int warmUp;
    private final int repetition;

    StateOperation(StateGroup group, int warmUp, int repetition) {
        this.group = group;
        this.warmUp = warmUp;
        this.repetition = repetition;
    }

    /** Operations that are measured in one JVM, one after the other. */
    enum StateGroup {
        VALUE,
        MAP,
        LARGE_MAP,
        LIST,
        TIMER,
        /** Measured by {@link CheckpointRun}. */
        CHECKPOINT
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    StateGroup group() {
        return group;
    }

    Plan plan() {
        return new Plan(warmUp, repetition);
    }
}
