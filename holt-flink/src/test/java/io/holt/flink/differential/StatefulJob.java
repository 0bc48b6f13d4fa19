package io.holt.flink.differential;

import io.holt.flink.HoltStateBackendOptions;
import io.holt.flink.HoltStateBackendOptions.TimerService;
import io.holt.flink.TestDatabases;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.CheckpointStorageLocationReference;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateBackendParametersImpl;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SavepointResources;
import org.apache.flink.runtime.state.SavepointSnapshotStrategy;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.SnapshotStrategyRunner;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.runtime.state.memory.MemCheckpointStreamFactory;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.state.rocksdb.RocksDBOptions;

/** The keyed state of one operator with all its subtasks, on a backend of some kind. */
@SuppressWarnings("try") // What is closed may be interrupted.
final class StatefulJob<K, N> implements AutoCloseable {

    /** Backends to be compared. */
    enum Kind {
        HEAP {
            @Override
            StateBackend backend() {
                return new HashMapStateBackend();
            }
        },
        ROCKSDB {
            @Override
            StateBackend backend() {
                Configuration options = new Configuration();
                options.set(RocksDBOptions.USE_MANAGED_MEMORY, false);
                options.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
                return new EmbeddedRocksDBStateBackend().configure(options, Kind.class.getClassLoader());
            }
        },
        HOLT {
            @Override
            StateBackend backend() {
                Configuration options = new Configuration();
                options.set(HoltStateBackendOptions.TTL_SWEEP_INTERVAL, Duration.ofMillis(1));
                return TestDatabases.backend(options);
            }
        },
        HOLT_WITH_HEAP_TIMERS {
            @Override
            StateBackend backend() {
                Configuration options = new Configuration();
                options.set(HoltStateBackendOptions.TIMER_SERVICE, TimerService.HEAP);
                return TestDatabases.backend(options);
            }
        };

        abstract StateBackend backend();

        boolean isHolt() {
            return this == HOLT || this == HOLT_WITH_HEAP_TIMERS;
        }
    }

    private static final int MAX_STATE_BYTES = 64 * 1024 * 1024;

    /** The id of a snapshot outside of the chain of checkpoints, which nobody confirms. */
    private static final long OF_ITS_OWN = Long.MAX_VALUE;

    private final Kind kind;
    private final Setting<K, N> setting;
    private final List<SubtaskStates<K, N>> subtasks = new ArrayList<>();

    /** @param handles of all subtasks there were, at any parallelism; empty for a new job */
    StatefulJob(
            Kind kind,
            Setting<K, N> setting,
            int parallelism,
            MockEnvironment environment,
            TtlTimeProvider clock,
            List<KeyedStateHandle> handles)
            throws Exception {
        this.kind = kind;
        this.setting = setting;
        StateBackend backend = kind.backend();
        for (int subtask = 0; subtask < parallelism; subtask++) {
            KeyGroupRange range = KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(
                    setting.keyGroups(), parallelism, subtask);
            List<KeyedStateHandle> assigned = handles.stream()
                    .map(handle -> handle.getIntersection(range))
                    .filter(Objects::nonNull)
                    .toList();
            CheckpointableKeyedStateBackend<K> keyed =
                    backend.createKeyedStateBackend(new KeyedStateBackendParametersImpl<>(
                            environment,
                            new JobID(),
                            "operator",
                            setting.keySerializer(),
                            setting.keyGroups(),
                            range,
                            environment.getTaskKvStateRegistry(),
                            clock,
                            new UnregisteredMetricsGroup(),
                            assigned,
                            new CloseableRegistry()));
            subtasks.add(new SubtaskStates<>(keyed, setting));
        }
    }

    Kind kind() {
        return kind;
    }

    List<SubtaskStates<K, N>> subtasks() {
        return subtasks;
    }

    /** The subtask that has the key, with the key as its current one. */
    SubtaskStates<K, N> at(K key) {
        int keyGroup = KeyGroupRangeAssignment.assignToKeyGroup(key, setting.keyGroups());
        for (SubtaskStates<K, N> subtask : subtasks) {
            if (subtask.backend().getKeyGroupRange().contains(keyGroup)) {
                subtask.backend().setCurrentKey(key);
                return subtask;
            }
        }
        throw new AssertionError("no subtask has key group " + keyGroup);
    }

    /** The synchronous part of a canonical savepoint. */
    List<RunnableFuture<SnapshotResult<KeyedStateHandle>>> savepoint() throws Exception {
        List<RunnableFuture<SnapshotResult<KeyedStateHandle>>> frozen = new ArrayList<>();
        for (SubtaskStates<K, N> subtask : subtasks) {
            SavepointResources<K> resources = subtask.backend().savepoint();
            frozen.add(new SnapshotStrategyRunner<>(
                            "savepoint",
                            new SavepointSnapshotStrategy<>(resources.getSnapshotResources()),
                            new CloseableRegistry(),
                            resources.getPreferredSnapshotExecutionType())
                    .snapshot(
                            OF_ITS_OWN,
                            OF_ITS_OWN,
                            new MemCheckpointStreamFactory(MAX_STATE_BYTES),
                            CheckpointOptions.forCheckpointWithDefaultLocation()));
        }
        return frozen;
    }

    /** The synchronous part of a checkpoint that none follows. */
    List<RunnableFuture<SnapshotResult<KeyedStateHandle>>> checkpointInMemory() throws Exception {
        return checkpoint(OF_ITS_OWN, new MemCheckpointStreamFactory(MAX_STATE_BYTES), CheckpointType.FULL_CHECKPOINT);
    }

    /** The synchronous part of a checkpoint in the format of the backend. */
    List<RunnableFuture<SnapshotResult<KeyedStateHandle>>> checkpoint(
            long id, CheckpointStreamFactory streams, CheckpointType type) throws Exception {
        CheckpointOptions options =
                CheckpointOptions.alignedNoTimeout(type, CheckpointStorageLocationReference.getDefault());
        List<RunnableFuture<SnapshotResult<KeyedStateHandle>>> frozen = new ArrayList<>();
        for (SubtaskStates<K, N> subtask : subtasks) {
            frozen.add(subtask.backend().snapshot(id, id, streams, options));
        }
        return frozen;
    }

    void notifyComplete(long id) throws Exception {
        for (SubtaskStates<K, N> subtask : subtasks) {
            ((CheckpointListener) subtask.backend()).notifyCheckpointComplete(id);
        }
    }

    void notifyAborted(long id) throws Exception {
        for (SubtaskStates<K, N> subtask : subtasks) {
            ((CheckpointListener) subtask.backend()).notifyCheckpointAborted(id);
        }
    }

    /** The asynchronous part. */
    static List<KeyedStateHandle> write(List<RunnableFuture<SnapshotResult<KeyedStateHandle>>> frozen)
            throws Exception {
        List<KeyedStateHandle> handles = new ArrayList<>();
        for (RunnableFuture<SnapshotResult<KeyedStateHandle>> future : frozen) {
            future.run();
            KeyedStateHandle handle = future.get().getJobManagerOwnedSnapshot();
            if (handle != null) {
                handles.add(handle);
            }
        }
        return handles;
    }

    @Override
    public void close() throws Exception {
        for (SubtaskStates<K, N> subtask : subtasks) {
            subtask.backend().close();
            subtask.backend().dispose();
        }
    }
}
