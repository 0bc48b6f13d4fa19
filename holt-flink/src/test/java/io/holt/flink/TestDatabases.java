package io.holt.flink;

import io.holt.api.Durability;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.MemoryBudget;
import io.holt.flink.backend.HoltDbFactory;
import io.holt.testkit.ModelDb;
import java.nio.file.Path;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;

/** What the tests' backends stand on: the engine, or the model of it with {@code -Dholt.flink.test.db=model}. */
public final class TestDatabases {

    private static final boolean MODEL = "model".equals(System.getProperty("holt.flink.test.db", "engine"));

    private TestDatabases() {}

    public static HoltDbFactory factory() {
        return MODEL ? new ModelDbFactory() : HoltDbFactory.ENGINE;
    }

    /** A database without a backend around it. */
    public static HoltDb open(Path directory) {
        HoltOptions options = HoltOptions.builder()
                .memoryBytes(64L * 1024 * 1024)
                .durability(Durability.NONE)
                .build();
        return factory().open(directory, options);
    }

    /** A backend with memory of its own, for environments whose managed memory is too small. */
    public static HoltStateBackend backend(Configuration options) {
        Configuration config = new Configuration(options);
        config.set(HoltStateBackendOptions.FIXED_MEMORY_PER_SLOT, MemorySize.ofMebiBytes(64));
        return managedBackend(config);
    }

    /** A backend that takes the managed memory of its slot, if it is not told otherwise. */
    static HoltStateBackend managedBackend(Configuration options) {
        Configuration config = new Configuration(options);
        if (!config.contains(HoltStateBackendOptions.RESTORE_LAZILY_FROM)) {
            // The states of tests are small.
            config.set(HoltStateBackendOptions.RESTORE_LAZILY_FROM, MemorySize.ZERO);
        }
        return new HoltStateBackend(factory()).configure(config, TestDatabases.class.getClassLoader());
    }

    public static HoltStateBackend backend() {
        return backend(new Configuration());
    }

    private static final class ModelDbFactory implements HoltDbFactory {
        private static final long serialVersionUID = 1L;

        @Override
        public MemoryBudget memory(long bytes) {
            return new ModelBudget(bytes);
        }

        @Override
        public HoltDb open(Path directory, HoltOptions options) {
            if (options.memory().orElse(null) instanceof ModelBudget budget && budget.closed) {
                throw new HoltClosedException("memory budget");
            }
            return new ModelDb(options);
        }
    }

    private static final class ModelBudget implements MemoryBudget {
        private final long capacityBytes;
        private boolean closed;

        ModelBudget(long capacityBytes) {
            this.capacityBytes = capacityBytes;
        }

        @Override
        public long capacityBytes() {
            return capacityBytes;
        }

        @Override
        public long usedBytes() {
            return 0;
        }

        @Override
        public void close() {
            closed = true;
        }
    }
}
