package io.holt.examples.kstreams;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** A new directory for all that a run leaves on disk. It goes when it is closed, or else with this process. */
final class WorkDirectory implements AutoCloseable {

    private final Path path;
    private final Thread cleanUp;

    private WorkDirectory(Path path) {
        this.path = path;
        this.cleanUp = new Thread(this::deleteQuietly, "clean-up");
        Runtime.getRuntime().addShutdownHook(cleanUp);
    }

    static WorkDirectory make() throws IOException {
        return new WorkDirectory(Files.createTempDirectory("holt-demo-"));
    }

    Path path() {
        return path;
    }

    @Override
    public void close() throws IOException {
        delete();
        try {
            Runtime.getRuntime().removeShutdownHook(cleanUp);
        } catch (IllegalStateException e) {
            // The process is going down already, and the hook finds nothing to do.
        }
    }

    private void deleteQuietly() {
        try {
            delete();
        } catch (IOException e) {
            System.err.println("could not delete " + path + ": " + e);
        }
    }

    private void delete() throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        Files.walkFileTree(path, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path visited, IOException e) throws IOException {
                if (e != null) {
                    throw e;
                }
                Files.delete(visited);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
