package io.holt.it.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.it.ContainerImage;
import java.nio.file.Path;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.testcontainers.utility.DockerImageName;

/**
 * A job on Holt on a JobManager and two TaskManagers in containers. Each TaskManager's is killed and started again, one
 * while a checkpoint is taken; the job's result counts every event exactly once.
 *
 * <p>{@code -Dholt.it.flink.image=IMAGE} names another image than Flink's own; where there is no Docker the test is
 * skipped, see {@link ContainerImage}.
 */
@Timeout(2_400)
final class ContainerClusterIT {

    private static final int TASK_MANAGERS = 2;
    private static final long EVENTS = 60_000;

    @TempDir
    private Path directory;

    @SuppressWarnings("try") // Closing the containers may be interrupted.
    @Test
    void theResultSurvivesTheContainersDeath() throws Exception {
        DockerImageName image = ContainerImage.FLINK.orSkip();
        CountingRun run = new CountingRun(directory, EVENTS);
        try (FlinkContainers flink = new FlinkContainers(image, directory, TASK_MANAGERS)) {
            JobClient client = run.submit(
                    flink.host(),
                    flink.restPort(),
                    CountingRun.HOLT,
                    TASK_MANAGERS * FlinkContainers.SLOTS,
                    null,
                    RecoveryClaimMode.DEFAULT);
            JobID job = client.getJobID();
            awaitCheckpoints(flink, job, 2);
            for (int taskManager = 0; taskManager < TASK_MANAGERS; taskManager++) {
                if (taskManager == 1) {
                    flink.await(
                            "a checkpoint is being taken",
                            () -> flink.rest().checkpointInProgress(job) != FlinkRest.NONE);
                }
                int completed = awaitCheckpoints(flink, job, 0);
                flink.kill(taskManager);
                flink.startAgain(taskManager);
                flink.await("all run again", () -> flink.rest().isRunning(job));
                awaitCheckpoints(flink, job, completed + 3);
            }
            run.go();
            flink.await("the end of the job", () -> CountingRun.isFinished(client));
        }
        assertThat(run.results()).isEqualTo(run.expected());
    }

    /** Answers how many checkpoints there are, when there are so many. */
    private static int awaitCheckpoints(FlinkContainers flink, JobID job, int count) throws InterruptedException {
        int[] completed = new int[1];
        flink.await(count + " checkpoints", () -> {
            completed[0] = flink.rest().completedCheckpoints(job);
            return completed[0] >= count;
        });
        return completed[0];
    }
}
