package io.holt.cli;

import io.holt.api.HoltException;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** What the script {@code holt} starts. Exit status: 0 if all is well, 1 if a database is damaged, 2 for all else. */
@Command(
        name = "holt",
        description = "Looks at Holt databases, copies them and measures.",
        mixinStandardHelpOptions = true,
        subcommands = {
            VerifyCommand.class,
            StatsCommand.class,
            DumpCommand.class,
            BackupCommand.class,
            RestoreCommand.class,
            BenchCommand.class
        })
public final class Main {

    static final int DAMAGED = 1;
    static final int FAILED = 2;

    private Main() {}

    public static void main(String[] args) {
        System.exit(commandLine().execute(args));
    }

    /** The command; errors of the database and of files become one line and an exit status. */
    static CommandLine commandLine() {
        return new CommandLine(new Main())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, line, parsed) -> {
                    if (!(e instanceof HoltException || e instanceof IOException)) {
                        throw e;
                    }
                    line.getErr().println(line.getColorScheme().errorText(messageOf(e)));
                    return FAILED;
                });
    }

    /** Of a file that is there or is not there, Java says its name only. */
    private static String messageOf(Exception e) {
        return switch (e) {
            case FileAlreadyExistsException there -> there.getMessage() + " is there already; give another name";
            case NoSuchFileException missing -> missing.getMessage() + " is not there";
            default -> String.valueOf(e.getMessage());
        };
    }
}
