package io.holt.cli;

import io.holt.Holt;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import java.nio.file.Path;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which database a command reads. */
final class DatabaseOption {

    private static final long MIB = 1L << 20;

    @Parameters(index = "0", paramLabel = "DIRECTORY", description = "the directory of the database")
    private Path directory;

    @Option(
            names = "--memory",
            paramLabel = "MIB",
            defaultValue = "256",
            description = "memory for frames, in MiB (default: ${DEFAULT-VALUE})")
    private long memoryMib;

    Path directory() {
        return directory;
    }

    HoltOptions.Builder options() {
        return HoltOptions.builder().memoryBytes(memoryMib * MIB).createIfMissing(false);
    }

    /** Opens it beside other readers; no file is changed. */
    HoltDb open() {
        return Holt.open(directory, options().readOnly(true).build());
    }
}
