package io.holt.internal.io;

import io.holt.api.HoltIoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;

/** What the engines of this machine share: directories and locks, which are not where the time goes. */
abstract class HostEngine implements IoEngine {

    @Override
    public final DirectoryState directoryState(Path directory) {
        if (!Files.exists(directory)) {
            return DirectoryState.MISSING;
        }
        if (!Files.isDirectory(directory)) {
            return DirectoryState.NOT_A_DIRECTORY;
        }
        return Files.isWritable(directory) ? DirectoryState.WRITABLE : DirectoryState.READ_ONLY;
    }

    @Override
    public final void createDirectories(Path directory) {
        try {
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw IoFailures.ofCall("mkdir", directory, e);
        }
    }

    @Override
    public final boolean exists(Path file) {
        return Files.exists(file);
    }

    @Override
    public final List<String> list(Path directory) {
        try (Stream<Path> entries = Files.list(directory)) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw IoFailures.ofCall("list", directory, e);
        }
    }

    @Override
    public final void rename(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new HoltIoException("rename of " + from + " to " + to + " failed: " + e, e);
        }
    }

    @Override
    public final boolean delete(Path file) {
        try {
            return Files.deleteIfExists(file);
        } catch (IOException e) {
            throw IoFailures.ofCall("delete", file, e);
        }
    }

    @Override
    public final IoLock tryLock(Path file, boolean shared) {
        return HostLock.tryLock(file, shared);
    }
}
