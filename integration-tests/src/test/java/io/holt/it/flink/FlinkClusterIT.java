package io.holt.it.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.ExceptionUtils;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job on a cluster of processes, TaskManagers killed while it runs, while it takes a checkpoint and while it restores
 * one, rescaled, moved from RocksDB to Holt and back, gives the result it must.
 *
 * <p>{@code -Dholt.it.flink.kills=N} kills so often in all, {@code -Dholt.it.flink.seed=N} at other moments.
 */
class FlinkClusterIT {

    /** In each stage on Holt a third of them; one at each kind of moment by default. */
    private static final int KILLS = Integer.getInteger("holt.it.flink.kills", 3);

    private static final long SEED = Long.getLong("holt.it.flink.seed", 1);
    private static final int HOLT_STAGES = 3;
    private static final int STOP_ATTEMPTS = 10;
    private static final long EVENTS = 200_000 + 70_000L * KILLS;
    private static final int FILES = 5_000;
    private static final String HOLT = "io.holt.flink.HoltStateBackendFactory";
    private static final String ROCKSDB = "rocksdb";

    @TempDir
    Path directory;

    private final Random random = new Random(SEED);
    private FlinkProcesses flink;
    private Path shared;
    private Path jobJar;
    private List<String> files;
    private int kills;

    /** When a TaskManager is killed. */
    private enum Moment {
        RUNNING,
        CHECKPOINT,
        RESTORE
    }

    @BeforeEach
    void prepare() throws IOException {
        shared = Files.createDirectories(directory.resolve("shared"));
        Files.createDirectories(shared.resolve(CountingJob.RESULTS));
        files = CountingJob.files(FILES);
        jobJar = jobJar();
    }

    /** The jar that a build would put beside Flink's own. */
    private static Path holtJar() throws IOException {
        Path build = Path.of(System.getProperty("holt.build.directory"));
        Path module = build.toString().endsWith("quick")
                ? build.getParent().getParent().resolveSibling("holt-flink").resolve("target/quick")
                : build.getParent().resolveSibling("holt-flink").resolve("target");
        try (Stream<Path> jars = Files.list(module)) {
            return jars.filter(file -> file.toString().endsWith("-dist.jar"))
                    .findFirst()
                    .orElseThrow(() -> new IOException(module + " has no jar for Flink; package holt-flink first"));
        }
    }

    private Path jobJar() throws IOException {
        Path jar = directory.resolve("job.jar");
        Path classes = Path.of(System.getProperty("holt.build.directory"), "test-classes");
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out);
                Stream<Path> all = Files.walk(classes.resolve("io/holt/it/flink"))) {
            for (Path file : all.filter(Files::isRegularFile).toList()) {
                entries.putNextEntry(
                        new JarEntry(classes.relativize(file).toString().replace('\\', '/')));
                Files.copy(file, entries);
                entries.closeEntry();
            }
        }
        return jar;
    }

    @Test
    void theJarHasNothingOfFlink() throws IOException {
        try (JarFile jar = new JarFile(holtJar().toFile())) {
            assertThat(jar.stream().map(JarEntry::getName))
                    .allMatch(name -> name.startsWith("io/") || name.startsWith("META-INF/"))
                    .contains("io/holt/flink/HoltStateBackendFactory.class", "io/holt/Holt.class")
                    .noneMatch(name -> name.startsWith("META-INF/services") || name.contains("module-info"));
        }
    }

    @SuppressWarnings("try") // Closing the processes may be interrupted.
    @Test
    void killedRescaledAndMovedAJobGivesItsResult() throws Exception {
        try (FlinkProcesses processes = new FlinkProcesses(directory, holtJar(), 2)) {
            flink = processes;
            String onRocksDb = stage(submit(ROCKSDB, CountingJob.SPLITS, null), 0, SavepointFormatType.CANONICAL);
            String onTwo = stage(submit(HOLT, 2, onRocksDb), killsOfStage(0), SavepointFormatType.NATIVE);
            String onFour = stage(submit(HOLT, 4, onTwo), killsOfStage(1), SavepointFormatType.NATIVE);
            String onOne = stage(submit(HOLT, 1, onFour), killsOfStage(2), SavepointFormatType.CANONICAL);
            JobClient last = submit(ROCKSDB, 2, onOne);
            Files.createFile(shared.resolve(CountingJob.GO));
            flink.await("the end of the job", () -> status(last) == JobStatus.FINISHED);
            assertThat(kills).isGreaterThanOrEqualTo(KILLS);
        }
        assertThat(results()).isEqualTo(expected());
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
        flink.killTaskManager(flink.rest().taskManagersOf(job), random);
        kills++;
        if (moment == Moment.RESTORE) {
            flink.await("the job notices", () -> !flink.rest().isRunning(job));
            flink.await("a restore", () -> flink.rest().isRestoring(job)
                    || flink.rest().isRunning(job));
            flink.killTaskManager(flink.taskManagers(), random);
            kills++;
        }
    }

    /** What a user sees in the web interface. */
    private void assertMetrics(JobID job) throws IOException, InterruptedException {
        flink.await("metrics", () -> flink.rest().holtMetrics(job, CountingJob.OPERATOR).size() > 10);
        assertThat(flink.rest().holtMetrics(job, CountingJob.OPERATOR))
                .containsKeys("hitRate", "dirtyBytes", "evictions", "framesCached", "checkpointUploadedBytes");
    }

    /** Ends the job with a savepoint; again if that came when a task was not running. */
    private String stop(JobClient client, SavepointFormatType format) throws Exception {
        String target = directory.resolve("savepoints").toUri().toString();
        for (int attempt = 1; ; attempt++) {
            flink.await("all tasks run", () -> flink.rest().isRunning(client.getJobID()));
            try {
                return client.stopWithSavepoint(false, target, format).get();
            } catch (ExecutionException e) {
                boolean isTooEarly = ExceptionUtils.stringifyException(e).contains("tasks are currently running");
                if (attempt == STOP_ATTEMPTS || !isTooEarly) {
                    throw new AssertionError("no savepoint; " + flink.logs(), e);
                }
            }
        }
    }

    private JobClient submit(String backend, int parallelism, String from) throws Exception {
        Configuration options = new Configuration();
        options.set(StateBackendOptions.STATE_BACKEND, backend);
        options.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        options.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(500));
        options.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                directory.resolve("checkpoints").toUri().toString());
        options.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        options.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1000);
        options.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(500));
        if (from != null) {
            options.set(StateRecoveryOptions.SAVEPOINT_PATH, from);
            options.set(
                    StateRecoveryOptions.RESTORE_MODE,
                    parallelism == 1 ? RecoveryClaimMode.NO_CLAIM : RecoveryClaimMode.CLAIM);
        }
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createRemoteEnvironment(
                "localhost", flink.restPort(), options, jobJar.toString());
        environment.setParallelism(parallelism);
        environment.setMaxParallelism(128);
        CountingJob.define(environment, shared, EVENTS, files);
        return environment.executeAsync("counting on " + backend);
    }

    private static JobStatus status(JobClient job) {
        JobStatus status = job.getJobStatus().join();
        if (status == JobStatus.FAILED) {
            throw new AssertionError("the job failed");
        }
        return status;
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

    private Set<String> results() throws IOException {
        Set<String> lines = new HashSet<>();
        try (Stream<Path> results = Files.list(shared.resolve(CountingJob.RESULTS))) {
            for (Path file : results.toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }

    /** What the job is to give, computed without Flink. */
    private Set<String> expected() {
        List<List<Long>> ofFile = new ArrayList<>();
        files.forEach(ignored -> ofFile.add(new ArrayList<>()));
        for (long event = 0; event < EVENTS; event++) {
            ofFile.get(CountingJob.fileOf(event, files.size())).add(event);
        }
        Set<String> lines = new HashSet<>();
        for (int i = 0; i < files.size(); i++) {
            List<Long> events = ofFile.get(i);
            if (!events.isEmpty()) {
                lines.add(line(files.get(i), events));
            }
        }
        return lines;
    }

    private static String line(String file, List<Long> events) {
        TreeMap<Long, Long> kinds = new TreeMap<>();
        events.forEach(event -> kinds.merge(event % CountingJob.KINDS, 1L, Long::sum));
        List<Long> listed = events.stream()
                .filter(event -> event % CountingJob.LISTED_EACH == 0)
                .toList();
        return file + " " + events.size() + " " + kinds + " " + listed + " " + events.size();
    }
}
