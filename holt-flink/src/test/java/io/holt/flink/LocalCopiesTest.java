package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.jobgraph.JobVertexID;
import org.apache.flink.runtime.memory.MemoryManager;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.CheckpointStorageLocationReference;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.LocalRecoveryConfig;
import org.apache.flink.runtime.state.LocalSnapshotDirectoryProviderImpl;
import org.apache.flink.runtime.state.SharedStateRegistry;
import org.apache.flink.runtime.state.SharedStateRegistryImpl;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.TestTaskStateManagerBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whether checkpoints after a restore have local copies. */
class LocalCopiesTest {

    private static final int KEYS = 100_000;

    /** In memory on Linux. */
    private static final Path OTHER_FILE_SYSTEM = Path.of("/dev/shm");

    @TempDir
    Path storage;

    @TempDir
    Path working;

    @TempDir
    Path checkpoints;

    private final SharedStateRegistry registry = new SharedStateRegistryImpl(Runnable::run);
    private final Random random = new Random(1);
    private CheckpointableKeyedStateBackend<String> backend;
    private ValueState<byte[]> values;

    private void start(Path workingDirectory, List<KeyedStateHandle> handles) throws Exception {
        LocalRecoveryConfig local = LocalRecoveryConfig.backupAndRecoveryEnabled(new LocalSnapshotDirectoryProviderImpl(
                new File[] {checkpoints.toFile()}, new JobID(), new JobVertexID(), 0));
        MockEnvironment environment = MockEnvironment.builder()
                .setMemoryManager(MemoryManager.create(64L << 20, MemoryManager.DEFAULT_PAGE_SIZE))
                .setTaskStateManager(new TestTaskStateManagerBuilder()
                        .setLocalRecoveryConfig(local)
                        .build())
                .build();
        Configuration options = new Configuration();
        options.set(HoltStateBackendOptions.LOCAL_DIRECTORIES, List.of(workingDirectory.toString()));
        options.set(HoltStateBackendOptions.RESTORE_LAZILY, true);
        backend = TestBackends.create(TestDatabases.managedBackend(options), environment, handles);
        values = TestBackends.bytesState(backend);
    }

    private void change(int from, int count) throws IOException {
        TestBackends.change(backend, values, random, from, count);
    }

    /** Takes a checkpoint, which is confirmed. */
    private SnapshotResult<KeyedStateHandle> checkpoint(long id) throws Exception {
        CheckpointOptions options = CheckpointOptions.alignedNoTimeout(
                CheckpointType.CHECKPOINT, CheckpointStorageLocationReference.getDefault());
        RunnableFuture<SnapshotResult<KeyedStateHandle>> snapshot =
                backend.snapshot(id, id, new DirectoryStreams(storage, id, true), options);
        snapshot.run();
        SnapshotResult<KeyedStateHandle> result = snapshot.get();
        ((IncrementalRemoteKeyedStateHandle) result.getJobManagerOwnedSnapshot()).registerSharedStates(registry, id);
        TestBackends.listener(backend).notifyCheckpointComplete(id);
        return result;
    }

    /** Whoever reads the rest in turn has no need of a pack all of whose frames somebody asked for before. */
    @Test
    void packsOfWhichAllFramesWereAskedForAreCopiedToo() throws Exception {
        start(working, List.of());
        change(0, KEYS);
        checkpoint(1);
        change(KEYS / 2, 3);
        KeyedStateHandle newest = checkpoint(2).getJobManagerOwnedSnapshot();
        assertThat(((IncrementalRemoteKeyedStateHandle) newest).getSharedStateHandles())
                .hasSizeGreaterThan(1);
        TestBackends.dispose(backend);

        start(working, List.of(newest));
        for (int i = KEYS / 2; i < KEYS / 2 + 3; i++) {
            backend.setCurrentKey("key-" + i);
            assertThat(values.value()).isNotNull();
        }
        assertThat(checkpoint(3).getTaskLocalSnapshot()).isNotNull();
        TestBackends.dispose(backend);
    }

    /** There are no hard links from one file system to another. */
    @Test
    void withoutLinksThereAreNoCopies() throws Exception {
        assumeThat(OTHER_FILE_SYSTEM).isDirectory();
        assumeThat(Files.getFileStore(OTHER_FILE_SYSTEM)).isNotEqualTo(Files.getFileStore(checkpoints));
        Path elsewhere = Files.createTempDirectory(OTHER_FILE_SYSTEM, "holt");
        try {
            start(elsewhere, List.of());
            change(0, 1_000);
            assertThat(checkpoint(1).getTaskLocalSnapshot()).isNull();
            assertThat(ControlledJob.files(elsewhere))
                    .noneMatch(file -> file.getParent().endsWith("packs"));
            TestBackends.dispose(backend);
        } finally {
            Files.delete(elsewhere);
        }
    }
}
