package io.holt.it.flink;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/** The counting job over its lives on a cluster: its jar, its submission, its result and what that has to be. */
final class CountingRun {

    static final String HOLT = "io.holt.flink.HoltStateBackendFactory";
    static final String ROCKSDB = "rocksdb";

    private static final int FILES = 5_000;

    private final Path directory;
    private final Path shared;
    private final long events;
    private final List<String> files = CountingJob.files(FILES);
    private final Path jobJar;

    /** @param directory the same one for this process and for the cluster; empty */
    CountingRun(Path directory, long events) throws IOException {
        this.directory = directory;
        this.events = events;
        this.shared = Files.createDirectories(directory.resolve("shared"));
        Files.createDirectories(shared.resolve(CountingJob.RESULTS));
        this.jobJar = writeJobJar();
    }

    /** The jar that a build would put beside Flink's own. */
    static Path holtJar() throws IOException {
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

    private Path writeJobJar() throws IOException {
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

    /**
     * Starts the job.
     *
     * @param from the savepoint or checkpoint to start from, or null
     */
    JobClient submit(String host, int port, String backend, int parallelism, String from, RecoveryClaimMode mode)
            throws Exception {
        Configuration options = new Configuration();
        options.set(StateBackendOptions.STATE_BACKEND, backend);
        options.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        // However little there is to read: tasks are killed while the rest is still being read.
        options.setString("state.backend.holt.restore.lazy-from", "0 b");
        options.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(500));
        options.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                directory.resolve("checkpoints").toUri().toString());
        options.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        options.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        options.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 1000);
        options.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(500));
        if (from != null) {
            options.set(StateRecoveryOptions.SAVEPOINT_PATH, from);
            options.set(StateRecoveryOptions.RESTORE_MODE, mode);
        }
        StreamExecutionEnvironment environment =
                StreamExecutionEnvironment.createRemoteEnvironment(host, port, options, jobJar.toString());
        environment.setParallelism(parallelism);
        environment.setMaxParallelism(128);
        CountingJob.define(environment, shared, events, files);
        return environment.executeAsync("counting on " + backend);
    }

    /** Where savepoints go. */
    String savepoints() {
        return directory.resolve("savepoints").toUri().toString();
    }

    /** Lets the job come to its end. */
    void go() throws IOException {
        Files.createFile(shared.resolve(CountingJob.GO));
    }

    /** Whether a job has come to its end. */
    static boolean isFinished(JobClient job) {
        JobStatus status = job.getJobStatus().join();
        if (status == JobStatus.FAILED) {
            throw new AssertionError("the job failed");
        }
        return status == JobStatus.FINISHED;
    }

    /** The lines that the job has written. */
    Set<String> results() throws IOException {
        Set<String> lines = new HashSet<>();
        try (Stream<Path> results = Files.list(shared.resolve(CountingJob.RESULTS))) {
            for (Path file : results.toList()) {
                lines.addAll(Files.readAllLines(file));
            }
        }
        return lines;
    }

    /** What the job is to give, computed without Flink. */
    Set<String> expected() {
        List<List<Long>> ofFile = new ArrayList<>();
        files.forEach(ignored -> ofFile.add(new ArrayList<>()));
        for (long event = 0; event < events; event++) {
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
