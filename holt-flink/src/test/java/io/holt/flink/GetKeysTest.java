package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.api.java.tuple.Tuple2;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateBackendParametersImpl;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.junit.jupiter.api.Test;

/** Keys of a fixed length, without namespaces, are given once each, however many entries their maps have. */
class GetKeysTest {

    private static final int KEYS = 5_000;
    private static final int ENTRIES = 12;

    @SuppressWarnings("try") // Closing may be interrupted.
    @Test
    void eachKeyWithEntriesOnce() throws Exception {
        try (MockEnvironment environment = MockEnvironment.builder().build()) {
            CheckpointableKeyedStateBackend<Long> keyed = TestDatabases.backend()
                    .createKeyedStateBackend(new KeyedStateBackendParametersImpl<>(
                            environment,
                            new JobID(),
                            "operator",
                            LongSerializer.INSTANCE,
                            TestBackends.KEY_GROUPS,
                            new KeyGroupRange(0, TestBackends.KEY_GROUPS - 1),
                            environment.getTaskKvStateRegistry(),
                            TtlTimeProvider.DEFAULT,
                            new UnregisteredMetricsGroup(),
                            List.of(),
                            new CloseableRegistry()));
            MapState<Long, Long> map = keyed.getPartitionedState(
                    VoidNamespace.INSTANCE,
                    VoidNamespaceSerializer.INSTANCE,
                    new MapStateDescriptor<>("map", LongSerializer.INSTANCE, LongSerializer.INSTANCE));
            for (long key = 0; key < KEYS; key++) {
                keyed.setCurrentKey(key);
                for (long entry = 0; entry < key % ENTRIES; entry++) {
                    map.put(entry, entry);
                }
            }
            List<Long> expected = LongStream.range(0, KEYS)
                    .filter(key -> key % ENTRIES != 0)
                    .boxed()
                    .toList();
            try (Stream<Long> keys = keyed.getKeys("map", VoidNamespace.INSTANCE)) {
                assertThat(keys).containsExactlyInAnyOrderElementsOf(expected);
            }
            try (Stream<Tuple2<Long, VoidNamespace>> keys = keyed.getKeysAndNamespaces("map")) {
                assertThat(keys.map(pair -> pair.f0)).containsExactlyInAnyOrderElementsOf(expected);
            }
            TestBackends.dispose(keyed);
        }
    }
}
