package io.holt.cli;

import io.holt.api.HoltDb;
import io.holt.api.Snapshot;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Copies a database that no writer has open, with what its log holds. */
@Command(
        name = "backup",
        mixinStandardHelpOptions = true,
        description = "Copies a database that no writer has open: to a directory, where it is a database of its own, "
                + "or to one file.")
final class BackupCommand implements Callable<Integer> {

    @Mixin
    private DatabaseOption database;

    @Parameters(index = "1", paramLabel = "TARGET", description = "an empty or new directory, or a new file")
    private Path target;

    @Option(names = "--file", description = "write one file, to be restored with 'holt restore'")
    private boolean file;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException {
        long bytes;
        try (HoltDb db = database.open();
                Snapshot snapshot = db.snapshot()) {
            bytes = file ? toFile(snapshot) : snapshot.exportTo(target);
        }
        spec.commandLine().getOut().printf("%,d bytes written to %s%n", bytes, target);
        spec.commandLine().getOut().flush();
        return 0;
    }

    private long toFile(Snapshot snapshot) throws IOException {
        boolean written = false;
        try (OutputStream raw = Files.newOutputStream(target, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
                OutputStream out = new BufferedOutputStream(raw, 1 << 16)) {
            long bytes = snapshot.exportTo(out);
            written = true;
            return bytes;
        } finally {
            // Not a file that was there before: making it would have failed then.
            if (!written && Files.exists(target) && Files.size(target) == 0) {
                Files.delete(target);
            }
        }
    }
}
