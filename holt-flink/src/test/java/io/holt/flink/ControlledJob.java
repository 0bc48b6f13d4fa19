package io.holt.flink;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExternalizedCheckpointRetention;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.core.execution.RecoveryClaimMode;
import org.apache.flink.runtime.jobgraph.JobGraph;
import org.apache.flink.runtime.jobgraph.SavepointRestoreSettings;
import org.apache.flink.runtime.jobmaster.JobResult;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.testutils.CommonTestUtils;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * {@link PayloadTotals} on a cluster of this JVM. It takes the checkpoints and has the failures that the test asks for,
 * no others, and goes on until it is told to finish.
 */
@SuppressWarnings("try") // Closing may be interrupted.
final class ControlledJob implements AutoCloseable {

    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final long POLL_MILLIS = 10;
    private static final int SLOTS = 4;

    /** So many records are there at least between one checkpoint and the next. */
    private static final int PROGRESS = 150;

    private static final int RESTARTS = 5;

    private final Configuration config;
    private final MiniCluster cluster;
    private JobID job;
    private int parallelism;

    /**
     * Starts the cluster.
     *
     * @param storage where checkpoints go
     * @param further prevails over what all jobs have
     */
    ControlledJob(Path directory, String storage, Configuration further) throws Exception {
        config = new Configuration();
        config.set(StateBackendOptions.STATE_BACKEND, TestStateBackendFactory.class.getName());
        config.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, true);
        config.set(HoltStateBackendOptions.RESTORE_LAZILY_FROM, MemorySize.ZERO);
        config.set(HoltStateBackendOptions.CHECKPOINT_PACK_SIZE, MemorySize.ofMebiBytes(1));
        config.set(
                HoltStateBackendOptions.LOCAL_DIRECTORIES,
                List.of(Files.createDirectory(directory.resolve("working")).toString()));
        config.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(256));
        config.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofDays(1));
        config.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, storage);
        config.set(
                CheckpointingOptions.EXTERNALIZED_CHECKPOINT_RETENTION,
                ExternalizedCheckpointRetention.RETAIN_ON_CANCELLATION);
        config.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        config.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, RESTARTS);
        config.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        config.addAll(further);
        cluster = new MiniCluster(new MiniClusterConfiguration.Builder()
                .setConfiguration(config)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(SLOTS)
                .withRandomPorts()
                .build());
        cluster.start();
        PayloadTotals.reset();
    }

    /**
     * Starts the job and waits until it runs.
     *
     * @param from the checkpoint to start from, or null
     */
    void start(int newParallelism, String from, RecoveryClaimMode mode) throws Exception {
        parallelism = newParallelism;
        int restored = PayloadTotals.restored();
        try (StreamExecutionEnvironment environment = new StreamExecutionEnvironment(config)) {
            environment.setParallelism(parallelism);
            environment.setMaxParallelism(128);
            PayloadTotals.define(environment);
            JobGraph graph = environment.getStreamGraph().getJobGraph();
            if (from != null) {
                graph.setSavepointRestoreSettings(SavepointRestoreSettings.forPath(from, false, mode));
            }
            job = cluster.submitJob(graph).get().getJobID();
        }
        awaitRunning(from == null ? 0 : restored + parallelism);
    }

    private void awaitRunning(int restored) throws Exception {
        await("tasks are restored", () -> PayloadTotals.restored() >= restored);
        CommonTestUtils.waitForAllTaskRunning(cluster, job, true);
    }

    /**
     * Waits for some progress, then takes a checkpoint; answers where it is. Another one is tried if the job restarts
     * meanwhile.
     */
    String checkpoint() throws Exception {
        for (int attempt = 0; ; attempt++) {
            long wanted = PayloadTotals.processed() + PROGRESS;
            await("progress", () -> PayloadTotals.processed() >= wanted);
            CommonTestUtils.waitForAllTaskRunning(cluster, job, true);
            try {
                return cluster.triggerCheckpoint(job).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            } catch (ExecutionException e) {
                if (attempt == RESTARTS) {
                    throw e;
                }
            }
        }
    }

    /** Has a task fail, and waits until all run again with the state of the newest checkpoint. */
    void fail() throws Exception {
        int restored = PayloadTotals.restored();
        PayloadTotals.fail();
        awaitRunning(restored + parallelism);
    }

    /** Ends the job as it is; its newest checkpoint stays. */
    void cancel() throws Exception {
        cluster.cancelJob(job).get();
        JobResult result = cluster.requestJobResult(job).get();
        assertStatus(result, JobStatus.CANCELED);
    }

    /** Lets the job come to its end; answers what it gave. */
    Set<String> finish() throws Exception {
        PayloadTotals.letFinish();
        assertStatus(cluster.requestJobResult(job).get(), JobStatus.FINISHED);
        return PayloadTotals.results();
    }

    private static void assertStatus(JobResult result, JobStatus wanted) {
        if (result.getJobStatus().orElse(null) != wanted) {
            throw new AssertionError(
                    "the job has ended as " + result.getJobStatus(),
                    result.getSerializedThrowable().orElse(null));
        }
    }

    /** The directory of all checkpoints of the job that was started last, in one of this machine. */
    Path checkpoints(Path storage) {
        return storage.resolve(job.toString());
    }

    /** Waits until something is so; fails if the job has failed meanwhile, or come to its end too early. */
    void await(String what, Callable<Boolean> isSo) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!isSo.call()) {
            JobStatus status = cluster.getJobStatus(job).get();
            if (status == JobStatus.FAILED) {
                assertStatus(cluster.requestJobResult(job).get(), JobStatus.RUNNING);
            }
            boolean isTooEarly = status == JobStatus.FINISHED && !PayloadTotals.mayFinish();
            if (isTooEarly || System.nanoTime() - end > 0) {
                throw new AssertionError(what + ": not so after " + PATIENCE + "; the job is " + status);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    /** All files below a directory; it may be changed meanwhile. */
    static List<Path> files(Path directory) throws IOException {
        List<Path> files = new ArrayList<>();
        if (!Files.exists(directory)) {
            return files;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                files.add(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException e) {
                return FileVisitResult.CONTINUE;
            }
        });
        return files;
    }

    @Override
    public void close() throws Exception {
        cluster.close();
    }
}
