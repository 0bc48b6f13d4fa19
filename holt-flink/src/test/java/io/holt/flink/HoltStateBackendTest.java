package io.holt.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.CheckpointStorage;
import org.apache.flink.runtime.state.ConfigurableStateBackend;
import org.apache.flink.runtime.state.StateBackendTestBase;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.runtime.state.storage.JobManagerCheckpointStorage;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameter;
import org.apache.flink.testutils.junit.extensions.parameterized.ParameterizedTestExtension;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameters;
import org.apache.flink.util.function.SupplierWithException;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Flink's own suite for state backends. */
@ExtendWith(ParameterizedTestExtension.class)
class HoltStateBackendTest extends StateBackendTestBase<HoltStateBackend> {

    @TempDir
    static Path directory;

    @Parameter(0)
    public boolean incrementalAsked;

    @Parameter(1)
    public SupplierWithException<CheckpointStorage, IOException> storage;

    @Parameters(name = "incremental asked for: {0}")
    public static List<Object[]> settings() {
        SupplierWithException<CheckpointStorage, IOException> jobManager = JobManagerCheckpointStorage::new;
        SupplierWithException<CheckpointStorage, IOException> files = () -> new FileSystemCheckpointStorage(
                Files.createTempDirectory(directory, "checkpoints").toUri());
        return List.of(new Object[] {true, files}, new Object[] {false, files}, new Object[] {true, jobManager});
    }

    @Override
    protected ConfigurableStateBackend getStateBackend() {
        Configuration options = new Configuration();
        options.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, incrementalAsked);
        return TestDatabases.backend(options);
    }

    @Override
    protected CheckpointStorage getCheckpointStorage() throws IOException {
        return storage.get();
    }

    @Override
    protected boolean isSerializerPresenceRequiredOnRestore() {
        return false;
    }

    @Override
    protected boolean supportsAsynchronousSnapshots() {
        return true;
    }

    @Override
    protected boolean isSafeToReuseKVState() {
        return true;
    }
}
