package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.runtime.checkpoint.CheckpointOptions;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.memory.MemoryManager;
import org.apache.flink.runtime.operators.testutils.MockEnvironment;
import org.apache.flink.runtime.state.CheckpointStorageLocationReference;
import org.apache.flink.runtime.state.CheckpointableKeyedStateBackend;
import org.apache.flink.runtime.state.IncrementalKeyedStateHandle.HandleAndLocalPath;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SharedStateRegistry;
import org.apache.flink.runtime.state.SharedStateRegistryImpl;
import org.apache.flink.runtime.state.SnapshotResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Several checkpoints under way at a time: none builds on what the JobManager may delete before it has it. */
@Timeout(300)
class OverlappingCheckpointsTest {

    private static final int KEYS = 40_000;
    private static final int FEW = 50;

    @TempDir
    Path storage;

    @TempDir
    Path working;

    private final MockEnvironment environment = MockEnvironment.builder()
            .setMemoryManager(MemoryManager.create(64L << 20, MemoryManager.DEFAULT_PAGE_SIZE))
            .build();
    private final SharedStateRegistry registry = new SharedStateRegistryImpl(Runnable::run);
    private final Random random = new Random(1);
    private CheckpointableKeyedStateBackend<String> backend;
    private ValueState<byte[]> values;

    @BeforeEach
    void takeTheFirstCheckpoint() throws Exception {
        start(List.of());
        change(0, KEYS);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> first = taken(1);
        first.run();
        acknowledge(1, first);
        complete(1);
    }

    @AfterEach
    void stop() throws Exception {
        TestBackends.dispose(backend);
        environment.close();
    }

    private void start(List<KeyedStateHandle> handles) throws Exception {
        Configuration options = new Configuration();
        options.set(HoltStateBackendOptions.LOCAL_DIRECTORIES, List.of(working.toString()));
        options.set(HoltStateBackendOptions.CHECKPOINT_PACK_SIZE, MemorySize.ofMebiBytes(1));
        backend = TestBackends.create(TestDatabases.managedBackend(options), environment, handles);
        values = TestBackends.bytesState(backend);
    }

    private void change(int from, int count) throws IOException {
        TestBackends.change(backend, values, random, from, count);
    }

    /** A checkpoint that is taken, but not written, of a few changes. */
    private RunnableFuture<SnapshotResult<KeyedStateHandle>> taken(long id) throws Exception {
        change((int) id * 100, FEW);
        return taken(id, true);
    }

    /** @param isReusing whether its streams let it use files of earlier checkpoints */
    private RunnableFuture<SnapshotResult<KeyedStateHandle>> taken(long id, boolean isReusing) throws Exception {
        CheckpointOptions options = CheckpointOptions.alignedNoTimeout(
                CheckpointType.CHECKPOINT, CheckpointStorageLocationReference.getDefault());
        return backend.snapshot(id, id, new DirectoryStreams(storage, id, isReusing), options);
    }

    private IncrementalRemoteKeyedStateHandle acknowledge(
            long id, RunnableFuture<SnapshotResult<KeyedStateHandle>> checkpoint) throws Exception {
        IncrementalRemoteKeyedStateHandle handle = (IncrementalRemoteKeyedStateHandle)
                checkpoint.get(1, TimeUnit.MINUTES).getJobManagerOwnedSnapshot();
        handle.registerSharedStates(registry, id);
        return handle;
    }

    private void complete(long id) throws Exception {
        registry.checkpointCompleted(id);
        registry.unregisterUnusedState(id);
        TestBackends.listener(backend).notifyCheckpointComplete(id);
    }

    private static Set<String> names(IncrementalRemoteKeyedStateHandle handle) {
        return handle.getSharedState().stream()
                .map(HandleAndLocalPath::getLocalPath)
                .collect(Collectors.toSet());
    }

    private void assertRestores(KeyedStateHandle handle) throws Exception {
        Map<String, byte[]> expected = new HashMap<>();
        for (int i = 0; i < KEYS; i++) {
            backend.setCurrentKey("key-" + i);
            expected.put("key-" + i, values.value());
        }
        TestBackends.dispose(backend);
        start(List.of(handle));
        for (Map.Entry<String, byte[]> record : expected.entrySet()) {
            backend.setCurrentKey(record.getKey());
            assertThat(values.value()).as(record.getKey()).isEqualTo(record.getValue());
        }
    }

    /** What the second wrote goes when the third, which began before the second was complete, is. */
    @Test
    void aCheckpointUsesNothingThatOneStillBeingWrittenMayNotUse() throws Exception {
        RunnableFuture<SnapshotResult<KeyedStateHandle>> second = taken(2);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> third = taken(3);
        second.run();
        acknowledge(2, second);
        complete(2);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> fourth = taken(4);
        fourth.run();
        third.run();
        acknowledge(3, third);
        complete(3);
        KeyedStateHandle newest = acknowledge(4, fourth);
        complete(4);
        assertRestores(newest);
    }

    /** The third could have used what the second has of the first, and did not. */
    @Test
    void aCheckpointDoesWithoutWhatOneBeforeItDidNotUseInTheEnd() throws Exception {
        RunnableFuture<SnapshotResult<KeyedStateHandle>> second = taken(2);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> third = taken(3, false);
        second.run();
        Set<String> ofSecond = names(acknowledge(2, second));
        complete(2);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> fourth = taken(4);
        third.run();
        Set<String> ofThird = names(acknowledge(3, third));
        complete(3);
        fourth.run();
        IncrementalRemoteKeyedStateHandle newest = acknowledge(4, fourth);
        complete(4);
        assertThat(ofThird).doesNotContainAnyElementsOf(ofSecond);
        assertThat(names(newest)).doesNotContainAnyElementsOf(ofSecond);
        try (Stream<Path> files = Files.list(DirectoryStreams.shared(storage))) {
            assertThat(files).hasSameSizeAs(newest.getSharedState());
        }
        assertRestores(newest);
    }

    @Test
    void aLaterCheckpointMayEndFirst() throws Exception {
        RunnableFuture<SnapshotResult<KeyedStateHandle>> second = taken(2);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> third = taken(3);
        third.run();
        acknowledge(3, third);
        second.run();
        acknowledge(2, second);
        complete(2);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> next = taken(4);
        next.run();
        KeyedStateHandle fourth = acknowledge(4, next);
        complete(4);
        assertRestores(fourth);
    }

    @Test
    void oneThatWasCancelledDoesNotCount() throws Exception {
        RunnableFuture<SnapshotResult<KeyedStateHandle>> second = taken(2);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> third = taken(3);
        second.cancel(true);
        TestBackends.listener(backend).notifyCheckpointAborted(2);
        third.run();
        Set<String> ofThird = names(acknowledge(3, third));
        complete(3);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> next = taken(4);
        next.run();
        IncrementalRemoteKeyedStateHandle fourth = acknowledge(4, next);
        complete(4);
        assertThat(names(fourth)).containsAll(ofThird);
        assertRestores(fourth);
    }
}
