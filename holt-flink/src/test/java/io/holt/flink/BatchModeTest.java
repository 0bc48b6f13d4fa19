package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.RuntimeExecutionMode;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.ExecutionOptions;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.configuration.TaskManagerOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.CloseableIterator;
import org.junit.jupiter.api.Test;

/** A bounded job in batch mode runs with Holt configured: Flink then sorts its input and keeps one key at a time. */
class BatchModeTest {

    private static final int KEYS = 10;
    private static final int RECORDS = 1000;

    @SuppressWarnings("try") // What is closed may be interrupted.
    @Test
    void runs() throws Exception {
        Configuration config = new Configuration();
        config.set(StateBackendOptions.STATE_BACKEND, TestStateBackendFactory.class.getName());
        config.set(ExecutionOptions.RUNTIME_MODE, RuntimeExecutionMode.BATCH);
        config.set(TaskManagerOptions.MANAGED_MEMORY_SIZE, MemorySize.ofMebiBytes(128));
        List<Long> sums = new ArrayList<>();
        List<Long> expected = new ArrayList<>();
        for (long key = 0; key < KEYS; key++) {
            long sum = 0;
            for (long number = key; number < RECORDS; number += KEYS) {
                sum += number;
            }
            expected.add(sum);
        }
        try (StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(2, config)) {
            try (CloseableIterator<Long> collected = environment
                    .fromSource(new NumberSequenceSource(0, RECORDS - 1), WatermarkStrategy.noWatermarks(), "numbers")
                    .keyBy(number -> number % KEYS)
                    .reduce(Long::sum)
                    .executeAndCollect()) {
                collected.forEachRemaining(sums::add);
            }
        }
        assertThat(sums).containsExactlyInAnyOrderElementsOf(expected);
    }
}
