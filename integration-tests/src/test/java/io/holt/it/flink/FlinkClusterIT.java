package io.holt.it.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.it.flink.TaskManagerKills.Moment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job on a cluster of processes, TaskManagers killed while it runs, while it takes a checkpoint, when it has just
 * taken one and while it restores one, rescaled, moved from RocksDB to Holt and back, gives the result it must.
 *
 * <p>{@code -Dholt.it.flink.kills=N} hits so many moments in all, {@code -Dholt.it.flink.seed=N} others.
 */
@Timeout(value = 1, unit = TimeUnit.HOURS)
class FlinkClusterIT {

    /** In each stage on Holt a third of them; one at each kind of moment by default, which is the least. */
    private static final int KILLS =
            Math.max(Moment.values().length, Integer.getInteger("holt.it.flink.kills", Moment.values().length));

    /** The JVM's. */
    private static final String WARNING = "WARNING: Use --enable-native-access=ALL-UNNAMED";

    private static final long SEED = Long.getLong("holt.it.flink.seed", 1);
    private static final int HOLT_STAGES = 3;
    private static final int STOP_ATTEMPTS = 10;
    private static final int STOP_MINUTES = 5;
    private static final int PICKS_WITH_A_HIT = 4;
    private static final long EVENTS = 200_000 + 70_000L * KILLS;

    @TempDir
    Path directory;

    private FlinkProcesses flink;
    private TaskManagerKills kills;
    private CountingRun run;

    @Test
    void theJarHasNothingOfFlink() throws IOException {
        Set<String> names = files(CountingRun.holtJar());
        assertThat(names)
                .contains("io/holt/flink/HoltStateBackendFactory.class", "io/holt/Holt.class")
                .allMatch(name -> name.startsWith("io/holt/") || name.startsWith("META-INF/"))
                .noneMatch(name -> name.startsWith("META-INF/services")
                        || name.startsWith("META-INF/versions")
                        || name.contains("module-info"));
        List<String> jarsOfFlink = FlinkProcesses.flinkJars();
        assertThat(jarsOfFlink).anyMatch(jar -> jar.contains("flink-runtime"));
        for (String jar : jarsOfFlink) {
            assertThat(files(Path.of(jar)))
                    .as("files in %s that are Holt's too", jar)
                    .filteredOn(name -> !name.startsWith("META-INF/"))
                    .doesNotContainAnyElementsOf(names);
        }
    }

    private static Set<String> files(Path jar) throws IOException {
        try (JarFile entries = new JarFile(jar.toFile())) {
            return entries.stream()
                    .filter(entry -> !entry.isDirectory())
                    .map(JarEntry::getName)
                    .collect(Collectors.toSet());
        }
    }

    @SuppressWarnings("try") // Closing the processes may be interrupted.
    @Test
    void killedRescaledAndMovedAJobGivesItsResult() throws Exception {
        run = new CountingRun(directory, EVENTS);
        try (FlinkProcesses processes = new FlinkProcesses(directory, CountingRun.holtJar(), 2)) {
            flink = processes;
            kills = new TaskManagerKills(flink, new Random(SEED));
            String onRocksDb =
                    stage(submit(CountingRun.ROCKSDB, CountingJob.SPLITS, null), 0, SavepointFormatType.CANONICAL);
            String onTwo = stage(submit(CountingRun.HOLT, 2, onRocksDb), killsOfStage(0), SavepointFormatType.NATIVE);
            String onFour = stage(submit(CountingRun.HOLT, 4, onTwo), killsOfStage(1), SavepointFormatType.NATIVE);
            String onOne = stage(submit(CountingRun.HOLT, 1, onFour), killsOfStage(2), SavepointFormatType.CANONICAL);
            assertMoments();
            assertWarnings();
            JobClient last = submit(CountingRun.ROCKSDB, 2, onOne);
            run.go();
            flink.await("the end of the job", () -> CountingRun.isFinished(last));
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
        kills.kill(job, killsHere);
        return stop(client, format);
    }

    /** What was not hit was not tested. A moment may be missed for long, so of few tries none need be a hit. */
    private void assertMoments() {
        assertThat(kills.figures()).allSatisfy((moment, figures) -> {
            assertThat(figures.picks()).as("%s", moment).isGreaterThanOrEqualTo(KILLS / Moment.values().length);
            assertThat(figures.hits()).as("%s", moment).isGreaterThanOrEqualTo(figures.picks() / PICKS_WITH_A_HIT);
        });
    }

    /** A JVM that was not told that Holt and others may call the operating system warns, once for all, and goes on. */
    private void assertWarnings() throws IOException {
        Set<String> withoutFlags = new HashSet<>();
        Set<String> warning = new HashSet<>();
        for (String taskManager : kills.seenAtWork()) {
            if (flink.isWithoutFlags(taskManager)) {
                withoutFlags.add(taskManager);
            }
            if (Files.readString(flink.log(taskManager)).contains(WARNING)) {
                warning.add(taskManager);
            }
        }
        assertThat(withoutFlags).isNotEmpty().isNotEqualTo(kills.seenAtWork());
        assertThat(warning).isEqualTo(withoutFlags);
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

    private void awaitCheckpoints(JobID job, int least) throws IOException, InterruptedException {
        flink.await(
                least + " checkpoints",
                () -> flink.rest().completedCheckpoints(job) >= least
                        && flink.rest().isRunning(job));
    }
}
