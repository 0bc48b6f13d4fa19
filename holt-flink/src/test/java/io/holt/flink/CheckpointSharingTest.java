package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeutils.base.IntSerializer;
import org.apache.flink.api.common.typeutils.base.array.BytePrimitiveArraySerializer;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.memory.MemoryManager;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.BackendBuildingException;
import org.apache.flink.runtime.state.CheckpointStorageLocationReference;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SharedStateRegistry;
import org.apache.flink.runtime.state.SharedStateRegistryImpl;
import org.apache.flink.runtime.state.SnapshotResult;
import org.apache.flink.runtime.state.VoidNamespace;
import org.apache.flink.runtime.state.VoidNamespaceSerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Incremental checkpoints with Flink's own registry of shared state, in files that are really deleted: whatever is
 * confirmed, aborted, subsumed or restored in whatever order, each retained checkpoint can be restored.
 */
class CheckpointSharingTest {

    private static final int KEYS = 20_000;
    private static final long MANAGED_BYTES = 64L * 1024 * 1024;
    private static final int STEPS = Integer.getInteger("holt.flink.sharing.steps", 60);

    @TempDir
    Path directory;

    @TempDir
    Path workingDirectory;

    private final MockEnvironment environment = MockEnvironment.builder()
            .setMemoryManager(MemoryManager.create(MANAGED_BYTES, MemoryManager.DEFAULT_PAGE_SIZE))
            .build();

    /** Deletes in the thread of the test, so that what is wrongly deleted is gone when it is restored. */
    private SharedStateRegistry registry = new SharedStateRegistryImpl(Runnable::run);

    private CheckpointableKeyedStateBackend<String> keyed;
    private ValueState<byte[]> values;
    private ListState<Integer> lists;

    /** What the state must be. */
    private Map<String, byte[]> model = new HashMap<>();

    private int elements;
    private boolean lazily = true;

    /** A checkpoint as the JobManager has it. */
    private record Checkpoint(IncrementalRemoteKeyedStateHandle handle, Map<String, byte[]> contents, int elements) {}

    @AfterEach
    void stop() throws Exception {
        if (keyed != null) {
            // Otherwise it would say nothing that a disposed one holds nothing.
            assertThat(environment.getMemoryManager().verifyEmpty()).isFalse();
            assertThat(working()).hasSize(1);
            TestBackends.dispose(keyed);
        }
        assertNothingIsHeld();
        environment.close();
    }

    /** Of the slot's memory, and in the working directory. */
    private void assertNothingIsHeld() throws IOException {
        assertThat(environment.getMemoryManager().verifyEmpty()).isTrue();
        assertThat(working()).isEmpty();
    }

    private List<Path> working() throws IOException {
        try (Stream<Path> files = Files.list(workingDirectory)) {
            return files.toList();
        }
    }

    private HoltStateBackend backend() {
        Configuration options = new Configuration();
        options.set(HoltStateBackendOptions.LOCAL_DIRECTORIES, List.of(workingDirectory.toString()));
        options.set(HoltStateBackendOptions.RESTORE_LAZILY, lazily);
        options.set(HoltStateBackendOptions.CHECKPOINT_PACK_SIZE, MemorySize.ofMebiBytes(1));
        return TestDatabases.managedBackend(options);
    }

    private void start(List<KeyedStateHandle> handles) throws Exception {
        keyed = TestBackends.create(backend(), environment, handles);
        values = keyed.getPartitionedState(
                VoidNamespace.INSTANCE,
                VoidNamespaceSerializer.INSTANCE,
                new ValueStateDescriptor<>("values", BytePrimitiveArraySerializer.INSTANCE));
        lists = keyed.getPartitionedState(
                VoidNamespace.INSTANCE,
                VoidNamespaceSerializer.INSTANCE,
                new ListStateDescriptor<>("lists", IntSerializer.INSTANCE));
    }

    private RunnableFuture<SnapshotResult<KeyedStateHandle>> freeze(long id, CheckpointType type) throws Exception {
        return keyed.snapshot(
                id,
                id,
                new DirectoryStreams(directory, id, true),
                CheckpointOptions.alignedNoTimeout(type, CheckpointStorageLocationReference.getDefault()));
    }

    private Checkpoint checkpoint(long id, CheckpointType type) throws Exception {
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future = freeze(id, type);
        future.run();
        KeyedStateHandle handle = future.get().getJobManagerOwnedSnapshot();
        return new Checkpoint((IncrementalRemoteKeyedStateHandle) handle, new HashMap<>(model), elements);
    }

    /** Changes a part of the keys: a range of them, or any. */
    private void change(Random random, int changes, boolean hot) throws Exception {
        int from = random.nextInt(KEYS);
        for (int i = 0; i < changes; i++) {
            String key = "key-" + (hot ? (from + i) % KEYS : random.nextInt(KEYS));
            keyed.setCurrentKey(key);
            if (random.nextInt(10) == 0) {
                values.clear();
                model.remove(key);
            } else {
                byte[] value = new byte[random.nextInt(2000) == 0 ? 100_000 : 100];
                random.nextBytes(value);
                values.update(value);
                model.put(key, value);
            }
        }
        keyed.setCurrentKey("list");
        lists.add(elements++);
    }

    private void check(Checkpoint checkpoint) throws Exception {
        for (int i = 0; i < KEYS; i++) {
            keyed.setCurrentKey("key-" + i);
            assertThat(values.value()).isEqualTo(checkpoint.contents.get("key-" + i));
        }
        keyed.setCurrentKey("list");
        Iterable<Integer> list = lists.get();
        assertThat(list).hasSize(checkpoint.elements);
        int expected = 0;
        for (int element : list) {
            assertThat(element).isEqualTo(expected++);
        }
    }

    @Test
    void onlyWhatChangedGoesUp() throws Exception {
        Random random = new Random(1);
        start(List.of());
        change(random, 3 * KEYS, true);
        Checkpoint first = checkpoint(1, CheckpointType.CHECKPOINT);
        first.handle.registerSharedStates(registry, 1);
        TestBackends.listener(keyed).notifyCheckpointComplete(1);

        Checkpoint unchanged = checkpoint(2, CheckpointType.CHECKPOINT);
        assertThat(unchanged.handle.getCheckpointedSize()).isLessThan(first.handle.getCheckpointedSize() / 50);

        change(random, 1, true);
        Checkpoint changed = checkpoint(3, CheckpointType.CHECKPOINT);
        // A value and an element of a list: a few blocks of two frames.
        assertThat(changed.handle.getCheckpointedSize())
                .isGreaterThan(unchanged.handle.getCheckpointedSize())
                .isLessThan(unchanged.handle.getCheckpointedSize() + 16 * 1024);

        Checkpoint full = checkpoint(4, CheckpointType.FULL_CHECKPOINT);
        assertThat(full.handle.getCheckpointedSize()).isGreaterThan(first.handle.getCheckpointedSize() / 2);
    }

    /** The number of a frame's pieces is a byte of the metadata, and each of them is read by a restore. */
    @Test
    void aFrameThatChangesALittleEachTimeIsWrittenAnewOnceInAWhile() throws Exception {
        Random random = new Random(7);
        start(List.of());
        change(random, KEYS, true);
        Checkpoint last = checkpoint(1, CheckpointType.CHECKPOINT);
        last.handle.registerSharedStates(registry, 1);
        TestBackends.listener(keyed).notifyCheckpointComplete(1);
        int whole = 0;
        for (long id = 2; id < 302; id++) {
            keyed.setCurrentKey("always the same");
            byte[] value = new byte[100];
            random.nextBytes(value);
            values.update(value);
            model.put("always the same", value);
            last = checkpoint(id, CheckpointType.CHECKPOINT);
            last.handle.registerSharedStates(registry, id);
            TestBackends.listener(keyed).notifyCheckpointComplete(id);
            whole += last.handle.getCheckpointedSize() > 100_000 ? 1 : 0;
        }
        // Changes alone would fill half a frame much later.
        assertThat(whole).isBetween(300 / 40, 300 / 25);
        TestBackends.dispose(keyed);
        start(List.of(last.handle));
        check(last);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void retainedCheckpointsCanBeRestoredWhateverHappened(long seed) throws Exception {
        Random random = new Random(seed);
        start(List.of());
        change(random, 2 * KEYS, true);
        TreeMap<Long, Checkpoint> retained = new TreeMap<>();
        TreeMap<Long, Checkpoint> pending = new TreeMap<>();
        List<Long> unnotified = new ArrayList<>();
        long id = 0;
        for (int step = 0; step < STEPS; step++) {
            switch (random.nextInt(8)) {
                case 0, 1, 2 -> {
                    change(random, random.nextInt(KEYS / 4), random.nextBoolean());
                    CheckpointType type =
                            random.nextInt(12) == 0 ? CheckpointType.FULL_CHECKPOINT : CheckpointType.CHECKPOINT;
                    pending.put(++id, checkpoint(id, type));
                }
                case 3, 4 -> completeOldest(pending, retained, unnotified);
                case 5 -> abortAny(random, pending);
                case 6 -> notifyAll(unnotified);
                default -> {
                    if (!retained.isEmpty() && random.nextInt(3) == 0) {
                        notifyAll(unnotified);
                        discardAll(pending);
                        restoreNewest(retained);
                    }
                }
            }
        }
        for (Checkpoint checkpoint : List.copyOf(retained.values())) {
            TestBackends.dispose(keyed);
            start(List.of(checkpoint.handle));
            check(checkpoint);
        }
        discardAll(pending);
        discardAll(retained);
        registry.unregisterUnusedState(Long.MAX_VALUE);
        assertNoFileIsLeft();
    }

    private void assertNoFileIsLeft() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            assertThat(files.filter(Files::isRegularFile)).isEmpty();
        }
    }

    private static void discardAll(TreeMap<Long, Checkpoint> checkpoints) throws Exception {
        for (Checkpoint checkpoint : checkpoints.values()) {
            checkpoint.handle.discardState();
        }
        checkpoints.clear();
    }

    private void completeOldest(
            TreeMap<Long, Checkpoint> pending, TreeMap<Long, Checkpoint> retained, List<Long> unnotified)
            throws Exception {
        Map.Entry<Long, Checkpoint> oldest = pending.pollFirstEntry();
        if (oldest == null) {
            return;
        }
        oldest.getValue().handle.registerSharedStates(registry, oldest.getKey());
        registry.checkpointCompleted(oldest.getKey());
        retained.put(oldest.getKey(), oldest.getValue());
        unnotified.add(oldest.getKey());
        while (retained.size() > 2) {
            Checkpoint subsumed = retained.pollFirstEntry().getValue();
            registry.unregisterUnusedState(retained.firstKey());
            subsumed.handle.discardState();
        }
    }

    private void abortAny(Random random, TreeMap<Long, Checkpoint> pending) throws Exception {
        if (!pending.isEmpty()) {
            List<Long> ids = new ArrayList<>(pending.keySet());
            long aborted = ids.get(random.nextInt(ids.size()));
            TestBackends.listener(keyed).notifyCheckpointAborted(aborted);
            pending.remove(aborted).handle.discardState();
        }
    }

    private void notifyAll(List<Long> unnotified) throws Exception {
        for (long complete : unnotified) {
            TestBackends.listener(keyed).notifyCheckpointComplete(complete);
        }
        unnotified.clear();
    }

    /** The job fails and goes on from the newest checkpoint, in a JobManager that starts anew as well. */
    private void restoreNewest(TreeMap<Long, Checkpoint> retained) throws Exception {
        Checkpoint newest = retained.lastEntry().getValue();
        TestBackends.dispose(keyed);
        model = new HashMap<>(newest.contents);
        elements = newest.elements;
        registry = new SharedStateRegistryImpl(Runnable::run);
        for (Map.Entry<Long, Checkpoint> checkpoint : retained.entrySet()) {
            checkpoint.getValue().handle.registerSharedStates(registry, checkpoint.getKey());
        }
        start(List.of(newest.handle));
        check(newest);
    }

    @Test
    void aCheckpointThatFailsAfterItsPacksLeavesNone() throws Exception {
        start(List.of());
        change(new Random(5), KEYS, true);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future = freeze(1, CheckpointType.CHECKPOINT);
        Path exclusive = directory.resolve("exclusive-1");
        Files.delete(exclusive);
        // The metadata, which is written last, can't be a file in it any more.
        Files.createFile(exclusive);
        future.run();
        assertThatThrownBy(future::get).isInstanceOf(ExecutionException.class).hasCauseInstanceOf(IOException.class);
        Files.delete(exclusive);
        assertNoFileIsLeft();

        Checkpoint next = checkpoint(2, CheckpointType.CHECKPOINT);
        TestBackends.dispose(keyed);
        start(List.of(next.handle));
        check(next);
    }

    @Test
    void damagedOrMissingPackIsReported() throws Exception {
        lazily = false;
        start(List.of());
        change(new Random(4), KEYS, true);
        Checkpoint checkpoint = checkpoint(1, CheckpointType.CHECKPOINT);
        TestBackends.dispose(keyed);
        keyed = null;
        List<Path> packs;
        try (Stream<Path> files = Files.list(DirectoryStreams.shared(directory))) {
            packs = files.toList();
        }
        assertThat(packs).hasSizeGreaterThan(1);
        Path pack = packs.get(0);
        byte[] bytes = Files.readAllBytes(pack);
        byte[] damaged = bytes.clone();
        damaged[bytes.length / 2] ^= 1;
        Files.write(pack, damaged);
        assertRefused(checkpoint, "damaged");
        Files.write(pack, Arrays.copyOf(bytes, bytes.length / 2));
        assertRefused(checkpoint, "damaged");
        Files.delete(pack);
        assertRefused(checkpoint, pack.getFileName().toString());
        Files.write(pack, bytes);
        start(List.of(checkpoint.handle));
        check(checkpoint);
    }

    private void assertRefused(Checkpoint checkpoint, String message) throws IOException {
        assertThatThrownBy(() -> start(List.of(checkpoint.handle)))
                .isInstanceOf(BackendBuildingException.class)
                .hasMessageContaining(message);
        assertNothingIsHeld();
    }
}
