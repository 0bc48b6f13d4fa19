package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.CloseableIterator;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A bounded job in batch mode gives what it gives on the heap. By default Flink sorts its input and keeps one key at a
 * time in a backend of its own; if that is turned off Holt holds the state of all keys until the input has ended.
 */
class BatchModeTest {

    private static final int KEYS = 100;
    private static final int RECORDS = 20_000;

    /** Whether Holt had a working directory while records were processed. */
    private static final AtomicBoolean HELD_BY_HOLT = new AtomicBoolean();

    @TempDir
    Path working;

    @BeforeEach
    void forget() {
        HELD_BY_HOLT.set(false);
    }

    @ParameterizedTest(name = "sorted by Flink: {0}")
    @ValueSource(booleans = {true, false})
    void givesTheResultsOfTheHeap(boolean sorted) throws Exception {
        List<String> results = run(sorted, TestStateBackendFactory.class.getName());
        assertThat(HELD_BY_HOLT.get()).isEqualTo(!sorted);
        assertThat(working).isEmptyDirectory();
        assertThat(results).isEqualTo(run(sorted, "hashmap"));
        assertThat(results).filteredOn(result -> result.startsWith("sum ")).containsExactlyElementsOf(sums());
        assertThat(results).hasSize(2 * KEYS);
    }

    /** Computed without Flink. */
    private static List<String> sums() {
        List<String> sums = new ArrayList<>();
        for (long key = 0; key < KEYS; key++) {
            long sum = 0;
            for (long number = key; number < RECORDS; number += KEYS) {
                sum += number;
            }
            sums.add("sum " + sum);
        }
        sums.sort(null);
        return sums;
    }

    @SuppressWarnings("try") // What is closed may be interrupted.
    private List<String> run(boolean sorted, String backend) throws Exception {
        Configuration config = new Configuration();
        config.set(StateBackendOptions.STATE_BACKEND, backend);
        config.set(HoltStateBackendOptions.LOCAL_DIRECTORIES, List.of(working.toString()));
        config.set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.BATCH);
        if (!sorted) {
            config.set(ExecutionOptions.USE_BATCH_STATE_BACKEND, false);
            config.set(ExecutionOptions.SORT_INPUTS, false);
        }
        config.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(128));
        List<String> results = new ArrayList<>();
        try (StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2, config)) {
            WatermarkStrategy<Long> ascending =
                    WatermarkStrategy.<Long>forMonotonousTimestamps().withTimestampAssigner((number, time) -> number);
            KeyedStream<Long, Long> numbers = environment
                    .fromSource(new NumberSequenceSource(0, RECORDS - 1), ascending, "numbers")
                    .keyBy(number -> number % KEYS);
            try (CloseableIterator<String> collected = numbers.reduce(Long::sum)
                    .map(sum -> "sum " + sum)
                    .union(numbers.process(new Contents(working.toFile())))
                    .executeAndCollect()) {
                collected.forEachRemaining(results::add);
            }
        }
        results.sort(null);
        return results;
    }

    /** Keeps several kinds of state and gives them when the input has ended. */
    private static final class Contents extends KeyedProcessFunction<Long, Long, String> {
        private static final long serialVersionUID = 1L;
        private static final int BUCKET = 1000;

        private final File working;
        private transient ValueState<Long> largest;
        private transient ListState<Long> each;
        private transient MapState<Long, Long> byBucket;
        private transient ValueState<Integer> fired;

        Contents(File working) {
            this.working = working;
        }

        @Override
        public void open(OpenContext context) {
            largest = getRuntimeContext().getState(new ValueStateDescriptor<>("largest", Long.class));
            each = getRuntimeContext().getListState(new ListStateDescriptor<>("each", Long.class));
            byBucket = getRuntimeContext().getMapState(new MapStateDescriptor<>("by bucket", Long.class, Long.class));
            fired = getRuntimeContext().getState(new ValueStateDescriptor<>("fired", Integer.class));
            String[] directories = working.list();
            HELD_BY_HOLT.compareAndSet(false, directories != null && directories.length > 0);
        }

        @Override
        public void processElement(Long number, Context context, Collector<String> out) throws Exception {
            // Whatever order records come in.
            largest.update(largest.value() == null ? number : Math.max(largest.value(), number));
            each.add(number);
            long bucket = number / BUCKET;
            Long inBucket = byBucket.get(bucket);
            byBucket.put(bucket, inBucket == null ? number : inBucket + number);
            byBucket.put(-1 - number, number);
            if (number % 3 != 0) {
                byBucket.remove(-1 - number);
            }
            context.timerService().registerEventTimeTimer((bucket + 1) * BUCKET);
            context.timerService().registerEventTimeTimer(Long.MAX_VALUE - 1);
        }

        @Override
        public void onTimer(long time, OnTimerContext context, Collector<String> out) throws Exception {
            if (time < Long.MAX_VALUE - 1) {
                fired.update(fired.value() == null ? 1 : fired.value() + 1);
                return;
            }
            List<Long> all = new ArrayList<>();
            each.get().forEach(all::add);
            TreeMap<Long, Long> buckets = new TreeMap<>();
            byBucket.entries().forEach(entry -> buckets.put(entry.getKey(), entry.getValue()));
            out.collect(context.getCurrentKey() + ": " + largest.value() + " " + fired.value() + " " + buckets + " "
                    + all.stream().sorted().toList());
        }
    }
}
