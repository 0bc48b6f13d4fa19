package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.RunnableFuture;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.filesystem.FsCheckpointStreamFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** State several times as large as the memory of the slot, and values of tens of MiB. */
class LargeStateTest {

    private static final int KEYS = 60_000;
    private static final int VALUE_BYTES = 1000;
    private static final int LARGE_BYTES = 20 << 20;

    @TempDir
    Path directory;

    private final MockEnvironment environment = MockEnvironment.builder().build();
    private CheckpointableKeyedStateBackend<String> keyed;
    private ValueState<byte[]> values;
    private MapState<String, byte[]> map;

    @AfterEach
    void stop() throws Exception {
        TestBackends.dispose(keyed);
        environment.close();
    }

    private void start(List<KeyedStateHandle> handles) throws Exception {
        Configuration options = new Configuration();
        options.set(HoltStateBackendOptions.FIXED_MEMORY_PER_SLOT, MemorySize.ofMebiBytes(24));
        HoltStateBackend backend = new HoltStateBackend(TestDatabases.factory())
                .configure(options, getClass().getClassLoader());
        keyed = TestBackends.create(backend, environment, handles);
        values = keyed.getPartitionedState(
                VoidNamespace.INSTANCE,
                VoidNamespaceSerializer.INSTANCE,
                new ValueStateDescriptor<>("values", BytePrimitiveArraySerializer.INSTANCE));
        map = keyed.getPartitionedState(
                VoidNamespace.INSTANCE,
                VoidNamespaceSerializer.INSTANCE,
                new MapStateDescriptor<>("map", StringSerializer.INSTANCE, BytePrimitiveArraySerializer.INSTANCE));
    }

    private static byte[] bytes(int seed, int length) {
        byte[] bytes = new byte[length];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private KeyedStateHandle checkpoint(long id) throws Exception {
        org.apache.flink.core.fs.Path target = org.apache.flink.core.fs.Path.fromLocalFile(
                Files.createDirectories(directory.resolve("checkpoints")).toFile());
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future = keyed.snapshot(
                id,
                id,
                new FsCheckpointStreamFactory(LocalFileSystem.getSharedInstance(), target, target, 0, 4096),
                CheckpointOptions.forCheckpointWithDefaultLocation());
        // State is used while the checkpoint is written.
        keyed.setCurrentKey("key-1");
        values.update(bytes(-1, VALUE_BYTES));
        future.run();
        KeyedStateHandle handle = future.get().getJobManagerOwnedSnapshot();
        values.update(bytes(1, VALUE_BYTES));
        return handle;
    }

    private void check() throws Exception {
        for (int i = 0; i < KEYS; i += 7) {
            keyed.setCurrentKey("key-" + i);
            assertThat(values.value()).isEqualTo(bytes(i, VALUE_BYTES));
        }
        keyed.setCurrentKey("large");
        assertThat(values.value()).isEqualTo(bytes(KEYS, LARGE_BYTES));
        assertThat(map.get("entry")).isEqualTo(bytes(KEYS + 1, LARGE_BYTES));
    }

    @Test
    void isKeptCheckpointedAndRestored() throws Exception {
        start(List.of());
        for (int i = 0; i < KEYS; i++) {
            keyed.setCurrentKey("key-" + i);
            values.update(bytes(i, VALUE_BYTES));
        }
        keyed.setCurrentKey("large");
        values.update(bytes(KEYS, LARGE_BYTES));
        map.put("entry", bytes(KEYS + 1, LARGE_BYTES));
        check();
        KeyedStateHandle handle = checkpoint(1);
        check();
        TestBackends.dispose(keyed);
        start(List.of(handle));
        check();
    }
}
