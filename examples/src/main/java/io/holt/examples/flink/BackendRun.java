package io.holt.examples.flink;

import com.sun.management.OperatingSystemMXBean;
import java.io.PrintStream;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.configuration.WebOptions;
import org.apache.flink.core.execution.CheckpointingMode;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.checkpoint.CheckpointStatsSnapshot;
import org.apache.flink.runtime.executiongraph.AccessExecutionGraph;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.runtime.scheduler.ExecutionGraphInfo;
import org.apache.flink.runtime.scheduler.exceptionhistory.RootExceptionHistoryEntry;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.FlinkException;

/** Runs the job once, on a MiniCluster in this process. */
final class BackendRun {

    private BackendRun() {}

    /**
     * Runs the job to its end and measures it.
     *
     * @param progress where the progress line goes
     * @throws Exception what the job failed with, other than by the planned kills
     */
    @SuppressWarnings("try") // MiniCluster.close() declares Exception, and an interruption there is a failure too.
    static RunReport execute(RunSpec spec, PrintStream progress) throws Exception {
        String run = spec.backend().name() + "-" + UUID.randomUUID();
        RunScope scope = RunScope.open(
                run,
                spec.stream(),
                new KillPlan(spec.events(), spec.kills()),
                FileSystemPipeline.KEYED_FUNCTIONS * spec.parallelism());
        try (MemorySampler memory = new MemorySampler();
                MiniCluster cluster = new MiniCluster(clusterConfiguration(spec))) {
            cluster.start();
            long cpuBefore = cpuNanos();
            JobID job = runToEnd(spec, run, cluster, progress);
            long cpuNanos = cpuNanos() - cpuBefore;
            return report(spec, scope, cluster.getExecutionGraph(job).get(), cpuNanos, memory);
        } finally {
            RunScope.close(run);
        }
    }

    @SuppressWarnings("try") // As above.
    private static JobID runToEnd(RunSpec spec, String run, MiniCluster cluster, PrintStream progress)
            throws Exception {
        try (StreamExecutionEnvironment env = environment(cluster, spec)) {
            FileSystemPipeline.build(env, spec.rules(), run);
            JobClient job =
                    env.executeAsync("file system metadata on " + spec.backend().name());
            try (ProgressLine line = new ProgressLine(spec, RunScope.of(run).probe(), progress)) {
                job.getJobExecutionResult().get();
            } catch (ExecutionException e) {
                throw firstUnplanned(
                        cluster.getExecutionGraphInfo(job.getJobID()).get(), e);
            }
            return job.getJobID();
        }
    }

    // What ends a job may be a late consequence: the last kill, say, after a failure that used up a restart.
    private static Exception firstUnplanned(ExecutionGraphInfo job, Exception end) {
        for (RootExceptionHistoryEntry failure : job.getExceptionHistory()) {
            if (!failure.getExceptionAsString().contains(TaskKilledException.class.getName())) {
                return new FlinkException(failure.getFailingTaskName() + " failed", failure.getException());
            }
        }
        return end;
    }

    private static RunReport report(
            RunSpec spec, RunScope scope, AccessExecutionGraph graph, long cpuNanos, MemorySampler memory) {
        CheckpointStatsSnapshot stats = graph.getCheckpointStatsSnapshot();
        RunProbe probe = scope.probe();
        return new RunReport(
                spec,
                graph.getStateBackendName().orElse("unknown"),
                scope.state(),
                probe.elapsedNanos(),
                probe.lastStretchEventsASecond(spec.events()),
                probe.recoveryNanos(),
                scope.kills().kills(),
                stats.getCounts().getNumberOfRestoredCheckpoints(),
                probe.repeatedEvents(),
                CheckpointFigure.of(stats),
                cpuNanos,
                memory.peakBytes());
    }

    private static long cpuNanos() {
        return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime();
    }

    private static MiniClusterConfiguration clusterConfiguration(RunSpec spec) {
        Configuration configuration = new Configuration();
        configuration.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, new MemorySize(spec.managedBytes()));
        configuration.set(CoreOptions.TMP_DIRS, spec.localState().toString());
        configuration.set(WebOptions.CHECKPOINTS_HISTORY_SIZE, 100_000);
        return new MiniClusterConfiguration.Builder()
                .setConfiguration(configuration)
                .setNumTaskManagers(1)
                .setNumSlotsPerTaskManager(spec.parallelism())
                .withRandomPorts()
                .build();
    }

    private static StreamExecutionEnvironment environment(MiniCluster cluster, RunSpec spec) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(StateBackendOptions.STATE_BACKEND, spec.backend().type());
        configuration.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                spec.checkpoints().toUri().toString());
        configuration.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(spec.checkpointMillis()));
        configuration.set(CheckpointingOptions.CHECKPOINTING_CONSISTENCY_MODE, CheckpointingMode.EXACTLY_ONCE);
        // As many restarts as kills: any other failure ends the job.
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, spec.kills() > 0 ? "fixed-delay" : "none");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, Math.max(1, spec.kills()));
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ZERO);
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        URI address = cluster.getRestAddress().get();
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.createRemoteEnvironment(address.getHost(), address.getPort(), configuration);
        env.setParallelism(spec.parallelism());
        return env;
    }
}
