package io.holt.benchmarks;

import io.holt.benchmarks.durable.DurableCommand;
import io.holt.benchmarks.flink.FlinkCommand;
import io.holt.benchmarks.harness.Measure;
import io.holt.benchmarks.harness.MeasureOptions;
import io.holt.benchmarks.jmh.AllocationCommand;
import io.holt.benchmarks.jmh.JmhCommand;
import io.holt.benchmarks.kstreams.KstreamsCommand;
import io.holt.benchmarks.report.ReportCommand;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** What {@code benchmarks/run} starts. */
@Command(
        name = "benchmarks/run",
        description = "Measures Holt beside RocksDB, LMDB and the maps of the JDK.",
        mixinStandardHelpOptions = true,
        subcommands = {
            FlinkCommand.class,
            KstreamsCommand.class,
            DurableCommand.class,
            ReportCommand.class,
            AllocationCommand.class,
            JmhCommand.class
        })
public final class Main implements Callable<Integer> {

    @Option(
            names = "--directory",
            scope = ScopeType.INHERIT,
            hidden = true,
            description = "the directory of this module")
    private Path directory = Path.of("benchmarks");

    @Mixin
    private MeasureOptions options;

    private final String command;

    private Main(String command) {
        this.command = command;
    }

    public static void main(String[] args) {
        String command = String.join(
                " ",
                Arrays.stream(args)
                        .filter(argument -> !argument.startsWith("--directory="))
                        .toList());
        CommandLine line =
                new CommandLine(new Main("benchmarks/run " + command)).setCaseInsensitiveEnumValuesAllowed(true);
        System.exit(line.execute(args));
    }

    @Override
    public Integer call() throws Exception {
        return new Measure(options, results(), System.err).run(command);
    }

    /** The directory of the module, where RESULTS.md is. */
    public Path directory() {
        return directory;
    }

    /** The directory of the files of results. */
    public Path results() {
        return directory.resolve("results");
    }

    /** The command line, without where it was found. */
    public String command() {
        return command;
    }
}
