package io.holt.benchmarks.flink;

import io.holt.benchmarks.harness.FileTrees;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.State;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.typeutils.base.LongSerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.memory.MemoryManager;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.operators.testutils.MockEnvironmentBuilder;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyedStateBackendParametersImpl;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.apache.flink.runtime.util.TestingTaskManagerRuntimeInfo;

/** A keyed state backend outside of a job: keys of type long, managed memory of a given size. */
final class KeyedState implements AutoCloseable {

    private static final int KEY_GROUPS = 2;
    private static final int PAGE_BYTES = 32 * 1024;

    private final Path directory;
    private final MockEnvironment environment;
    private final CheckpointableKeyedStateBackend<Long> backend;

    KeyedState(BackendKind kind, long managedBytes, Path work) throws Exception {
        this(kind, managedBytes, work, KEY_GROUPS, new KeyGroupRange(0, KEY_GROUPS - 1), List.of());
    }

    KeyedState(
            BackendKind kind,
            long managedBytes,
            Path work,
            int keyGroups,
            KeyGroupRange range,
            List<KeyedStateHandle> handles)
            throws Exception {
        this.directory = Files.createTempDirectory(work, kind.label());
        this.environment = new MockEnvironmentBuilder()
                .setMemoryManager(MemoryManager.create(managedBytes, PAGE_BYTES))
                .setTaskManagerRuntimeInfo(new TestingTaskManagerRuntimeInfo(new Configuration(), directory.toFile()))
                .build();
        KeyedStateBackendParametersImpl<Long> parameters = new KeyedStateBackendParametersImpl<>(
                environment,
                new JobID(),
                "operator",
                LongSerializer.INSTANCE,
                keyGroups,
                range,
                environment.getTaskKvStateRegistry(),
                TtlTimeProvider.DEFAULT,
                new UnregisteredMetricsGroup(),
                handles,
                new CloseableRegistry());
        this.backend = kind.create().createKeyedStateBackend(parameters);
    }

    CheckpointableKeyedStateBackend<Long> backend() {
        return backend;
    }

    <S extends State> S state(StateDescriptor<S, ?> descriptor) throws Exception {
        return backend.getPartitionedState(VoidNamespace.INSTANCE, VoidNamespaceSerializer.INSTANCE, descriptor);
    }

    @Override
    public void close() throws IOException {
        backend.close();
        backend.dispose();
        try {
            environment.close();
        } catch (Exception e) {
            throw new IOException("the environment of the benchmark can't be closed", e);
        }
        FileTrees.delete(directory);
    }
}
