package io.holt.benchmarks.flink;

import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.harness.Measurement;
import io.holt.benchmarks.harness.ResultRow;
import io.holt.benchmarks.harness.WrongAnswerException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntToLongFunction;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.fs.FileSystem;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SharedStateRegistry;
import org.apache.flink.runtime.state.SharedStateRegistryImpl;
import org.apache.flink.runtime.state.filesystem.FsCheckpointStorageAccess;

/**
 * Incremental checkpoints of one operator with two subtasks, on the local disk: 20 after a hundredth of all keys was
 * changed at random, 20 after the same hundredth was; then a restore of the last one, and one at twice the parallelism.
 * Values are of 1,000 random bytes.
 */
final class CheckpointRun implements AutoCloseable {

    private static final int PARALLELISM = 2;
    private static final int KEY_GROUPS = 128;
    private static final int VALUE_BYTES = 1000;
    private static final int CHECKPOINTS = 20;
    private static final int CHANGED_SHARE = 100;
    private static final int FIRST_READS = 300;
    private static final int FILE_THRESHOLD = 20 * 1024;
    private static final int WRITE_BUFFER = 64 * 1024;
    private static final String BYTES = "bytes/checkpoint";

    private final BackendKind kind;
    private final int keys;
    private final long memoryBytes;
    private final Path work;
    private final SharedStateRegistry registry = new SharedStateRegistryImpl();
    private final CheckpointStreamFactory streams;
    private final SplitMix64 random = new SplitMix64(SplitMix64.SEED);
    private final byte[] value = new byte[VALUE_BYTES];
    private final List<ResultRow> rows = new ArrayList<>();
    private List<CheckpointedState> subtasks = new ArrayList<>();
    private List<KeyedStateHandle> handles = List.of();
    private long checkpointId;

    /** @param memoryBytes managed memory of each subtask */
    CheckpointRun(BackendKind kind, int keys, long memoryBytes, Path work) throws Exception {
        this.kind = kind;
        this.keys = keys;
        this.memoryBytes = memoryBytes;
        this.work = work;
        org.apache.flink.core.fs.Path directory =
                new org.apache.flink.core.fs.Path(work.resolve("checkpoints").toUri());
        FsCheckpointStorageAccess storage = new FsCheckpointStorageAccess(
                FileSystem.get(directory.toUri()), directory, null, true, new JobID(), FILE_THRESHOLD, WRITE_BUFFER);
        storage.initializeBaseLocationsForCheckpoint();
        this.streams = storage.resolveCheckpointStorageLocation(
                1, CheckpointOptions.forCheckpointWithDefaultLocation().getTargetLocation());
        this.subtasks = open(PARALLELISM);
    }

    /** Subtasks with the state of the last checkpoint, or without any. */
    private List<CheckpointedState> open(int parallelism) throws Exception {
        List<CheckpointedState> opened = new ArrayList<>();
        for (int i = 0; i < parallelism; i++) {
            KeyGroupRange range =
                    KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(KEY_GROUPS, parallelism, i);
            List<KeyedStateHandle> assigned = handles.stream()
                    .map(handle -> handle.getIntersection(range))
                    .filter(Objects::nonNull)
                    .toList();
            opened.add(new CheckpointedState(kind, memoryBytes, work, KEY_GROUPS, range, assigned));
        }
        return opened;
    }

    List<ResultRow> run(Set<StateOperation> operations) throws Exception {
        change(keys, i -> i);
        checkpoint();
        int changed = keys / CHANGED_SHARE;
        if (operations.contains(StateOperation.CHECKPOINT_RANDOM)) {
            measure(StateOperation.CHECKPOINT_RANDOM, changed, i -> random.nextIndex(keys));
        }
        if (operations.contains(StateOperation.CHECKPOINT_HOT)) {
            measure(StateOperation.CHECKPOINT_HOT, changed, i -> i);
        }
        if (operations.contains(StateOperation.RESTORE)) {
            restore(StateOperation.RESTORE, PARALLELISM);
        }
        if (operations.contains(StateOperation.RESCALE)) {
            restore(StateOperation.RESCALE, 2 * PARALLELISM);
        }
        return rows;
    }

    private void change(int count, IntToLongFunction key) throws IOException {
        for (int i = 0; i < count; i++) {
            for (int at = 0; at < VALUE_BYTES; at += Long.BYTES) {
                long bits = random.nextLong();
                for (int shift = 0; shift < Long.BYTES; shift++) {
                    value[at + shift] = (byte) (bits >>> (8 * shift));
                }
            }
            long changed = key.applyAsLong(i);
            int keyGroup = KeyGroupRangeAssignment.assignToKeyGroup(changed, KEY_GROUPS);
            int subtask =
                    KeyGroupRangeAssignment.computeOperatorIndexForKeyGroup(KEY_GROUPS, subtasks.size(), keyGroup);
            subtasks.get(subtask).update(changed, value);
        }
    }

    /**
     * What one checkpoint of all subtasks cost.
     *
     * @param syncNanos while records can't be processed
     */
    private record Cost(long bytes, long nanos, long syncNanos) {}

    private Cost checkpoint() throws Exception {
        checkpointId++;
        List<KeyedStateHandle> taken = new ArrayList<>();
        long bytes = 0;
        long syncNanos = 0;
        long begin = System.nanoTime();
        for (CheckpointedState subtask : subtasks) {
            long syncBegin = System.nanoTime();
            var future = subtask.freeze(checkpointId, streams);
            syncNanos += System.nanoTime() - syncBegin;
            future.run();
            KeyedStateHandle handle = future.get().getJobManagerOwnedSnapshot();
            bytes += handle.getCheckpointedSize();
            handle.registerSharedStates(registry, checkpointId);
            taken.add(handle);
        }
        long nanos = System.nanoTime() - begin;
        for (CheckpointedState subtask : subtasks) {
            subtask.confirm(checkpointId);
        }
        handles = taken;
        return new Cost(bytes, nanos, syncNanos);
    }

    private void measure(StateOperation operation, int changed, IntToLongFunction key) throws Exception {
        double[] bytes = new double[CHECKPOINTS];
        double[] nanos = new double[CHECKPOINTS];
        double[] syncNanos = new double[CHECKPOINTS];
        double totalBytes = 0;
        for (int i = 0; i < CHECKPOINTS; i++) {
            change(changed, key);
            Cost cost = checkpoint();
            bytes[i] = cost.bytes();
            nanos[i] = cost.nanos();
            syncNanos[i] = cost.syncNanos();
            totalBytes += cost.bytes();
        }
        // Compaction makes single checkpoints large, so it is the mean that counts.
        add(operation.label() + "_mean", Measurement.of(BYTES, totalBytes / CHECKPOINTS));
        add(operation.label(), Measurement.of(BYTES, bytes));
        add(operation.label(), Measurement.of(Measurement.WALL, nanos));
        add(operation.label() + "_sync", Measurement.of(Measurement.WALL, syncNanos));
    }

    /** Restores all subtasks one after the other, then reads some keys at random, then waits for what is still read. */
    private void restore(StateOperation operation, int parallelism) throws Exception {
        close();
        long begin = System.nanoTime();
        subtasks = open(parallelism);
        long opened = System.nanoTime();
        long found = 0;
        for (int i = 0; i < FIRST_READS; i++) {
            found += isThere(random.nextIndex(keys), parallelism);
        }
        long answered = System.nanoTime();
        boolean waited = false;
        for (CheckpointedState subtask : subtasks) {
            waited |= subtask.awaitRestored();
        }
        // What reads nothing later had all there when it was open.
        long local = waited ? System.nanoTime() : opened;
        add(operation.label(), Measurement.of(Measurement.WALL, (double) (answered - begin)));
        add(operation.label() + "_local", Measurement.of(Measurement.WALL, (double) (local - begin)));
        WrongAnswerException.check("keys read first", FIRST_READS, found);
        found = 0;
        for (long key = 0; key < keys; key += CHANGED_SHARE) {
            found += isThere(key, parallelism);
        }
        WrongAnswerException.check("keys restored", (keys + CHANGED_SHARE - 1) / CHANGED_SHARE, found);
    }

    private int isThere(long key, int parallelism) throws IOException {
        int keyGroup = KeyGroupRangeAssignment.assignToKeyGroup(key, KEY_GROUPS);
        int subtask = KeyGroupRangeAssignment.computeOperatorIndexForKeyGroup(KEY_GROUPS, parallelism, keyGroup);
        byte[] restored = subtasks.get(subtask).value(key);
        return restored != null && restored.length == VALUE_BYTES ? 1 : 0;
    }

    private void add(String operation, Measurement measurement) {
        rows.add(new ResultRow(kind.label(), "flink-checkpoints", keys, operation, 1, measurement));
    }

    @Override
    public void close() throws IOException {
        for (CheckpointedState subtask : subtasks) {
            subtask.close();
        }
        subtasks = List.of();
    }
}
