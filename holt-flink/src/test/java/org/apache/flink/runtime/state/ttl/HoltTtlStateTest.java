package org.apache.flink.runtime.state.ttl;

import io.holt.flink.TestDatabases;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.testutils.junit.extensions.parameterized.ParameterizedTestExtension;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/** Flink's own suite for state with a time to live, with full checkpoints, which leave expired state out. */
@ExtendWith(ParameterizedTestExtension.class)
class HoltTtlStateTest extends TtlStateTestBase {

    @Override
    protected StateBackendTestContext createStateBackendTestContext(TtlTimeProvider timeProvider) {
        return new StateBackendTestContext(timeProvider) {
            @Override
            protected StateBackend createStateBackend() {
                Configuration options = new Configuration();
                options.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, isIncremental());
                return TestDatabases.backend(options);
            }
        };
    }

    boolean isIncremental() {
        return false;
    }

    @Override
    protected boolean incrementalCleanupSupported() {
        return true;
    }

    /** Skipped for RocksDB too, which has no incremental clean-up. */
    @Override
    @TestTemplate
    @Disabled("It looks into the tables of Flink's heap backend; TtlSweepTest tests the same by counting records.")
    void testIncrementalCleanupWholeState() {}
}
