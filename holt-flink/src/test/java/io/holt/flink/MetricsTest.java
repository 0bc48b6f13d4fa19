package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.StateLatencyTrackOptions;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.metrics.Gauge;
import org.apache.flink.metrics.Histogram;
import org.apache.flink.metrics.MetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateBackendParametersImpl;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Figures of the database and of state access are in Flink's metric groups. */
class MetricsTest {

    private static final long FRAME_BYTES = 512 * 1024;

    private final MockEnvironment environment = MockEnvironment.builder().build();
    private final Map<String, Gauge<?>> gauges = new HashMap<>();
    private final Map<String, Histogram> histograms = new HashMap<>();

    @AfterEach
    void stop() throws Exception {
        environment.close();
    }

    /** Keeps what is registered, by its name with the names of its groups before it. */
    private final class Recorder extends UnregisteredMetricsGroup {
        private final String prefix;

        Recorder(String prefix) {
            this.prefix = prefix;
        }

        @Override
        public MetricGroup addGroup(String name) {
            return new Recorder(prefix + name + ".");
        }

        @Override
        public MetricGroup addGroup(String key, String value) {
            return new Recorder(prefix + key + "." + value + ".");
        }

        @Override
        public <T, G extends Gauge<T>> G gauge(String name, G gauge) {
            gauges.put(prefix + name, gauge);
            return gauge;
        }

        @Override
        public <H extends Histogram> H histogram(String name, H histogram) {
            histograms.put(prefix + name, histogram);
            return histogram;
        }
    }

    private CheckpointableKeyedStateBackend<String> create(Configuration options) throws Exception {
        return TestDatabases.backend(options)
                .createKeyedStateBackend(new KeyedStateBackendParametersImpl<>(
                        environment,
                        new JobID(),
                        "operator",
                        StringSerializer.INSTANCE,
                        TestBackends.KEY_GROUPS,
                        new KeyGroupRange(0, TestBackends.KEY_GROUPS - 1),
                        environment.getTaskKvStateRegistry(),
                        TtlTimeProvider.DEFAULT,
                        new Recorder(""),
                        List.of(),
                        new CloseableRegistry()));
    }

    private long number(String gauge) {
        return ((Number) gauges.get(gauge).getValue()).longValue();
    }

    @Test
    void figuresOfDatabaseAndCheckpoints() throws Exception {
        CheckpointableKeyedStateBackend<String> keyed = create(new Configuration());
        keyed.setCurrentKey("a");
        TestBackends.valueState(keyed).update(1);
        TestBackends.checkpoint(keyed);
        assertThat(gauges)
                .containsKeys(
                        "holt.frames",
                        "holt.framesCached",
                        "holt.evictions",
                        "holt.localFileBytes",
                        "holt.expiredRecordsRemoved",
                        "holt.ioEngine");
        assertThat(number("holt.checkpointFrames")).isPositive();
        assertThat(number("holt.checkpointUploadedFrames")).isEqualTo(number("holt.checkpointFrames"));
        assertThat(number("holt.checkpointUploadedBytes")).isGreaterThan(1000);
        // No checkpoint is confirmed yet, so all is still to be written.
        assertThat(number("holt.dirtyBytes")).isEqualTo(number("holt.frames") * FRAME_BYTES);
        assertThat(number("holt.hitRate")).isEqualTo(1);
        assertThat(number("holt.slotMemoryBytes")).isEqualTo(64L * 1024 * 1024);
        TestBackends.dispose(keyed);
        // Reporters may still ask.
        assertThat(number("holt.frames")).isNotNegative();
    }

    /** Waits until the figures, which are kept for a second, are of a later moment. */
    private void await(BooleanSupplier isSo) throws InterruptedException {
        while (!isSo.getAsBoolean()) {
            Thread.sleep(50);
        }
    }

    @Test
    void dirtyBytesAreThoseAfterTheLastConfirmedCheckpoint() throws Exception {
        CheckpointableKeyedStateBackend<String> keyed = create(new Configuration());
        keyed.setCurrentKey("a");
        TestBackends.valueState(keyed).update(1);
        TestBackends.checkpoint(keyed, 1);
        TestBackends.listener(keyed).notifyCheckpointComplete(1);
        await(() -> number("holt.dirtyBytes") == 0);
        TestBackends.valueState(keyed).update(2);
        await(() -> number("holt.dirtyBytes") == FRAME_BYTES);
        TestBackends.dispose(keyed);
    }

    @Test
    void hitRateFallsWhenFramesAreReadIn() throws Exception {
        CheckpointableKeyedStateBackend<String> keyed = create(new Configuration());
        ValueState<byte[]> value = keyed.getPartitionedState(
                VoidNamespace.INSTANCE,
                VoidNamespaceSerializer.INSTANCE,
                new ValueStateDescriptor<>("bytes", BytePrimitiveArraySerializer.INSTANCE));
        int keys = 3000;
        for (int i = 0; i < keys; i++) {
            keyed.setCurrentKey("key " + i);
            value.update(new byte[32 * 1024]);
        }
        long before = number("holt.framesRead");
        for (int i = 0; i < keys; i++) {
            keyed.setCurrentKey("key " + i);
            assertThat(value.value()).hasSize(32 * 1024);
        }
        await(() -> number("holt.framesRead") > before);
        double hitRate = ((Number) gauges.get("holt.hitRate").getValue()).doubleValue();
        assertThat(hitRate).isStrictlyBetween(0.0, 1.0);
        TestBackends.dispose(keyed);
    }

    @Test
    void noneIfSwitchedOff() throws Exception {
        Configuration options = new Configuration();
        options.set(HoltStateBackendOptions.METRICS, false);
        TestBackends.dispose(create(options));
        assertThat(gauges).isEmpty();
    }

    @Test
    void latencyAndSizeOfStateAccessAreTracked() throws Exception {
        Configuration options = new Configuration();
        options.set(StateLatencyTrackOptions.LATENCY_TRACK_ENABLED, true);
        options.set(StateLatencyTrackOptions.LATENCY_TRACK_SAMPLE_INTERVAL, 2);
        options.setString("state.size-track.keyed-state-enabled", "true");
        options.setString("state.size-track.sample-interval", "2");
        CheckpointableKeyedStateBackend<String> keyed = create(options);
        keyed.setCurrentKey("a");
        ValueState<Integer> value = TestBackends.valueState(keyed);
        for (int i = 0; i < 10; i++) {
            value.update(i);
            assertThat(value.value()).isEqualTo(i);
        }
        TestBackends.dispose(keyed);
        assertThat(histograms.keySet())
                .anyMatch(name -> name.contains("valueStateGetLatency"))
                .anyMatch(name -> name.toLowerCase(Locale.ROOT).contains("size"));
        assertThat(histograms.values()).anyMatch(histogram -> histogram.getCount() > 0);
    }
}
