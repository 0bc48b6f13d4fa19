package io.holt.benchmarks.harness;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories with all that is in them. */
public final class FileTrees {

    private FileTrees() {}

    /** Deletes a directory. */
    public static void delete(Path root) throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            List<Path> deepestFirst = paths.sorted(Comparator.reverseOrder()).toList();
            for (Path path : deepestFirst) {
                Files.delete(path);
            }
        }
    }

    /**
     * Returns when a file system with a journal has committed what was deleted before, which it else does some seconds
     * later, and maybe while others measure. Twice, for a commit may have work to do after it, such as to tell the
     * device of freed blocks, which the next one waits for.
     *
     * @param directory of that file system
     */
    public static void settle(Path directory) throws IOException {
        for (int commit = 0; commit < 2; commit++) {
            Path file = Files.createTempFile(directory, "settle", null);
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                channel.write(ByteBuffer.allocate(1));
                channel.force(true);
            } finally {
                Files.delete(file);
            }
        }
    }
}
