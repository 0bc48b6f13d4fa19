package io.holt.examples.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.FileUtils;

/** A new directory for what runs leave on disk. It goes when it is closed, or else with the process. */
final class WorkDirectory implements AutoCloseable {

    private static final String PREFIX = "holt-demo-";

    private final Path path;
    private final Thread cleanUp;

    private WorkDirectory(Path path) {
        this.path = path;
        this.cleanUp = new Thread(this::delete, "clean-up");
        Runtime.getRuntime().addShutdownHook(cleanUp);
    }

    /** Makes one in that directory, or in the system's place for temporary files if it is null. */
    static WorkDirectory below(Path directory) throws IOException {
        Path made = directory == null
                ? Files.createTempDirectory(PREFIX)
                : Files.createTempDirectory(directory.toAbsolutePath(), PREFIX);
        return new WorkDirectory(made);
    }

    Path path() {
        return path;
    }

    private void delete() {
        FileUtils.deleteDirectoryQuietly(path.toFile());
    }

    @Override
    public void close() {
        delete();
        try {
            Runtime.getRuntime().removeShutdownHook(cleanUp);
        } catch (IllegalStateException e) {
            // The process is going down already, and the hook finds nothing to do.
        }
    }
}
