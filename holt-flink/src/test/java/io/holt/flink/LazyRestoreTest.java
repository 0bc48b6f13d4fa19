package io.holt.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.CorruptDataException;
import io.holt.api.HoltException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RunnableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.flink.configuration.MemorySize;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.checkpoint.CheckpointType;
import org.apache.flink.runtime.checkpoint.SavepointType;
import org.apache.flink.runtime.checkpoint.SnapshotType;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SnapshotResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Backends that work before their state is read, while it is, and when it can't be. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LazyRestoreTest extends LazyBackends {

    private enum Kind {
        INCREMENTAL,
        /** The first one where the restored checkpoint is not Flink's to delete. */
        ALL_OF_ITS_OWN,
        OF_RECORDS,
        SAVEPOINT;

        SnapshotType type() {
            return switch (this) {
                case INCREMENTAL, OF_RECORDS -> CheckpointType.CHECKPOINT;
                case ALL_OF_ITS_OWN -> CheckpointType.FULL_CHECKPOINT;
                case SAVEPOINT -> SavepointType.savepoint(SavepointFormatType.NATIVE);
            };
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
        incremental = kind != Kind.OF_RECORDS;
        start(1, gated(handles, gate));
        gate.awaitWaiting();
        check(90);
        change(30);
        checkpointId++;
        Map<String, byte[]> then = new HashMap<>(model);
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future = snapshot(subtasks.get(0), kind.type());
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
        fixedMemory = MemorySize.ofMebiBytes(mib);
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
        assertNothingIsHeld();
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
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future = snapshot(subtasks.get(0), CheckpointType.CHECKPOINT);
        future.run();
        assertThatThrownBy(future::get).isInstanceOf(ExecutionException.class).hasStackTraceContaining("is damaged");
    }

    @Test
    void disposalEndsWhatIsStillRead() throws Exception {
        List<KeyedStateHandle> handles = written();
        GatedHandle.Gate gate = new GatedHandle.Gate();
        start(1, gated(handles, gate));
        gate.awaitWaiting();
        check(500);
        checkpointId++;
        RunnableFuture<SnapshotResult<KeyedStateHandle>> future = snapshot(subtasks.get(0), CheckpointType.CHECKPOINT);
        Thread thread = runUntilItWaits(future);
        disposeAll();
        thread.join();
        assertThatThrownBy(future::get).isInstanceOf(Exception.class);
        assertThat(failure).isNotDone();
        assertNothingIsHeld();
    }
}
