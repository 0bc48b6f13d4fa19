package io.holt.flink;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes one of the directories for working files. */
final class LocalDirectories {

    private static final Logger LOG = LoggerFactory.getLogger(LocalDirectories.class);

    private LocalDirectories() {}

    /**
     * One of these at random that exists or can be made, and may be written to: a disk that is gone must not fail the
     * tasks that the others have room for.
     *
     * @throws IOException if there is none; it names the option, and says of each what is wrong with it
     */
    static Path usableOneOf(String[] directories) throws IOException {
        List<String> shuffled = Arrays.asList(directories.clone());
        Collections.shuffle(shuffled);
        List<IOException> failures = new ArrayList<>();
        for (String directory : shuffled) {
            try {
                return usable(Path.of(directory));
            } catch (IOException e) {
                LOG.warn("The local directory {} can't be used.", directory, e);
                failures.add(e);
            }
        }
        IOException none = new IOException("no directory of " + HoltStateBackendOptions.LOCAL_DIRECTORIES.key()
                + " can be used: " + failures + "; name directories that a TaskManager may make or write to");
        failures.forEach(none::addSuppressed);
        throw none;
    }

    private static Path usable(Path directory) throws IOException {
        Files.createDirectories(directory);
        if (!Files.isWritable(directory)) {
            throw new AccessDeniedException(directory.toString());
        }
        return directory;
    }
}
