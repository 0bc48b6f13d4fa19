package io.holt.benchmarks.kstreams;

import io.holt.benchmarks.Main;
import io.holt.benchmarks.harness.ChildProcess;
import io.holt.benchmarks.harness.FileTrees;
import io.holt.benchmarks.harness.Machine;
import io.holt.benchmarks.harness.ResultFile;
import io.holt.benchmarks.harness.ResultRow;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Measures the stores of Kafka Streams, a JVM for each engine and group of operations. */
@Command(
        name = "kstreams",
        description = "Measures Holt's stores for Kafka Streams beside its own, to results/kstreams.csv.",
        mixinStandardHelpOptions = true)
public final class KstreamsCommand implements Callable<Integer> {

    @ParentCommand
    private Main main;

    @Option(names = "--records", description = "a multiple of 100; default: ${DEFAULT-VALUE}", defaultValue = "1000000")
    private int records;

    @Option(names = "--engines", split = ",", description = "default: all of ${COMPLETION-CANDIDATES}")
    private List<StoreEngine> engines = List.of(StoreEngine.values());

    @Option(names = "--groups", split = ",", description = "default: all of ${COMPLETION-CANDIDATES}")
    private List<StoreCellsCommand.Group> groups = List.of(StoreCellsCommand.Group.values());

    @Option(
            names = "--operations",
            split = ",",
            description = "those of the chosen groups that are measured, such as put,range_100; default: all")
    private List<String> operations = List.of();

    @Option(names = "--quick", description = "fewer repetitions")
    private boolean quick;

    @Option(names = "--work", description = "where the stores are; default: the directory of temporary files")
    private Path work = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--name", defaultValue = "kstreams", description = "of the file; default: ${DEFAULT-VALUE}")
    private String name;

    @Override
    public Integer call() throws Exception {
        List<ResultRow> rows = new ArrayList<>();
        int failures = 0;
        for (StoreCellsCommand.Group group : groups) {
            // Peers one after the other: what else the machine does meets them alike.
            for (StoreEngine engine : engines) {
                Path directory = Files.createTempDirectory(work, "holt-kstreams");
                Path out = directory.resolve("rows.csv");
                List<String> arguments = new ArrayList<>(List.of(
                        "--engine=" + engine,
                        "--group=" + group,
                        "--records=" + records,
                        "--work=" + directory,
                        "--out=" + out));
                if (!operations.isEmpty()) {
                    arguments.add("--operations=" + String.join(",", operations));
                }
                if (quick) {
                    arguments.add("--quick");
                }
                int status = ChildProcess.run(StoreCellsCommand.class, classPath(), 2 * records, List.of(), arguments);
                if (status == 0) {
                    rows.addAll(ResultFile.read(out));
                } else {
                    failures++;
                    System.err.println("FAILED: " + engine.label() + " " + group + " ended with status " + status);
                }
                FileTrees.delete(directory);
                ResultFile.write(main.results().resolve(name + ".csv"), rows);
                Machine.write(main.results().resolve(name + ".txt"), main.command(), classPath());
            }
        }
        return failures == 0 ? 0 : 1;
    }

    /** That of this program behind the RocksDB which Kafka Streams was built with: it works with no other. */
    private static String classPath() throws IOException {
        String classPath = System.getProperty("java.class.path");
        Path classes = Path.of(classPath.substring(0, classPath.indexOf(File.pathSeparatorChar)));
        Path jars = classes.resolveSibling("launch").resolve("kafka");
        if (!Files.isDirectory(jars)) {
            throw new IOException(jars + " is missing; start this command by benchmarks/run, which puts it there");
        }
        try (Stream<Path> rocks = Files.list(jars)) {
            return rocks.map(Path::toString).collect(Collectors.joining(File.pathSeparator))
                    + File.pathSeparator
                    + classPath;
        }
    }
}
