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
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A job on a cluster of processes, TaskManagers killed at random moments, rescaled, moved from RocksDB to Holt and
 * back, gives the result it must. It runs with {@code -Dholt.it.flink.cluster=true}; {@code -Dholt.it.flink.kills=N}
 * kills more often at each stage.
 */
class FlinkClusterIT {

    private static final int KILLS = Integer.getInteger("holt.it.flink.kills", 1);
    private static final long SEED = Long.getLong("holt.it.flink.seed", 1);
    private static final int STOP_ATTEMPTS = 30;
    private static final long EVENTS = 600_000;
    private static final int FILES = 5_000;
    private static final String HOLT = "io.holt.flink.HoltStateBackendFactory";
    private static final String ROCKSDB = "rocksdb";
    private static final Pattern COMPLETED = Pattern.compile("\"completed\":(\\d+)");

    @TempDir
    Path directory;

    private final Random random = new Random(SEED);
    private Path shared;
    private Path jobJar;
    private List<String> files;

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

    @EnabledIfSystemProperty(named = "holt.it.flink.cluster", matches = "true")
    @SuppressWarnings("try") // Closing the processes may be interrupted.
    @Test
    void killedRescaledAndMovedAJobGivesItsResult() throws Exception {
        try (FlinkProcesses flink = new FlinkProcesses(directory, holtJar(), 2)) {
            String onRocksDb = stage(flink, ROCKSDB, 2, null, SavepointFormatType.CANONICAL, 0);
            String onHolt = stage(flink, HOLT, 2, onRocksDb, SavepointFormatType.NATIVE, KILLS);
            String onFour = stage(flink, HOLT, 4, onHolt, SavepointFormatType.NATIVE, KILLS);
            String onOne = stage(flink, HOLT, 1, onFour, SavepointFormatType.CANONICAL, KILLS);
            JobClient last = submit(flink, ROCKSDB, 2, onOne);
            Files.createFile(shared.resolve(CountingJob.GO));
            awaitCheckpoints(flink, last.getJobID(), 0);
            flink.await("the end of the job", () -> status(last) == JobStatus.FINISHED);
        }
        assertThat(results()).isEqualTo(expected());
    }

    /** Runs the job for some checkpoints, kills TaskManagers, and ends it with a savepoint. */
    private String stage(
            FlinkProcesses flink, String backend, int parallelism, String from, SavepointFormatType format, int kills)
            throws Exception {
        JobClient job = submit(flink, backend, parallelism, from);
        awaitCheckpoints(flink, job.getJobID(), 2);
        for (int kill = 0; kill < kills; kill++) {
            Thread.sleep(random.nextInt(1500));
            flink.killTaskManager(random);
            int before = checkpoints(flink, job.getJobID());
            awaitCheckpoints(flink, job.getJobID(), before + 2);
        }
        return stop(job, format);
    }

    /** Ends the job with a savepoint; again if that came when a task was not running. */
    private String stop(JobClient job, SavepointFormatType format) throws Exception {
        String target = directory.resolve("savepoints").toUri().toString();
        for (int attempt = 1; ; attempt++) {
            try {
                return job.stopWithSavepoint(false, target, format).get();
            } catch (ExecutionException e) {
                if (attempt == STOP_ATTEMPTS
                        || !e.getMessage().contains("Not all required tasks are currently running")) {
                    throw e;
                }
                Thread.sleep(1000);
            }
        }
    }

    private JobClient submit(FlinkProcesses flink, String backend, int parallelism, String from) throws Exception {
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

    private static int checkpoints(FlinkProcesses flink, JobID job) {
        Matcher matcher = COMPLETED.matcher(flink.get("/jobs/" + job + "/checkpoints"));
        return matcher.find() ? Integer.parseInt(matcher.group(1)) : 0;
    }

    private static void awaitCheckpoints(FlinkProcesses flink, JobID job, int completed)
            throws IOException, InterruptedException {
        flink.await(completed + " checkpoints", () -> checkpoints(flink, job) >= completed);
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
