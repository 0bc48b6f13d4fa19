package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.flink.HoltStateBackendOptions.TimerService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReducingState;
import org.apache.flink.api.common.state.ReducingStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.changelog.fs.FsStateChangelogOptions;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.StateChangelogOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A job whose tasks fail twice after a checkpoint gives the result it would give without failures. */
class FailingJobTest {

    private static final int RECORDS = 60_000;
    private static final int KEYS = 500;
    private static final int FAILURES = 2;
    private static final long BUCKET = 1000;

    /** Failures so far, over all attempts of the job. */
    private static final AtomicInteger FAILED = new AtomicInteger();

    /** Tasks that began with restored state. */
    private static final AtomicInteger RESTORED = new AtomicInteger();

    @TempDir
    Path directory;

    /** What a checkpoint must have been written after for a failure to prove something. */
    private static final AtomicReference<Supplier<Boolean>> WRITTEN = new AtomicReference<>();

    @ParameterizedTest
    @EnumSource(TimerService.class)
    void recoversExactlyOnce(TimerService timers) throws Exception {
        WRITTEN.set(() -> true);
        assertThatItRecovers(new Configuration(), timers);
    }

    /** Failures come after Holt has written what the changelog needs no longer, so that is restored too. */
    @ParameterizedTest
    @EnumSource(TimerService.class)
    void recoversExactlyOnceBehindTheChangelog(TimerService timers) throws Exception {
        Path changes = Files.createDirectory(directory.resolve("changes"));
        WRITTEN.set(() -> hasFiles(directory.resolve("checkpoints"), "taskowned"));
        Configuration config = new Configuration();
        config.set(StateChangelogOptions.ENABLE_STATE_CHANGE_LOG, true);
        config.set(StateChangelogOptions.STATE_CHANGE_LOG_STORAGE, "filesystem");
        config.set(StateChangelogOptions.PERIODIC_MATERIALIZATION_INTERVAL, Duration.ofMillis(100));
        config.set(FsStateChangelogOptions.BASE_PATH, changes.toUri().toString());
        assertThatItRecovers(config, timers);
    }

    private static boolean hasFiles(Path parent, String directory) {
        try (Stream<Path> files = Files.walk(parent)) {
            return files.anyMatch(
                    file -> file.getParent().getFileName().toString().equals(directory) && Files.isRegularFile(file));
        } catch (IOException | UncheckedIOException e) {
            // A checkpoint is being deleted.
            return false;
        }
    }

    private void assertThatItRecovers(Configuration config, TimerService timers) throws Exception {
        FAILED.set(0);
        RESTORED.set(0);
        Path working = Files.createDirectory(directory.resolve("working"));
        config.set(StateBackendOptions.STATE_BACKEND, TestStateBackendFactory.class.getName());
        config.set(HoltStateBackendOptions.TIMER_SERVICE, timers);
        config.set(HoltStateBackendOptions.RESTORE_LAZILY_FROM, MemorySize.ZERO);
        config.set(HoltStateBackendOptions.LOCAL_DIRECTORIES, List.of(working.toString()));
        config.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(128));
        config.set(CheckpointingOptions.CHECKPOINTING_INTERVAL, Duration.ofMillis(50));
        config.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                directory.resolve("checkpoints").toUri().toString());
        config.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        config.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, FAILURES);
        config.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));

        assertThat(run(config)).containsExactlyElementsOf(expected());
        assertThat(FAILED).hasValue(FAILURES);
        assertThat(RESTORED.get()).isGreaterThanOrEqualTo(FAILURES);
        try (Stream<Path> left = Files.list(working)) {
            assertThat(left).isEmpty();
        }
    }

    @SuppressWarnings("try") // What is closed may be interrupted.
    private static List<String> run(Configuration config) throws Exception {
        List<String> results = new ArrayList<>();
        try (StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2, config)) {
            WatermarkStrategy<Long> ascending =
                    WatermarkStrategy.<Long>forMonotonousTimestamps().withTimestampAssigner((number, time) -> number);
            try (CloseableIterator<String> collected = environment
                    .fromSource(new NumberSequenceSource(0, RECORDS - 1), ascending, "numbers")
                    .map(FailingJobTest::heldBack)
                    .keyBy(number -> number % KEYS)
                    .process(new Totals())
                    .executeAndCollect()) {
                collected.forEachRemaining(results::add);
            }
        }
        results.sort(null);
        return results;
    }

    /**
     * Gives the failures time to come before the records end. Held back at the source: records that wait in buffers
     * would hold up the checkpoints that the failures wait for.
     */
    private static Long heldBack(Long number) throws InterruptedException {
        boolean late = number % (RECORDS / 2) > RECORDS / 4;
        if (FAILED.get() < FAILURES && (late || number % 16 == 0)) {
            Thread.sleep(1);
        }
        return number;
    }

    /** What the job is to give, computed without Flink. */
    private static List<String> expected() {
        List<String> expected = new ArrayList<>();
        for (long key = 0; key < KEYS; key++) {
            long count = 0;
            long sum = 0;
            List<Long> thousands = new ArrayList<>();
            TreeMap<Long, Long> byBucket = new TreeMap<>();
            for (long number = key; number < RECORDS; number += KEYS) {
                count++;
                sum += number;
                byBucket.merge(number / BUCKET, 1L, Long::sum);
                if (number % BUCKET == key) {
                    thousands.add(number);
                }
            }
            expected.add(key + ": " + count + " " + sum + " " + thousands + " " + byBucket.size() + " " + byBucket);
        }
        expected.sort(null);
        return expected;
    }

    /** Keeps every kind of state for each key and gives it when the input has ended. */
    private static final class Totals extends KeyedProcessFunction<Long, Long, String>
            implements CheckpointListener, CheckpointedFunction {
        private static final long serialVersionUID = 1L;

        private transient ValueState<Long> count;
        private transient ReducingState<Long> sum;
        private transient ListState<Long> thousands;
        private transient MapState<Long, Long> byBucket;
        private transient ValueState<Integer> bucketsEnded;
        private transient int checkpoints;

        @Override
        public void open(OpenContext context) {
            count = getRuntimeContext().getState(new ValueStateDescriptor<>("count", Long.class));
            bucketsEnded = getRuntimeContext().getState(new ValueStateDescriptor<>("buckets ended", Integer.class));
            sum = getRuntimeContext().getReducingState(new ReducingStateDescriptor<>("sum", Long::sum, Long.class));
            thousands = getRuntimeContext().getListState(new ListStateDescriptor<>("thousands", Long.class));
            byBucket = getRuntimeContext().getMapState(new MapStateDescriptor<>("by bucket", Long.class, Long.class));
        }

        @Override
        public void processElement(Long number, Context context, Collector<String> out) throws Exception {
            failOnceCheckpointed();
            Long counted = count.value();
            count.update(counted == null ? 1 : counted + 1);
            sum.add(number);
            if (number % BUCKET == context.getCurrentKey()) {
                thousands.add(number);
            }
            Long inBucket = byBucket.get(number / BUCKET);
            byBucket.put(number / BUCKET, inBucket == null ? 1 : inBucket + 1);
            context.timerService().registerEventTimeTimer((number / BUCKET + 1) * BUCKET - 1);
            context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
        }

        private void failOnceCheckpointed() {
            int failed = FAILED.get();
            if (failed == FAILURES) {
                return;
            }
            // The first one may have begun before all was written.
            if (checkpoints > 1 && FAILED.compareAndSet(failed, failed + 1)) {
                throw new IllegalStateException("failure " + (failed + 1) + ", on purpose");
            }
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            if (FAILED.get() < FAILURES && WRITTEN.get().get()) {
                checkpoints++;
            }
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) {
            // All state is keyed state.
        }

        @Override
        public void initializeState(FunctionInitializationContext context) {
            if (context.isRestored()) {
                RESTORED.incrementAndGet();
            }
        }

        @Override
        public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
            if (time < Long.MAX_VALUE - 1) {
                Integer ended = bucketsEnded.value();
                bucketsEnded.update(ended == null ? 1 : ended + 1);
                return;
            }
            List<Long> inThousands = new ArrayList<>();
            thousands.get().forEach(inThousands::add);
            inThousands.sort(null);
            TreeMap<Long, Long> buckets = new TreeMap<>();
            byBucket.entries().forEach(entry -> buckets.put(entry.getKey(), entry.getValue()));
            out.collect(context.getCurrentKey() + ": " + count.value() + " " + sum.get() + " " + inThousands + " "
                    + bucketsEnded.value() + " " + buckets);
        }
    }
}
