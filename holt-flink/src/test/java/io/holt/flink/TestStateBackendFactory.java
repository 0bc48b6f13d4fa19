package io.holt.flink;

import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.state.StateBackendFactory;

/** As {@link HoltStateBackendFactory}, on the databases of the tests. */
public final class TestStateBackendFactory implements StateBackendFactory<HoltStateBackend> {

    @Override
    public HoltStateBackend createFromConfig(ReadableConfig config, ClassLoader classLoader) {
        return new HoltStateBackend(TestDatabases.factory()).configure(config, classLoader);
    }
}
