package io.holt.flink;

import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.state.StateBackendFactory;

/**
 * What {@code state.backend.type} names: {@code io.holt.flink.HoltStateBackendFactory}. Cheap; it is called in the
 * client, in the JobManager and for each subtask.
 */
public final class HoltStateBackendFactory implements StateBackendFactory<HoltStateBackend> {

    /** @throws org.apache.flink.configuration.IllegalConfigurationException if an option has an unusable value */
    @Override
    public HoltStateBackend createFromConfig(ReadableConfig config, ClassLoader classLoader) {
        return new HoltStateBackend().configure(config, classLoader);
    }
}
