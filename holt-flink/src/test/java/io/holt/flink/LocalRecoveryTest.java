package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A job that fails gets its state back from the copies that its TaskManager has, and reads nothing of the checkpoint
 * storage. Where a copy is missing or damaged the storage is read, whether frames are read at once or when they are
 * asked for. The result is exact in any case.
 */
@SuppressWarnings("try") // Closing the cluster may be interrupted.
@Timeout(600)
class LocalRecoveryTest {

    private static final long LEAST_PACK_BYTES = 50_000;
    private static final long LEAST_STATE_BYTES = 1_000_000;

    @TempDir
    Path directory;

    private Path copies;

    /** What happens to the copies of packs while the job runs. */
    enum Accident {
        NONE,
        /** None are made, which shows that the storage is read then and that this is seen. */
        TURNED_OFF,
        MISSING,
        CUT,
        DAMAGED
    }

    private ControlledJob cluster(boolean withCopies, boolean lazily) throws Exception {
        copies = Files.createDirectory(directory.resolve("copies"));
        Configuration options = new Configuration();
        options.set(StateRecoveryOptions.LOCAL_RECOVERY, withCopies);
        options.set(CheckpointingOptions.LOCAL_BACKUP_ENABLED, withCopies);
        options.set(CheckpointingOptions.LOCAL_RECOVERY_TASK_MANAGER_STATE_ROOT_DIRS, copies.toString());
        options.set(HoltStateBackendOptions.RESTORE_LAZILY, lazily);
        String storage = ReadCountingFileSystem.SCHEME + "://" + Files.createDirectory(directory.resolve("storage"));
        return new ControlledJob(directory, storage, options);
    }

    @ParameterizedTest(name = "{0}, lazily: {1}")
    @CsvSource({"DAMAGED,true", "CUT,false", "MISSING,true", "NONE,true", "TURNED_OFF,true"})
    void stateIsReadFromTheStorageOnlyIfItMust(Accident accident, boolean lazily) throws Exception {
        boolean withCopies = accident != Accident.TURNED_OFF;
        try (ControlledJob job = cluster(withCopies, lazily)) {
            job.start(2, null, RecoveryClaimMode.DEFAULT);
            job.checkpoint();
            String newest = job.checkpoint();
            if (withCopies) {
                job.await("copies of the last checkpoint and no other", () -> areOnlyOf(newest));
            }
            harm(accident);
            ReadCountingFileSystem.takeBytesRead();

            job.fail();
            // Which waits until all frames are there.
            job.checkpoint();
            if (accident == Accident.NONE) {
                assertThat(ReadCountingFileSystem.takeBytesRead()).isZero();
            } else {
                assertThat(ReadCountingFileSystem.takeBytesRead()).isGreaterThan(LEAST_STATE_BYTES);
            }
            if (withCopies) {
                failAgain(job);
            }
            assertThat(job.finish()).isEqualTo(PayloadTotals.expected());
        }
    }

    /** What came from the storage has been copied anew. */
    private void failAgain(ControlledJob job) throws Exception {
        String newest = job.checkpoint();
        job.await("copies after the restart", () -> areOnlyOf(newest));
        ReadCountingFileSystem.takeBytesRead();
        job.fail();
        job.checkpoint();
        assertThat(ReadCountingFileSystem.takeBytesRead()).isZero();
    }

    private boolean areOnlyOf(String checkpoint) throws IOException {
        String number = checkpoint.substring(checkpoint.lastIndexOf('-') + 1);
        List<Path> packs = packs();
        return !packs.isEmpty()
                && packs.stream().allMatch(pack -> pack.toString().contains("/chk_" + number + "/"));
    }

    /** The files of packs that checkpoints have on the TaskManager. */
    private List<Path> packs() throws IOException {
        return ControlledJob.files(copies).stream()
                .filter(file -> file.toFile().length() > LEAST_PACK_BYTES)
                .toList();
    }

    private void harm(Accident accident) throws IOException {
        if (accident == Accident.NONE || accident == Accident.TURNED_OFF) {
            return;
        }
        for (Path file : packs()) {
            byte[] bytes = Files.readAllBytes(file);
            switch (accident) {
                case MISSING -> Files.delete(file);
                case CUT -> Files.write(file, Arrays.copyOf(bytes, bytes.length / 2));
                default -> {
                    bytes[bytes.length / 2] ^= 1;
                    Files.write(file, bytes);
                }
            }
        }
    }
}
