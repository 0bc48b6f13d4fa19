package org.apache.flink.runtime.state.ttl;

import io.holt.flink.TestDatabases;
import org.apache.flink.runtime.state.StateBackend;
import org.apache.flink.testutils.junit.extensions.parameterized.ParameterizedTestExtension;
import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/** Flink's own suite for state with a time to live. */
@ExtendWith(ParameterizedTestExtension.class)
class HoltTtlStateTest extends TtlStateTestBase {

    @Override
    protected StateBackendTestContext createStateBackendTestContext(TtlTimeProvider timeProvider) {
        return new StateBackendTestContext(timeProvider) {
            @Override
            protected StateBackend createStateBackend() {
                return TestDatabases.backend();
            }
        };
    }

    @Override
    protected boolean incrementalCleanupSupported() {
        return true;
    }

    @Override
    @TestTemplate
    @Disabled("It looks into the tables of Flink's heap backend; TtlSweepTest tests the same by counting records.")
    void testIncrementalCleanupWholeState() {}
}
