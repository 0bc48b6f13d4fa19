package io.holt.examples.flink;

import java.io.IOException;
import org.apache.flink.configuration.ReadableConfig;
import org.apache.flink.runtime.state.AbstractKeyedStateBackend;
import org.apache.flink.runtime.state.StateBackendFactory;
import org.apache.flink.runtime.state.hashmap.HashMapStateBackend;

/** Makes a state backend that fails when a task opens it. Public: Flink makes it by reflection. */
public final class BrokenStateBackendFactory implements StateBackendFactory<HashMapStateBackend> {

    @Override
    public HashMapStateBackend createFromConfig(ReadableConfig config, ClassLoader loader) {
        return new Broken();
    }

    private static final class Broken extends HashMapStateBackend {

        private static final long serialVersionUID = 1L;

        @Override
        public <K> AbstractKeyedStateBackend<K> createKeyedStateBackend(KeyedStateBackendParameters<K> parameters)
                throws IOException {
            throw new IOException("planted in " + parameters.getOperatorIdentifier());
        }
    }
}
