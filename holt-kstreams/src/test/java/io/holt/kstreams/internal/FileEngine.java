package io.holt.kstreams.internal;

import io.holt.Holt;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;

/** The engine on files, as applications use it, with less memory than the default. */
final class FileEngine implements TestEngine {

    private static final long MEMORY_BYTES = 64L << 20;

    private final ProcessDatabases databases = new ProcessDatabases(bytes -> Holt.memory(MEMORY_BYTES), Holt::open);

    @Override
    public StoreDatabases databases() {
        return databases;
    }

    /** Copies the files as they are: what a process has written is what is found when it dies. */
    @Override
    public Path afterCrash(Path taskDirectory, Path target) throws IOException {
        Files.walkFileTree(taskDirectory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes)
                    throws IOException {
                Files.createDirectories(target.resolve(taskDirectory.relativize(directory)));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.copy(file, target.resolve(taskDirectory.relativize(file)));
                return FileVisitResult.CONTINUE;
            }
        });
        return target;
    }
}
