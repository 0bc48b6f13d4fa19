package io.holt.flink.differential;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.IncrementalRemoteKeyedStateHandle;
import org.apache.flink.runtime.state.KeyGroupsStateHandle;
import org.apache.flink.runtime.state.KeyedStateHandle;
import org.apache.flink.runtime.state.SharedStateRegistry;
import org.apache.flink.runtime.state.SharedStateRegistryImpl;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FileStateHandle;
import org.apache.flink.runtime.state.filesystem.FsCheckpointStreamFactory;
import org.apache.flink.util.FileUtils;

/**
 * What a JobManager does with the checkpoints of one job: registers what they share, completes and subsumes them and
 * deletes what none of them needs any more, in files, so what is deleted too early is missed by the next restore.
 */
final class Checkpoints {

    private static final int RETAINED = 2;
    private static final int WRITE_BUFFER_BYTES = 4096;

    private final Path parent;
    private final TreeMap<Long, List<KeyedStateHandle>> pending = new TreeMap<>();
    private final TreeMap<Long, List<KeyedStateHandle>> completed = new TreeMap<>();
    private int jobs;
    private Path directory;

    /** Deletes in the thread of the test. */
    private SharedStateRegistry registry;

    /** What the job was restored from without becoming its owner; null if there is none, or it is not needed. */
    private List<KeyedStateHandle> unclaimed;

    /** Where that is; null if it is in no file. */
    private Path unclaimedDirectory;

    /** @param origin what the job was restored from, which is not to be deleted; null if the job is new */
    Checkpoints(Path parent, List<KeyedStateHandle> origin) throws IOException {
        this.parent = parent;
        this.unclaimed = origin;
        begin();
    }

    private void begin() throws IOException {
        registry = new SharedStateRegistryImpl(Runnable::run);
        directory = parent.resolve("job-" + jobs++);
        Files.createDirectories(directory.resolve("shared"));
        pending.clear();
        completed.clear();
    }

    CheckpointStreamFactory streams(long id) throws IOException {
        Path exclusive = Files.createDirectories(directory.resolve("chk-" + id));
        return new FsCheckpointStreamFactory(
                LocalFileSystem.getSharedInstance(),
                flink(exclusive),
                flink(directory.resolve("shared")),
                0,
                WRITE_BUFFER_BYTES);
    }

    private static org.apache.flink.core.fs.Path flink(Path path) {
        return org.apache.flink.core.fs.Path.fromLocalFile(path.toFile());
    }

    /** The tasks have written a checkpoint. */
    void acknowledge(long id, List<KeyedStateHandle> handles) {
        handles.forEach(handle -> handle.registerSharedStates(registry, id));
        pending.put(id, handles);
    }

    /** The tasks have written a checkpoint, and the JobManager does not want it any more. */
    static void decline(List<KeyedStateHandle> handles) throws Exception {
        for (KeyedStateHandle handle : handles) {
            handle.discardState();
        }
    }

    /** Completes a checkpoint, which ends the pending ones before it, and subsumes an old one. */
    void complete(long id) throws Exception {
        List<KeyedStateHandle> handles = pending.remove(id);
        for (List<KeyedStateHandle> older : pending.headMap(id).values()) {
            decline(older);
        }
        pending.headMap(id).clear();
        completed.put(id, handles);
        registry.checkpointCompleted(id);
        while (completed.size() > RETAINED) {
            List<KeyedStateHandle> subsumed = completed.pollFirstEntry().getValue();
            registry.unregisterUnusedState(completed.firstKey());
            decline(subsumed);
        }
        if (unclaimed != null) {
            delete(unclaimedDirectory);
            unclaimed = null;
        }
    }

    private static void delete(Path directory) throws IOException {
        if (directory != null) {
            FileUtils.deleteDirectory(directory.toFile());
        }
    }

    void abort(long id) throws Exception {
        decline(pending.remove(id));
    }

    /** Whether the next checkpoint must not share anything with those before. */
    boolean needsFull() {
        return unclaimed != null;
    }

    /** What the job goes on from if it fails. */
    List<KeyedStateHandle> newest() {
        return completed.isEmpty() ? unclaimed : completed.lastEntry().getValue();
    }

    /** The tasks fail. */
    void fail() throws Exception {
        for (List<KeyedStateHandle> handles : pending.values()) {
            decline(handles);
        }
        pending.clear();
    }

    /** The JobManager fails: the next one knows only of what was completed, so the rest may as well be deleted. */
    void failWithJobManager() throws IOException {
        pending.clear();
        Set<Path> known = new HashSet<>();
        registry = new SharedStateRegistryImpl(Runnable::run);
        for (Map.Entry<Long, List<KeyedStateHandle>> checkpoint : completed.entrySet()) {
            for (KeyedStateHandle handle : checkpoint.getValue()) {
                handle.registerSharedStates(registry, checkpoint.getKey());
                known.addAll(files(handle));
            }
            registry.checkpointCompleted(checkpoint.getKey());
        }
        for (Path file : files()) {
            if (!known.contains(file)) {
                Files.delete(file);
            }
        }
    }

    private static List<Path> files(KeyedStateHandle handle) {
        Stream<StreamStateHandle> streams = handle instanceof IncrementalRemoteKeyedStateHandle incremental
                ? incremental.streamSubHandles()
                : Stream.of(((KeyGroupsStateHandle) handle).getDelegateStateHandle());
        return streams.map(
                        file -> Path.of(((FileStateHandle) file).getFilePath().getPath()))
                .toList();
    }

    /** A new job begins with the newest checkpoint, which it does not own: once it has its own all that is deleted. */
    void beginUnclaimed() throws Exception {
        List<KeyedStateHandle> newest = newest();
        if (unclaimed != null && completed.isEmpty()) {
            delete(directory);
        } else {
            unclaimedDirectory = directory;
        }
        begin();
        unclaimed = newest;
    }

    /** Checkpoints that are not needed any more, all of them, leave no file. */
    void assertNothingIsLeft() throws Exception {
        fail();
        for (List<KeyedStateHandle> handles : completed.values()) {
            decline(handles);
        }
        registry.unregisterUnusedState(Long.MAX_VALUE);
        assertThat(files()).isEmpty();
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            return new ArrayList<>(files.filter(Files::isRegularFile).toList());
        }
    }
}
