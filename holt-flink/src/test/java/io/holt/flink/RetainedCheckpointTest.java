package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.runtime.checkpoint.Checkpoints;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.filemerging.SegmentFileStateHandle;
import org.apache.flink.util.FileUtils;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A job that was cancelled goes on from the checkpoint that it left, in either claim mode, at the same parallelism or
 * another one, with Flink's merging of files or without; it fails on the way too. Files go when they may, not before.
 */
@SuppressWarnings("try") // Closing the cluster may be interrupted.
@Timeout(600)
class RetainedCheckpointTest {

    @TempDir
    Path directory;

    private Path storage;

    private ControlledJob cluster(boolean merging) throws Exception {
        storage = Files.createDirectory(directory.resolve("checkpoints"));
        Configuration options = new Configuration();
        options.set(CheckpointingOptions.FILE_MERGING_ENABLED, merging);
        options.set(CheckpointingOptions.FILE_MERGING_ACROSS_BOUNDARY, merging);
        return new ControlledJob(directory, storage.toUri().toString(), options);
    }

    /** Runs the job for some checkpoints, has it fail, and cancels it; answers its newest checkpoint. */
    private static String leaveCheckpoint(ControlledJob job, int parallelism, boolean merging) throws Exception {
        job.start(parallelism, null, RecoveryClaimMode.DEFAULT);
        job.checkpoint();
        job.checkpoint();
        job.fail();
        String newest = job.checkpoint();
        job.cancel();
        assertThat(packs(newest))
                .hasSizeGreaterThan(parallelism)
                .allSatisfy(pack -> assertThat(pack.getHandle() instanceof SegmentFileStateHandle)
                        .isEqualTo(merging));
        return newest;
    }

    private static List<HandleAndLocalPath> packs(String checkpoint) throws IOException {
        Path metadata = Path.of(URI.create(checkpoint)).resolve("_metadata");
        try (DataInputStream in = new DataInputStream(Files.newInputStream(metadata))) {
            return Checkpoints.loadCheckpointMetadata(in, RetainedCheckpointTest.class.getClassLoader(), checkpoint)
                    .getOperatorStates()
                    .stream()
                    .flatMap(operator -> operator.getStates().stream())
                    .flatMap(subtask -> subtask.getManagedKeyedState().stream())
                    .map(IncrementalRemoteKeyedStateHandle.class::cast)
                    .flatMap(handle -> handle.getSharedStateHandles().stream())
                    .toList();
        }
    }

    private static Map<Path, Integer> contents(Path directory) throws IOException {
        Map<Path, Integer> contents = new HashMap<>();
        for (Path file : ControlledJob.files(directory)) {
            contents.put(file, Arrays.hashCode(Files.readAllBytes(file)));
        }
        assertThat(contents).isNotEmpty();
        return contents;
    }

    @ParameterizedTest(name = "{0} to {1}, merging: {2}")
    @CsvSource({"2,2,false", "2,3,false", "2,2,true", "3,1,true"})
    void claimedFilesGoWhenTheyAreOutOfUse(int from, int to, boolean merging) throws Exception {
        try (ControlledJob job = cluster(merging)) {
            String claimed = leaveCheckpoint(job, from, merging);
            Path old = job.checkpoints(storage);

            job.start(to, claimed, RecoveryClaimMode.CLAIM);
            job.checkpoint();
            job.await("the claimed checkpoint is gone", () -> !Files.exists(Path.of(URI.create(claimed))));
            if (from != to) {
                // Nothing of it is built on.
                job.await("its packs are gone", () -> ControlledJob.files(old).isEmpty());
            }
            job.fail();
            job.checkpoint();

            assertThat(job.finish()).isEqualTo(PayloadTotals.expected());
            job.await("nothing is left", () -> ControlledJob.files(storage).isEmpty());
        }
    }

    @ParameterizedTest(name = "{0} to {1}, merging: {2}")
    @CsvSource({"2,2,false", "3,1,false", "2,2,true", "2,3,true"})
    void unclaimedFilesAreLeftAloneAndNotNeeded(int from, int to, boolean merging) throws Exception {
        try (ControlledJob job = cluster(merging)) {
            String unclaimed = leaveCheckpoint(job, from, merging);
            Path old = job.checkpoints(storage);
            Map<Path, Integer> files = contents(old);

            job.start(to, unclaimed, RecoveryClaimMode.NO_CLAIM);
            job.checkpoint();
            assertThat(contents(old)).isEqualTo(files);
            FileUtils.deleteDirectory(old.toFile());
            job.fail();
            job.checkpoint();
            job.checkpoint();
            job.fail();

            assertThat(job.finish()).isEqualTo(PayloadTotals.expected());
            job.await("nothing is left", () -> ControlledJob.files(storage).isEmpty());
        }
    }
}
