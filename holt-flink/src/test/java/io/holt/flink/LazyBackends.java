package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.flink.backend.HoltKeyedStateBackend;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.RunnableFuture;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.checkpoint.SnapshotType;
import org.apache.flink.runtime.memory.MemoryManager;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.CheckpointStorageLocationReference;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.KeyGroupRangeAssignment;
import org.apache.flink.runtime.state.KeyedStateBackendParametersImpl;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SharedStateRegistry;
import org.apache.flink.runtime.state.SharedStateRegistryImpl;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.apache.flink.runtime.state.filesystem.FsCheckpointStreamFactory;
import org.apache.flink.runtime.state.ttl.TtlTimeProvider;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** Backends of several subtasks that are restored lazily, and what their state must be. */
abstract class LazyBackends {

    static final int KEY_GROUPS = 128;
    static final int KEYS = 25_000;
    private static final int VALUE_BYTES = 300;
    private static final int LARGE_KEYS = 20;
    private static final int LARGE_BYTES = 200_000;
    private static final long MANAGED_BYTES = 64L * 1024 * 1024;

    @TempDir
    Path directory;

    @TempDir
    Path workingDirectory;

    final MockEnvironment environment = MockEnvironment.builder()
            .setMemoryManager(MemoryManager.create(MANAGED_BYTES, MemoryManager.DEFAULT_PAGE_SIZE))
            .build();
    final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    final Map<String, byte[]> model = new HashMap<>();
    final Random random = new Random(1);
    private final SharedStateRegistry registry = new SharedStateRegistryImpl(Runnable::run);
    private final List<KeyedStateHandle> registered = new ArrayList<>();
    List<Subtask> subtasks = new ArrayList<>();
    boolean incremental = true;

    /** Null: the managed memory of the slot. */
    MemorySize fixedMemory;

    long checkpointId;

    /** A backend and its state. */
    record Subtask(CheckpointableKeyedStateBackend<String> keyed, ValueState<byte[]> values) {
        HoltKeyedStateBackend<String> holt() {
            return (HoltKeyedStateBackend<String>) keyed;
        }
    }

    @AfterEach
    void stop() throws Exception {
        assertBackendsHoldSomething();
        disposeAll();
        assertNothingIsHeld();
        discardAll();
        environment.close();
    }

    /** Otherwise it would say nothing that they hold nothing when they are disposed of. */
    private void assertBackendsHoldSomething() throws IOException {
        if (!subtasks.isEmpty()) {
            assertThat(environment.getMemoryManager().verifyEmpty()).isEqualTo(fixedMemory != null);
            assertThat(working()).hasSameSizeAs(subtasks);
        }
    }

    /** Of the slot's memory, and in the working directory. */
    void assertNothingIsHeld() throws IOException {
        assertThat(environment.getMemoryManager().verifyEmpty()).isTrue();
        assertThat(working()).isEmpty();
    }

    List<Path> working() throws IOException {
        try (Stream<Path> files = Files.list(workingDirectory)) {
            return files.toList();
        }
    }

    /** No checkpoint is needed any more, so nothing may be left of any, failed ones included. */
    private void discardAll() throws Exception {
        for (KeyedStateHandle handle : registered) {
            handle.discardState();
        }
        registry.unregisterUnusedState(Long.MAX_VALUE);
        try (Stream<Path> files = Files.walk(directory)) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    void disposeAll() throws Exception {
        for (Subtask subtask : subtasks) {
            TestBackends.dispose(subtask.keyed);
        }
        subtasks = new ArrayList<>();
    }

    void start(int parallelism, List<KeyedStateHandle> handles) throws Exception {
        environment.setExternalFailureCauseConsumer(failure::complete);
        for (int i = 0; i < parallelism; i++) {
            KeyGroupRange range =
                    KeyGroupRangeAssignment.computeKeyGroupRangeForOperatorIndex(KEY_GROUPS, parallelism, i);
            List<KeyedStateHandle> assigned = handles.stream()
                    .map(handle -> handle.getIntersection(range))
                    .filter(Objects::nonNull)
                    .toList();
            Configuration options = new Configuration();
            options.set(CheckpointingOptions.INCREMENTAL_CHECKPOINTS, incremental);
            options.set(HoltStateBackendOptions.LOCAL_DIRECTORIES, List.of(workingDirectory.toString()));
            options.set(HoltStateBackendOptions.RESTORE_LAZILY_FROM, MemorySize.ZERO);
            options.set(HoltStateBackendOptions.CHECKPOINT_PACK_SIZE, MemorySize.ofMebiBytes(1));
            if (fixedMemory != null) {
                options.set(HoltStateBackendOptions.FIXED_MEMORY_PER_SLOT, fixedMemory);
            }
            HoltStateBackend backend =
                    new HoltStateBackend().configure(options, getClass().getClassLoader());
            CheckpointableKeyedStateBackend<String> keyed =
                    backend.createKeyedStateBackend(new KeyedStateBackendParametersImpl<>(
                            environment,
                            new JobID(),
                            "operator",
                            StringSerializer.INSTANCE,
                            KEY_GROUPS,
                            range,
                            environment.getTaskKvStateRegistry(),
                            TtlTimeProvider.DEFAULT,
                            new UnregisteredMetricsGroup(),
                            assigned,
                            new CloseableRegistry()));
            ValueState<byte[]> values = keyed.getPartitionedState(
                    VoidNamespace.INSTANCE,
                    VoidNamespaceSerializer.INSTANCE,
                    new ValueStateDescriptor<>("values", BytePrimitiveArraySerializer.INSTANCE));
            subtasks.add(new Subtask(keyed, values));
        }
    }

    ValueState<byte[]> at(String key) {
        int keyGroup = KeyGroupRangeAssignment.assignToKeyGroup(key, KEY_GROUPS);
        int index = KeyGroupRangeAssignment.computeOperatorIndexForKeyGroup(KEY_GROUPS, subtasks.size(), keyGroup);
        subtasks.get(index).keyed.setCurrentKey(key);
        return subtasks.get(index).values;
    }

    void change(int changes) throws IOException {
        for (int i = 0; i < changes; i++) {
            String key = "key-" + random.nextInt(KEYS);
            byte[] value = new byte[VALUE_BYTES];
            random.nextBytes(value);
            if (random.nextInt(20) == 0) {
                at(key).clear();
                model.remove(key);
            } else {
                at(key).update(value);
                model.put(key, value);
            }
        }
    }

    /** Values that have frames of their own, in the last packs. */
    void addLarge() throws IOException {
        for (int i = 0; i < LARGE_KEYS; i++) {
            byte[] value = new byte[LARGE_BYTES];
            random.nextBytes(value);
            at("large-" + i).update(value);
            model.put("large-" + i, value);
        }
    }

    void checkAll() throws IOException {
        check(1);
        for (int i = 0; i < LARGE_KEYS; i++) {
            assertThat(at("large-" + i).value()).isEqualTo(model.get("large-" + i));
        }
    }

    /** Looks at some keys, none of whose values is large. */
    void check(int step) throws IOException {
        for (int i = random.nextInt(step); i < KEYS; i += step) {
            String key = "key-" + i;
            assertThat(at(key).value()).isEqualTo(model.get(key));
        }
    }

    RunnableFuture<SnapshotResult<KeyedStateHandle>> snapshot(Subtask subtask, SnapshotType type) throws Exception {
        Path shared = Files.createDirectories(directory.resolve("shared-" + checkpointId));
        Path exclusive = Files.createDirectories(directory.resolve("exclusive-" + checkpointId));
        return subtask.keyed.snapshot(
                checkpointId,
                checkpointId,
                new FsCheckpointStreamFactory(
                        LocalFileSystem.getSharedInstance(), flink(exclusive), flink(shared), 0, 4096),
                CheckpointOptions.alignedNoTimeout(type, CheckpointStorageLocationReference.getDefault()));
    }

    private static org.apache.flink.core.fs.Path flink(Path path) {
        return org.apache.flink.core.fs.Path.fromLocalFile(path.toFile());
    }

    List<KeyedStateHandle> checkpoint(SnapshotType type) throws Exception {
        checkpointId++;
        List<KeyedStateHandle> handles = new ArrayList<>();
        for (Subtask subtask : subtasks) {
            RunnableFuture<SnapshotResult<KeyedStateHandle>> future = snapshot(subtask, type);
            future.run();
            handles.add(registered(future.get().getJobManagerOwnedSnapshot()));
        }
        return handles;
    }

    /** As the JobManager has it. */
    KeyedStateHandle registered(KeyedStateHandle handle) {
        handle.registerSharedStates(registry, checkpointId);
        registered.add(handle);
        return handle;
    }

    /** State of one subtask, in a checkpoint that all frames of are in its own packs. */
    List<KeyedStateHandle> written() throws Exception {
        start(1, List.of());
        change(2 * KEYS);
        addLarge();
        List<KeyedStateHandle> handles = checkpoint(CheckpointType.CHECKPOINT);
        disposeAll();
        return handles;
    }

    /** A gate before the pack of the last frames, which are those of large values. */
    static List<KeyedStateHandle> gated(List<KeyedStateHandle> handles, GatedHandle.Gate gate) throws IOException {
        IncrementalRemoteKeyedStateHandle handle = (IncrementalRemoteKeyedStateHandle) handles.get(0);
        List<HandleAndLocalPath> packs = new ArrayList<>(handle.getSharedStateHandles());
        int last = 0;
        for (int i = 1; i < packs.size(); i++) {
            last = firstBlobId(packs.get(i)) > firstBlobId(packs.get(last)) ? i : last;
        }
        HandleAndLocalPath pack = packs.get(last);
        packs.set(last, HandleAndLocalPath.of(new GatedHandle(pack.getHandle(), gate), pack.getLocalPath()));
        return List.of(new IncrementalRemoteKeyedStateHandle(
                handle.getBackendIdentifier(),
                handle.getKeyGroupRange(),
                handle.getCheckpointId(),
                packs,
                List.of(),
                handle.getMetaDataStateHandle()));
    }

    private static int firstBlobId(HandleAndLocalPath pack) throws IOException {
        try (FSDataInputStream stream = pack.getHandle().openInputStream()) {
            byte[] record = stream.readNBytes(2 * Integer.BYTES);
            return ByteBuffer.wrap(record).order(ByteOrder.LITTLE_ENDIAN).getInt(Integer.BYTES);
        }
    }
}
