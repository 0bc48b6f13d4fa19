package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.jobgraph.JobVertexID;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.runtime.state.CheckpointStorageLocationReference;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.LocalSnapshotDirectoryProviderImpl;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.runtime.state.TestTaskStateManager;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;
import org.apache.flink.state.rocksdb.EmbeddedRocksDBStateBackend;
import org.apache.flink.state.rocksdb.RocksDBOptions;
import org.apache.flink.util.StateMigrationException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What is read back and what is refused. Restores of all kinds of state are in {@code DifferentialTest}. */
class RestoreTest {

    @TempDir
    Path directory;

    private MockEnvironment environment = MockEnvironment.builder().build();

    @AfterEach
    void stop() throws Exception {
        environment.close();
    }

    private KeyedStateHandle checkpointOf(StateBackend backend) throws Exception {
        CheckpointableKeyedStateBackend<String> keyed = TestBackends.create(backend, environment);
        keyed.setCurrentKey("a");
        TestBackends.valueState(keyed).update(1);
        KeyedStateHandle handle = TestBackends.checkpoint(keyed).getJobManagerOwnedSnapshot();
        TestBackends.dispose(keyed);
        return handle;
    }

    @Test
    void checkpointOfTheHeapBackendIsRefused() throws Exception {
        KeyedStateHandle handle = checkpointOf(new HashMapStateBackend());
        assertThatThrownBy(() -> TestBackends.create(TestDatabases.backend(), environment, List.of(handle)))
                .hasRootCauseInstanceOf(StateMigrationException.class)
                .hasMessageContaining("was not taken by the Holt state backend")
                .hasMessageContaining("canonical");
    }

    @Test
    void incrementalCheckpointOfRocksDbIsRefused() throws Exception {
        Configuration options = new Configuration();
        options.set(RocksDBOptions.USE_MANAGED_MEMORY, false);
        KeyedStateHandle handle = checkpointOf(new EmbeddedRocksDBStateBackend(true)
                .configure(options, getClass().getClassLoader()));
        assertThatThrownBy(() -> TestBackends.create(TestDatabases.backend(), environment, List.of(handle)))
                .isInstanceOf(BackendBuildingException.class)
                .hasRootCauseInstanceOf(StateMigrationException.class)
                .hasMessageContaining("checkpoint 1 of backend ")
                .hasMessageContaining(", key groups 0 to 9 was not taken by the Holt state backend")
                .hasMessageContaining("canonical")
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(400));
    }

    @Test
    void nativeSavepointRestoresWhetherCheckpointsAreIncrementalOrNot() throws Exception {
        for (boolean incremental : new boolean[] {true, false}) {
            Configuration options = new Configuration();
            options.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, incremental);
            CheckpointableKeyedStateBackend<String> keyed =
                    TestBackends.create(TestDatabases.backend(options), environment);
            keyed.setCurrentKey("a");
            TestBackends.valueState(keyed).update(17);
            CheckpointOptions asSavepoint = CheckpointOptions.alignedNoTimeout(
                    SavepointType.savepoint(SavepointFormatType.NATIVE),
                    CheckpointStorageLocationReference.getDefault());
            KeyedStateHandle handle =
                    TestBackends.checkpoint(keyed, 1, asSavepoint).getJobManagerOwnedSnapshot();
            TestBackends.dispose(keyed);

            CheckpointableKeyedStateBackend<String> restored =
                    TestBackends.create(TestDatabases.backend(options), environment, List.of(handle));
            restored.setCurrentKey("a");
            assertThat(TestBackends.valueState(restored).value()).isEqualTo(17);
            TestBackends.dispose(restored);
        }
    }

    @Test
    void withoutStateThereIsNoHandle() throws Exception {
        CheckpointableKeyedStateBackend<String> keyed = TestBackends.create(TestDatabases.backend(), environment);
        SnapshotResult<KeyedStateHandle> result = TestBackends.checkpoint(keyed);
        TestBackends.dispose(keyed);
        assertThat(result.getJobManagerOwnedSnapshot()).isNull();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void localCopyRestoresAsWell(boolean incremental) throws Exception {
        environment.close();
        File local = directory.toFile();
        TestTaskStateManager states = TestTaskStateManager.builder()
                .setLocalRecoveryConfig(LocalRecoveryConfig.backupAndRecoveryEnabled(
                        new LocalSnapshotDirectoryProviderImpl(local, new JobID(), new JobVertexID(), 0)))
                .build();
        environment = new MockEnvironmentBuilder().setTaskStateManager(states).build();
        Configuration options = new Configuration();
        options.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, incremental);
        StateBackend backend = TestDatabases.backend(options);
        CheckpointableKeyedStateBackend<String> keyed = TestBackends.create(backend, environment);
        keyed.setCurrentKey("a");
        TestBackends.valueState(keyed).update(17);
        SnapshotResult<KeyedStateHandle> first = TestBackends.checkpoint(keyed);
        TestBackends.listener(keyed).notifyCheckpointComplete(1);
        keyed.setCurrentKey("b");
        TestBackends.valueState(keyed).update(18);
        KeyedStateHandle copy = TestBackends.checkpoint(keyed, 2).getTaskLocalSnapshot();
        TestBackends.dispose(keyed);
        assertThat(copy).isNotNull();
        first.getTaskLocalSnapshot().discardState();

        CheckpointableKeyedStateBackend<String> restored = TestBackends.create(backend, environment, List.of(copy));
        copy.discardState();
        restored.setCurrentKey("b");
        assertThat(TestBackends.valueState(restored).value()).isEqualTo(18);
        restored.setCurrentKey("a");
        assertThat(TestBackends.valueState(restored).value()).isEqualTo(17);
        // A restored backend goes on to make local copies.
        KeyedStateHandle next = TestBackends.checkpoint(restored, 3).getTaskLocalSnapshot();
        TestBackends.dispose(restored);
        CheckpointableKeyedStateBackend<String> again = TestBackends.create(backend, environment, List.of(next));
        again.setCurrentKey("a");
        assertThat(TestBackends.valueState(again).value()).isEqualTo(17);
        TestBackends.dispose(again);
    }
}
