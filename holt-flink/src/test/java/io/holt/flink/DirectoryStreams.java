package io.holt.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.core.fs.local.LocalFileSystem;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.runtime.state.filesystem.FsCheckpointStreamFactory;

/** Streams of one checkpoint to files in a directory, as a job's checkpoint storage has them. */
final class DirectoryStreams extends FsCheckpointStreamFactory {

    private static final int BUFFER_BYTES = 4096;

    private final boolean isReusing;

    /** @param isReusing whether files of earlier checkpoints may be used */
    DirectoryStreams(Path storage, long checkpointId, boolean isReusing) throws IOException {
        super(
                LocalFileSystem.getSharedInstance(),
                directory(storage.resolve("exclusive-" + checkpointId)),
                directory(shared(storage)),
                0,
                BUFFER_BYTES);
        this.isReusing = isReusing;
    }

    /** Where the files are that checkpoints share. */
    static Path shared(Path storage) {
        return storage.resolve("shared");
    }

    private static org.apache.flink.core.fs.Path directory(Path path) throws IOException {
        return org.apache.flink.core.fs.Path.fromLocalFile(
                Files.createDirectories(path).toFile());
    }

    @Override
    public boolean couldReuseStateHandle(StreamStateHandle handle) {
        return isReusing;
    }
}
