package org.apache.flink.test.state;

import io.holt.flink.HoltStateBackendOptions;
import io.holt.flink.HoltStateBackendOptions.TimerService;
import io.holt.flink.TestDatabases;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateBackendParametersImpl;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.test.state.BackendSwitchSpecs.BackendSwitchSpec;
import org.apache.flink.testutils.junit.extensions.parameterized.Parameters;

/** Flink's own suite for changing the backend by a canonical savepoint: from Holt to each other backend and back. */
class HoltSavepointStateBackendSwitchTest extends SavepointStateBackendSwitchTestBase {

    HoltSavepointStateBackendSwitchTest(BackendSwitchSpec from, BackendSwitchSpec to) {
        super(from, to);
    }

    @Parameters(name = "from {0} to {1}")
    public static Collection<BackendSwitchSpec[]> settings() {
        List<BackendSwitchSpec> ours = List.of(new HoltSpec(TimerService.HOLT), new HoltSpec(TimerService.HEAP));
        List<BackendSwitchSpec> others =
                List.of(BackendSwitchSpecs.ROCKS, BackendSwitchSpecs.ROCKS_HEAP_TIMERS, BackendSwitchSpecs.HEAP);
        List<BackendSwitchSpec[]> switches = new ArrayList<>();
        for (BackendSwitchSpec holt : ours) {
            for (BackendSwitchSpec other : others) {
                switches.add(new BackendSwitchSpec[] {holt, other});
                switches.add(new BackendSwitchSpec[] {other, holt});
            }
            for (BackendSwitchSpec otherHolt : ours) {
                switches.add(new BackendSwitchSpec[] {holt, otherHolt});
            }
        }
        return switches;
    }

    @SuppressWarnings("try") // The environment declares any exception.
    private static final class HoltSpec implements BackendSwitchSpec {
        private final TimerService timers;
        private final MockEnvironment environment = MockEnvironment.builder().build();

        HoltSpec(TimerService timers) {
            this.timers = timers;
        }

        @Override
        public CheckpointableKeyedStateBackend<String> createBackend(
                KeyGroupRange keyGroups, int numberOfKeyGroups, Collection<KeyedStateHandle> handles) throws Exception {
            Configuration options = new Configuration();
            options.set(HoltStateBackendOptions.TIMER_SERVICE, timers);
            return TestDatabases.backend(options)
                    .createKeyedStateBackend(new KeyedStateBackendParametersImpl<>(
                            environment,
                            new JobID(),
                            "operator",
                            StringSerializer.INSTANCE,
                            numberOfKeyGroups,
                            keyGroups,
                            environment.getTaskKvStateRegistry(),
                            TtlTimeProvider.DEFAULT,
                            new UnregisteredMetricsGroup(),
                            handles,
                            new CloseableRegistry()));
        }

        @Override
        public void close() throws Exception {
            environment.close();
        }

        @Override
        public String toString() {
            return "Holt with timers in " + timers;
        }
    }
}
