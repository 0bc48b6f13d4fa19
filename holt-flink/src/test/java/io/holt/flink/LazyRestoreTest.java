package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.CorruptDataException;
import io.holt.api.HoltException;
import io.holt.flink.backend.HoltKeyedStateBackend;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.core.fs.FSDataInputStream;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.checkpoint.SnapshotType;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.CheckpointStorageLocationReference;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.CompositeStateHandle;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backends that work before their state is read, while it is, and when it can't be. */
class LazyRestoreTest {

    private static final int KEY_GROUPS = 128;
    private static final int KEYS = 25_000;
    private static final int VALUE_BYTES = 300;
    private static final int LARGE_KEYS = 20;
    private static final int LARGE_BYTES = 200_000;

    @TempDir
    Path directory;

    private final MockEnvironment environment = MockEnvironment.builder().build();
    private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
    private final Map<String, byte[]> model = new HashMap<>();
    private final Random random = new Random(1);
    private final SharedStateRegistry registry = new SharedStateRegistryImpl(Runnable::run);
    private List<Subtask> subtasks = new ArrayList<>();
    private boolean incremental = true;
    private int memoryMib = 64;
    private long checkpointId;

    /** A backend and its state. */
    private record Subtask(CheckpointableKeyedStateBackend<String> keyed, ValueState<byte[]> values) {
        HoltKeyedStateBackend<String> holt() {
            return (HoltKeyedStateBackend<String>) keyed;
        }
    }

    @AfterEach
    void stop() throws Exception {
        disposeAll();
        environment.close();
    }

    private void disposeAll() throws Exception {
        for (Subtask subtask : subtasks) {
            TestBackends.dispose(subtask.keyed);
        }
        subtasks = new ArrayList<>();
    }

    private void start(int parallelism, List<KeyedStateHandle> handles) throws Exception {
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
            options.set(HoltStateBackendOptions.RESTORE_LAZILY_FROM, MemorySize.ZERO);
            options.set(HoltStateBackendOptions.CHECKPOINT_PACK_SIZE, MemorySize.ofMebiBytes(1));
            options.set(HoltStateBackendOptions.FIXED_MEMORY_PER_SLOT, MemorySize.ofMebiBytes(memoryMib));
            HoltStateBackend backend = new HoltStateBackend().configure(options, getClass().getClassLoader());
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

    private ValueState<byte[]> at(String key) {
        int keyGroup = KeyGroupRangeAssignment.assignToKeyGroup(key, KEY_GROUPS);
        int index =
                KeyGroupRangeAssignment.computeOperatorIndexForKeyGroup(KEY_GROUPS, subtasks.size(), keyGroup);
        subtasks.get(index).keyed.setCurrentKey(key);
        return subtasks.get(index).values;
    }

    private void change(int changes) throws IOException {
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
    private void addLarge() throws IOException {
        for (int i = 0; i < LARGE_KEYS; i++) {
            byte[] value = new byte[LARGE_BYTES];
            random.nextBytes(value);
            at("large-" + i).update(value);
            model.put("large-" + i, value);
        }
    }

    private void checkAll() throws IOException {
        check(1);
        for (int i = 0; i < LARGE_KEYS; i++) {
            assertThat(at("large-" + i).value()).isEqualTo(model.get("large-" + i));
        }
    }

    /** Looks at some keys, none of whose values is large. */
    private void check(int step) throws IOException {
        for (int i = random.nextInt(step); i < KEYS; i += step) {
            String key = "key-" + i;
            assertThat(at(key).value()).isEqualTo(model.get(key));
        }
    }

    private RunnableFuture<SnapshotResult<KeyedStateHandle>> snapshot(Subtask subtask, SnapshotType type)
            throws Exception {
        Path shared = Files.createDirectories(directory.resolve("shared-" + checkpointId));
        Path exclusive = Files.createDirectories(directory.resolve("exclusive-" + checkpointId));
        return subtask.keyed.snapshot(
                checkpointId,
                checkpointId,
                new FsCheckpointStreamFactory(LocalFileSystem.getSharedInstance(), flink(exclusive), flink(shared), 0, 4096),
                CheckpointOptions.alignedNoTimeout(type, CheckpointStorageLocationReference.getDefault()));
    }

    private static org.apache.flink.core.fs.Path flink(Path path) {
        return org.apache.flink.core.fs.Path.fromLocalFile(path.toFile());
    }

    private List<KeyedStateHandle> checkpoint(SnapshotType type) throws Exception {
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
    private KeyedStateHandle registered(KeyedStateHandle handle) {
        if (handle instanceof CompositeStateHandle shared) {
            shared.registerSharedStates(registry, checkpointId);
        }
        return handle;
    }

    /** State of one subtask, in a checkpoint that all frames of are in its own packs. */
    private List<KeyedStateHandle> written() throws Exception {
        start(1, List.of());
        change(2 * KEYS);
        addLarge();
        List<KeyedStateHandle> handles = checkpoint(CheckpointType.CHECKPOINT);
        disposeAll();
        return handles;
    }

    /** A gate before the pack of the last frames, which are those of large values. */
    private static List<KeyedStateHandle> gated(List<KeyedStateHandle> handles, GatedHandle.Gate gate)
            throws IOException {
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

    private enum Kind {
        INCREMENTAL(CheckpointType.CHECKPOINT, true),
        /** The first one where the restored checkpoint is not Flink's to delete. */
        ALL_OF_ITS_OWN(CheckpointType.FULL_CHECKPOINT, true),
        OF_RECORDS(CheckpointType.CHECKPOINT, false),
        SAVEPOINT(SavepointType.savepoint(SavepointFormatType.NATIVE), true);

        private final SnapshotType type;
        private final boolean incremental;

        Kind(SnapshotType type, boolean incremental) {
            this.type = type;
            this.incremental = incremental;
        }
    }

    /** Runs the asynchronous part in another thread, and returns when that waits. */
    private static Thread runUntilItWaits(RunnableFuture<?> future) {
        Thread thread = Thread.ofPlatform().start(future);
        while (thread.getState() != Thread.State.WAITING) {
            assertThat(future.isDone()).isFalse();
            Thread.onSpinWait();
        }
        return thread;
    }

    @ParameterizedTest
    @EnumSource(Kind.class)
    void firstSnapshotWaitsUntilTheOldOneIsNotNeeded(Kind kind) throws Exception {
        List<KeyedStateHandle> handles = written();
        GatedHandle.Gate gate = new GatedHandle.Gate();
        incremental = kind.incremental;
        start(1, gated(handles, gate));
        gate.awaitWaiting();
        check(90);
        change(30);
        checkpointId++;
        Map<String, byte[]> then = new HashMap<>(model);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future = snapshot(subtasks.get(0), kind.type);
        change(30);
        Thread thread = runUntilItWaits(future);
        change(30);
        gate.open();
        KeyedStateHandle handle = registered(future.get().getJobManagerOwnedSnapshot());
        thread.join();
        subtasks.get(0).holt().awaitRestored();
        if (kind != Kind.INCREMENTAL) {
            for (KeyedStateHandle old : handles) {
                old.discardState();
            }
        }
        checkAll();
        disposeAll();
        model.clear();
        model.putAll(then);
        start(1, List.of(handle));
        checkAll();
        assertThat(failure).isNotDone();
    }

    @Test
    void afterTheFirstCheckpointChangesAreSmall() throws Exception {
        List<KeyedStateHandle> handles = written();
        start(1, handles);
        String key = model.keySet().iterator().next();
        at(key).update(new byte[] {1});
        KeyedStateHandle next = checkpoint(CheckpointType.CHECKPOINT).get(0);
        assertThat(next.getCheckpointedSize()).isLessThan(handles.get(0).getCheckpointedSize() / 20);
        model.put(key, new byte[] {1});
        disposeAll();
        start(1, List.of(next));
        checkAll();
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 64})
    void rescalesBothWays(int mib) throws Exception {
        memoryMib = mib;
        List<KeyedStateHandle> handles = written();
        for (int parallelism : new int[] {2, 4, 3, 1}) {
            start(parallelism, handles);
            check(50);
            change(300);
            handles = checkpoint(CheckpointType.CHECKPOINT);
            check(7);
            disposeAll();
        }
        start(1, handles);
        checkAll();
        assertThat(failure).isNotDone();
    }

    private Path anyPack() throws IOException {
        try (Stream<Path> files = Files.list(directory.resolve("shared-1"))) {
            List<Path> packs = files.sorted().toList();
            assertThat(packs).hasSizeGreaterThan(2);
            return packs.get(0);
        }
    }

    @Test
    void missingPackIsFoundAtOnce() throws Exception {
        List<KeyedStateHandle> handles = written();
        Path pack = anyPack();
        Files.delete(pack);
        assertThatThrownBy(() -> start(1, handles))
                .hasMessageContaining(pack.getFileName().toString())
                .hasMessageContaining("restore an older checkpoint")
                .hasRootCauseInstanceOf(FileNotFoundException.class);
        assertThat(environment.getMemoryManager().verifyEmpty()).isTrue();
        assertThat(working()).isEmpty();
    }

    private List<Path> working() throws IOException {
        try (Stream<Path> files = Files.list(environment.getTaskManagerInfo().getTmpWorkingDirectory().toPath())) {
            return files.filter(file -> file.getFileName().toString().startsWith("holt_job_")).toList();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void damageFoundLateFailsTheTask(boolean cutOff) throws Exception {
        List<KeyedStateHandle> handles = written();
        Path pack = anyPack();
        byte[] bytes = Files.readAllBytes(pack);
        if (cutOff) {
            Files.write(pack, Arrays.copyOf(bytes, bytes.length - 1000));
        } else {
            bytes[bytes.length - 1000] ^= 1;
            Files.write(pack, bytes);
        }
        start(1, handles);
        Throwable cause = failure.get(5, TimeUnit.MINUTES);
        assertThat(cause)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("can't be restored")
                .hasMessageContaining("is damaged")
                .hasCauseInstanceOf(CorruptDataException.class);
        int right = 0;
        for (int i = 0; i < KEYS; i += 11) {
            try {
                assertThat(at("key-" + i).value()).isEqualTo(model.get("key-" + i));
                right++;
            } catch (HoltException e) {
                assertThat(e).isInstanceOf(CorruptDataException.class).hasMessageContaining("is damaged");
            }
        }
        assertThat(right).isPositive();
        checkpointId++;
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future =
                snapshot(subtasks.get(0), CheckpointType.CHECKPOINT);
        future.run();
        assertThatThrownBy(future::get)
                .isInstanceOf(ExecutionException.class)
                .hasStackTraceContaining("is damaged");
    }

    @Test
    void disposalEndsWhatIsStillRead() throws Exception {
        List<KeyedStateHandle> handles = written();
        GatedHandle.Gate gate = new GatedHandle.Gate();
        start(1, gated(handles, gate));
        gate.awaitWaiting();
        check(500);
        checkpointId++;
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future =
                snapshot(subtasks.get(0), CheckpointType.CHECKPOINT);
        Thread thread = runUntilItWaits(future);
        disposeAll();
        thread.join();
        assertThatThrownBy(future::get).isInstanceOf(Exception.class);
        assertThat(failure).isNotDone();
        assertThat(environment.getMemoryManager().verifyEmpty()).isTrue();
        assertThat(working()).isEmpty();
    }
}
