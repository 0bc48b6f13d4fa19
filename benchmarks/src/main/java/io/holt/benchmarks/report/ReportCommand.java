package io.holt.benchmarks.report;

import io.holt.benchmarks.Main;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParentCommand;

/** Writes RESULTS.md anew. */
@Command(name = "report", description = "Writes RESULTS.md from the files in results.", mixinStandardHelpOptions = true)
public final class ReportCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Override
    public Integer call() throws Exception {
        Path target = main.directory().resolve("RESULTS.md");
        Files.writeString(target, Report.of(main.results()));
        System.out.println("Wrote " + target);
        return 0;
    }
}
