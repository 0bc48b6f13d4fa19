package io.holt.it.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job on a cluster of processes, TaskManagers killed while it runs, while it takes a checkpoint and while it restores
 * one, rescaled, moved from RocksDB to Holt and back, gives the result it must.
 *
 * <p>{@code -Dholt.it.flink.kills=N} kills so often in all, {@code -Dholt.it.flink.seed=N} at other moments.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class FlinkClusterIT {

    /** In each stage on Holt a third of them; one at each kind of moment by default. */
    private static final int KILLS = Integer.getInteger("holt.it.flink.kills", 3);

    private static final long SEED = Long.getLong("holt.it.flink.seed", 1);
    private static final int HOLT_STAGES = 3;
    private static final int STOP_ATTEMPTS = 10;
    private static final int STOP_MINUTES = 5;
    private static final long EVENTS = 200_000 + 70_000L * KILLS;

    @TempDir
    Path directory;

    private final Random random = new Random(SEED);
    private FlinkProcesses flink;
    private CountingRun run;
    private int kills;

    /** When a TaskManager is killed. */
    private enum Moment {
        RUNNING,
        CHECKPOINT,
        RESTORE
    }

    @Test
    void theJarHasNothingOfFlink() throws IOException {
        try (JarFile jar = new JarFile(CountingRun.holtJar().toFile())) {
            assertThat(jar.stream().map(JarEntry::getName))
                    .allMatch(name -> name.startsWith("io/") || name.startsWith("META-INF/"))
                    .contains("io/holt/flink/HoltStateBackendFactory.class", "io/holt/Holt.class")
                    .noneMatch(name -> name.startsWith("META-INF/services") || name.contains("module-info"));
        }
    }

    @SuppressWarnings("try") // Closing the processes may be interrupted.
    @Test
    void killedRescaledAndMovedAJobGivesItsResult() throws Exception {
        run = new CountingRun(directory, EVENTS);
        try (FlinkProcesses processes = new FlinkProcesses(directory, CountingRun.holtJar(), 2)) {
            flink = processes;
            String onRocksDb =
                    stage(submit(CountingRun.ROCKSDB, CountingJob.SPLITS, null), 0, SavepointFormatType.CANONICAL);
            String onTwo = stage(submit(CountingRun.HOLT, 2, onRocksDb), killsOfStage(0), SavepointFormatType.NATIVE);
            String onFour = stage(submit(CountingRun.HOLT, 4, onTwo), killsOfStage(1), SavepointFormatType.NATIVE);
            String onOne = stage(submit(CountingRun.HOLT, 1, onFour), killsOfStage(2), SavepointFormatType.CANONICAL);
            JobClient last = submit(CountingRun.ROCKSDB, 2, onOne);
            run.go();
            flink.await("the end of the job", () -> CountingRun.isFinished(last));
            assertThat(kills).isGreaterThanOrEqualTo(KILLS);
        }
        assertThat(run.results()).isEqualTo(run.expected());
    }

    private static int killsOfStage(int stage) {
        return KILLS / HOLT_STAGES + (stage < KILLS % HOLT_STAGES ? 1 : 0);
    }

    /** Runs a job for some checkpoints, kills TaskManagers, and ends the job with a savepoint. */
    private String stage(JobClient client, int killsHere, SavepointFormatType format) throws Exception {
        JobID job = client.getJobID();
        awaitCheckpoints(job, 2);
        if (killsHere > 0) {
            assertMetrics(job);
        }
        int end = kills + killsHere;
        while (kills < end) {
            kill(job, Moment.values()[kills % Moment.values().length]);
            int completed = awaitCheckpoints(job, 0);
            awaitCheckpoints(job, completed + 2);
        }
        return stop(client, format);
    }

    private void kill(JobID job, Moment moment) throws IOException, InterruptedException {
        Thread.sleep(random.nextInt(700));
        if (moment == Moment.CHECKPOINT) {
            flink.await("a checkpoint is being taken", () -> flink.rest().isTakingCheckpoint(job));
        }
        Set<String> used = new HashSet<>();
        flink.await("tasks are on TaskManagers that live", () -> {
            used.addAll(flink.rest().taskManagersOf(job));
            used.retainAll(flink.taskManagers());
            return !used.isEmpty();
        });
        flink.killTaskManager(used, random);
        kills++;
        if (moment == Moment.RESTORE) {
            flink.await("the job notices", () -> !flink.rest().isRunning(job));
            flink.await(
                    "a restore",
                    () -> flink.rest().isRestoring(job) || flink.rest().isRunning(job));
            flink.killTaskManager(flink.taskManagers(), random);
            kills++;
        }
    }

    /** What a user sees in the web interface. */
    private void assertMetrics(JobID job) throws IOException, InterruptedException {
        flink.await(
                "metrics",
                () -> flink.rest().holtMetrics(job, CountingJob.OPERATOR).size() > 10);
        assertThat(flink.rest().holtMetrics(job, CountingJob.OPERATOR))
                .containsKeys("hitRate", "dirtyBytes", "evictions", "framesCached", "checkpointUploadedBytes");
    }

    /** Ends the job with a savepoint; again if that came when a task was not running. */
    private String stop(JobClient client, SavepointFormatType format) throws Exception {
        for (int attempt = 1; ; attempt++) {
            flink.await("all tasks run", () -> flink.rest().isRunning(client.getJobID()));
            try {
                return client.stopWithSavepoint(false, run.savepoints(), format).get(STOP_MINUTES, TimeUnit.MINUTES);
            } catch (ExecutionException e) {
                boolean isTooEarly = ExceptionUtils.stringifyException(e).contains("tasks are currently running");
                if (attempt == STOP_ATTEMPTS || !isTooEarly) {
                    throw new AssertionError("no savepoint; " + flink.logs(), e);
                }
            }
        }
    }

    private JobClient submit(String backend, int parallelism, String from) throws Exception {
        RecoveryClaimMode mode = parallelism == 1 ? RecoveryClaimMode.NO_CLAIM : RecoveryClaimMode.CLAIM;
        return run.submit("localhost", flink.restPort(), backend, parallelism, from, mode);
    }

    /** Waits until so many checkpoints were completed and all tasks run, and answers how many there were. */
    private int awaitCheckpoints(JobID job, int least) throws IOException, InterruptedException {
        AtomicInteger completed = new AtomicInteger();
        flink.await(least + " checkpoints", () -> {
            completed.set(flink.rest().completedCheckpoints(job));
            return completed.get() >= least && (least == 0 || flink.rest().isRunning(job));
        });
        return completed.get();
    }
}
