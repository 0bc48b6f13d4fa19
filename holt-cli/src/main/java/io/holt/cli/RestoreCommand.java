package io.holt.cli;

import io.holt.Holt;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes a database of a file that {@code holt backup --file} wrote. */
@Command(
        name = "restore",
        mixinStandardHelpOptions = true,
        description = "Makes a database of a file that 'holt backup --file' wrote.")
final class RestoreCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "FILE", description = "the file")
    private Path file;

    @Parameters(index = "1", paramLabel = "DIRECTORY", description = "an empty or new directory")
    private Path directory;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        try (InputStream raw = Files.newInputStream(file);
                InputStream in = new BufferedInputStream(raw, 1 << 16);
                HoltDb db = Holt.restore(in, directory, HoltOptions.defaults())) {
            spec.commandLine().getOut().printf("%,d frames in %s%n", db.stats().frames(), directory);
            spec.commandLine().getOut().flush();
        }
        return 0;
    }
}
