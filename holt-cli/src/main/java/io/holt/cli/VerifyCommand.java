package io.holt.cli;

import io.holt.Holt;
import io.holt.api.VerifyReport;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Checks every page, every frame that a tree leads to, and the log. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        description = "Checks every page, every frame and the log; exit status 1 if something is wrong.")
final class VerifyCommand implements Callable<Integer> {

    private static final int BAR_WIDTH = 40;

    @Mixin
    private DatabaseOption database;

    @Option(
            names = {"-q", "--quiet"},
            description = "no progress bar")
    private boolean quiet;

    @Spec
    private CommandSpec spec;

    private int shown = -1;

    @Override
    public Integer call() {
        PrintWriter out = spec.commandLine().getOut();
        PrintWriter err = spec.commandLine().getErr();
        VerifyReport report = Holt.verify(database.directory(), (done, all) -> show(err, done, all));
        if (!quiet) {
            err.println();
        }
        report.problems().forEach(problem -> out.println("WRONG: " + problem));
        out.printf(
                "%d frames, %d records, %d records of the log: %s%n",
                report.frames().size(),
                report.records(),
                report.logRecords(),
                report.problems().isEmpty() ? "all is well" : report.problems().size() + " problems");
        out.flush();
        return report.problems().isEmpty() ? 0 : Main.DAMAGED;
    }

    private void show(PrintWriter err, int done, int all) {
        int filled = all == 0 ? BAR_WIDTH : (int) ((long) done * BAR_WIDTH / all);
        if (!quiet && filled != shown) {
            shown = filled;
            err.printf("\r[%s%s] %d of %d frames", "#".repeat(filled), " ".repeat(BAR_WIDTH - filled), done, all);
            err.flush();
        }
    }
}
