package io.holt.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.CheckpointStorage;
import org.apache.flink.runtime.state.StateBackendMigrationTestBase;
import org.apache.flink.runtime.state.storage.FileSystemCheckpointStorage;
import org.apache.flink.runtime.state.storage.JobManagerCheckpointStorage;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameter;
import org.apache.flink.testutils.junit.extensions.parameterized.ParameterizedTestExtension;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameters;
import org.junit.jupiter.api.extension.ExtendWith;

/** Flink's own suite for changing serializers between a snapshot and its restore. */
@ExtendWith(ParameterizedTestExtension.class)
class HoltStateBackendMigrationTest extends StateBackendMigrationTestBase<HoltStateBackend> {

    @Parameter(0)
    public boolean inFiles;

    @Parameters(name = "checkpoints in files: {0}")
    public static List<Boolean> settings() {
        return List.of(true, false);
    }

    @Override
    protected HoltStateBackend getStateBackend() {
        return TestDatabases.backend(new Configuration());
    }

    @Override
    protected CheckpointStorage getCheckpointStorage() throws IOException {
        return inFiles
                ? new FileSystemCheckpointStorage(
                        Files.createTempDirectory(tempFolder, "checkpoints").toUri())
                : new JobManagerCheckpointStorage();
    }
}
