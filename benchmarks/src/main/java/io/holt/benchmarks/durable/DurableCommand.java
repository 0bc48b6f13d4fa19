package io.holt.benchmarks.durable;

import io.holt.benchmarks.Main;
import io.holt.benchmarks.harness.ChildProcess;
import io.holt.benchmarks.harness.FileTrees;
import io.holt.benchmarks.harness.Machine;
import io.holt.benchmarks.harness.ResultFile;
import io.holt.benchmarks.harness.ResultRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Measures what durability costs, a JVM for each engine, group and size. */
@Command(
        name = "durable",
        description = "Measures puts with a log, checkpoints, reopening, replay and I/O, to results/durable.csv.",
        mixinStandardHelpOptions = true)
public final class DurableCommand implements Callable<Integer> {

    /** Heap for the data set of so many records; groups without a size hold at most so many. */
    private static final int MOST_RECORDS = 2_000_000;

    @ParentCommand
    private Main main;

    @Option(names = "--groups", split = ",", description = "default: all of ${COMPLETION-CANDIDATES}")
    private List<DurableCellsCommand.Group> groups = List.of(DurableCellsCommand.Group.values());

    @Option(
            names = "--records",
            split = ",",
            description = "sizes of the stores; default: ${DEFAULT-VALUE}",
            defaultValue = "20000,500000,2000000")
    private List<Integer> records;

    @Option(
            names = "--seconds",
            description = "how long one number of threads puts; default: ${DEFAULT-VALUE}",
            defaultValue = "5")
    private double seconds;

    @Option(names = "--work", description = "where the stores are; default: the directory of temporary files")
    private Path work = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--name", defaultValue = "durable", description = "of the file; default: ${DEFAULT-VALUE}")
    private String name;

    private final List<ResultRow> rows = new ArrayList<>();
    private int failures;

    @Override
    public Integer call() throws Exception {
        for (DurableCellsCommand.Group group : groups) {
            for (int size : group.sized ? records : List.of(MOST_RECORDS)) {
                for (String engine : group.engines()) {
                    run(group, engine, size);
                }
            }
        }
        return failures == 0 ? 0 : 1;
    }

    private void run(DurableCellsCommand.Group group, String engine, int size)
            throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory(work, "holt-durable");
        Path out = directory.resolve("rows.csv");
        List<String> arguments = List.of(
                "--engine=" + engine,
                "--group=" + group,
                "--records=" + size,
                "--seconds=" + seconds,
                "--work=" + directory,
                "--out=" + out);
        Files.createDirectories(directory.resolve("store"));
        int status = ChildProcess.run(DurableCellsCommand.class, size, List.of(), arguments);
        if (status == 0) {
            rows.addAll(ResultFile.read(out));
        } else {
            failures++;
            System.err.println("FAILED: " + engine + " " + group + " ended with status " + status);
        }
        FileTrees.delete(directory);
        ResultFile.write(main.results().resolve(name + ".csv"), rows);
        Machine.write(main.results().resolve(name + ".txt"), main.command());
    }
}
