package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateBackendParametersImpl;
import org.apache.flink.runtime.state.TestableKeyedStateBackend;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The background clean-up removes what has expired, nothing else, though nobody reads it. */
class TtlSweepTest {

    private static final long TTL_MILLIS = 1000;
    private static final int KEYS = 3000;

    private final AtomicLong now = new AtomicLong();
    private final MockEnvironment environment = MockEnvironment.builder().build();
    private CheckpointableKeyedStateBackend<Integer> keyed;

    @BeforeEach
    void start() throws Exception {
        Configuration options = new Configuration();
        options.set(HoltStateBackendOptions.TTL_SWEEP_INTERVAL, Duration.ofMillis(1));
        keyed = TestDatabases.backend(options)
                .createKeyedStateBackend(new KeyedStateBackendParametersImpl<>(
                        environment,
                        new JobID(),
                        "operator",
                        IntSerializer.INSTANCE,
                        128,
                        new KeyGroupRange(0, 127),
                        environment.getTaskKvStateRegistry(),
                        now::get,
                        new UnregisteredMetricsGroup(),
                        List.of(),
                        new CloseableRegistry()));
    }

    @AfterEach
    void stop() throws Exception {
        TestBackends.dispose(keyed);
        environment.close();
    }

    private <S extends State> S state(StateDescriptor<S, ?> descriptor, boolean inBackground) throws Exception {
        StateTtlConfig.Builder ttl = StateTtlConfig.newBuilder(Duration.ofMillis(TTL_MILLIS));
        return state(
                descriptor,
                inBackground ? ttl.build() : ttl.disableCleanupInBackground().build());
    }

    private <S extends State> S state(StateDescriptor<S, ?> descriptor, StateTtlConfig ttl) throws Exception {
        descriptor.enableTimeToLive(ttl);
        return keyed.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, descriptor);
    }

    /** Sets keys, which is when the task's thread removes what was found, until so many records are left. */
    private void processUntil(int records) {
        while (recordsLeft() > records) {
            for (int key = 0; key < 100; key++) {
                keyed.setCurrentKey(key);
            }
        }
        assertThat(recordsLeft()).isEqualTo(records);
    }

    private int recordsLeft() {
        return ((TestableKeyedStateBackend<Integer>) keyed).numKeyValueStateEntries();
    }

    @Test
    @Timeout(60)
    void expiredValuesGoAndRenewedOnesStay() throws Exception {
        ValueState<String> value = state(new ValueStateDescriptor<>("value", StringSerializer.INSTANCE), true);
        for (int key = 0; key < KEYS; key++) {
            keyed.setCurrentKey(key);
            value.update("old" + key);
        }
        now.set(TTL_MILLIS - 1);
        for (int key = 0; key < KEYS; key += 3) {
            keyed.setCurrentKey(key);
            value.update("new" + key);
        }
        now.set(TTL_MILLIS);
        processUntil(KEYS / 3);
        for (int key = 0; key < KEYS; key++) {
            keyed.setCurrentKey(key);
            assertThat(value.value()).isEqualTo(key % 3 == 0 ? "new" + key : null);
        }
    }

    @Test
    @Timeout(60)
    void expiredEntriesAndElementsGoOneByOne() throws Exception {
        MapState<String, String> map =
                state(new MapStateDescriptor<>("map", StringSerializer.INSTANCE, StringSerializer.INSTANCE), true);
        ListState<Integer> list = state(new ListStateDescriptor<>("list", IntSerializer.INSTANCE), true);
        keyed.setCurrentKey(1);
        map.put("old", "a");
        map.put("renewed", "b");
        list.addAll(List.of(1, 2, 3));
        now.set(TTL_MILLIS / 2);
        map.put("renewed", "c");
        map.put("new", "d");
        list.add(4);
        now.set(TTL_MILLIS);
        // Two entries and one list.
        processUntil(3);
        keyed.setCurrentKey(1);
        assertThat(map.keys()).containsExactlyInAnyOrder("new", "renewed");
        assertThat(list.get()).containsExactly(4);
        now.set(2 * TTL_MILLIS);
        processUntil(0);
    }

    @Test
    @Timeout(60)
    void stateWithoutTheStrategyIsLeftAlone() throws Exception {
        ValueState<String> kept = state(new ValueStateDescriptor<>("kept", StringSerializer.INSTANCE), false);
        ValueState<String> swept = state(new ValueStateDescriptor<>("swept", StringSerializer.INSTANCE), true);
        for (int key = 0; key < 10; key++) {
            keyed.setCurrentKey(key);
            kept.update("kept");
            swept.update("swept");
        }
        now.set(TTL_MILLIS);
        processUntil(10);
    }

    @Test
    void incrementalCleanUpVisitsAllRecordsOnceARound() throws Exception {
        StateTtlConfig incremental = StateTtlConfig.newBuilder(Duration.ofMillis(TTL_MILLIS))
                .disableCleanupInBackground()
                .cleanupIncrementally(5, true)
                .build();
        ValueState<String> value = state(new ValueStateDescriptor<>("value", StringSerializer.INSTANCE), incremental);
        MapState<String, String> map = state(
                new MapStateDescriptor<>("map", StringSerializer.INSTANCE, StringSerializer.INSTANCE), incremental);
        ListState<Integer> list = state(new ListStateDescriptor<>("list", IntSerializer.INSTANCE), incremental);
        for (int key = 0; key < 100; key++) {
            keyed.setCurrentKey(key);
            value.update("old");
            map.putAll(Map.of("a", "old", "b", "old"));
            list.addAll(List.of(1, 2));
        }
        now.set(TTL_MILLIS - 1);
        for (int key = 0; key < 10; key++) {
            keyed.setCurrentKey(key);
            value.update("new");
            map.put("b", "new");
            list.add(3);
        }
        now.set(TTL_MILLIS);
        for (int key = 0; key < 100; key++) {
            keyed.setCurrentKey(-1);
        }
        assertThat(recordsLeft()).isEqualTo(30);
        for (int key = 0; key < 10; key++) {
            keyed.setCurrentKey(key);
            assertThat(value.value()).isEqualTo("new");
            assertThat(map.keys()).containsExactly("b");
            assertThat(list.get()).containsExactly(3);
        }
    }
}
