package io.holt.benchmarks.flink;

import io.holt.benchmarks.Main;
import io.holt.benchmarks.flink.StateOperation.StateGroup;
import io.holt.benchmarks.harness.ChildProcess;
import io.holt.benchmarks.harness.FileTrees;
import io.holt.benchmarks.harness.Machine;
import io.holt.benchmarks.harness.ResultFile;
import io.holt.benchmarks.harness.ResultRow;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Starts a JVM for each backend and group of operations, and writes results/flink.csv. */
@Command(
        name = "flink",
        description = "Measures the operations of Flink's state benchmarks on Holt beside Flink's own backends.",
        mixinStandardHelpOptions = true)
public final class FlinkCommand implements Callable<Integer> {

    /** Map entries of a key, which is what takes most heap. */
    private static final int RECORDS_PER_KEY = 12;

    @ParentCommand
    private Main main;

    @Option(names = "--quick", description = "few and short repetitions; no figures to quote")
    private boolean quick;

    @Option(names = "--backends", split = ",", description = "of ${COMPLETION-CANDIDATES}; default: all of them")
    private Set<BackendKind> backends = EnumSet.allOf(BackendKind.class);

    @Option(names = "--operations", split = ",", description = "of ${COMPLETION-CANDIDATES}; default: all of them")
    private Set<StateOperation> operations = EnumSet.allOf(StateOperation.class);

    @Option(names = "--keys", description = "default: ${DEFAULT-VALUE}, as Flink's benchmarks have")
    private int keys = 500_000;

    @Option(names = "--memory-mib", description = "managed memory of a backend; default: ${DEFAULT-VALUE}")
    private long memoryMib = 2048;

    @Option(names = "--name", description = "the results go to results/NAME.csv; default: ${DEFAULT-VALUE}")
    private String name = "flink";

    @Option(names = "--work", description = "where backends put their files; default: the system's temporary directory")
    private Path work = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--jvm", split = ",", description = "further arguments of the measuring JVMs")
    private List<String> jvmArguments = List.of();

    @Override
    public Integer call() throws Exception {
        Files.createDirectories(main.results());
        List<ResultRow> rows = new ArrayList<>();
        int failures = 0;
        for (StateGroup group : StateGroup.values()) {
            if (operations.stream().noneMatch(operation -> operation.group() == group)) {
                continue;
            }
            for (BackendKind backend : EnumSet.copyOf(backends)) {
                if (group == StateGroup.CHECKPOINT && backend == BackendKind.HEAP) {
                    // It has no incremental checkpoints to compare with.
                    continue;
                }
                long begin = System.nanoTime();
                failures += measure(backend, group, rows) ? 0 : 1;
                System.err.printf(Locale.ROOT, "%s %s: %.1f s%n", backend, group, (System.nanoTime() - begin) / 1e9);
                ResultFile.write(main.results().resolve(name + ".csv"), rows);
                Machine.write(main.results().resolve(name + ".txt"), main.command());
            }
        }
        return failures == 0 ? 0 : 1;
    }

    private boolean measure(BackendKind backend, StateGroup group, List<ResultRow> rows)
            throws IOException, InterruptedException {
        Path directory = Files.createTempDirectory(work, "holt-benchmarks");
        Path out = directory.resolve("rows.csv");
        List<String> arguments = new ArrayList<>(List.of(
                "--backend=" + backend,
                "--group=" + group,
                "--operations=" + operations.stream().map(Enum::name).collect(Collectors.joining(",")),
                "--keys=" + keys,
                "--memory=" + (memoryMib << 20),
                "--work=" + directory,
                "--out=" + out));
        if (quick) {
            arguments.add("--quick");
        }
        int records = Math.max(1_000_000, RECORDS_PER_KEY / (backend == BackendKind.HEAP ? 1 : 4) * keys);
        int status = ChildProcess.run(StateGroupCommand.class, records, jvmArguments, arguments);
        if (status == 0) {
            rows.addAll(ResultFile.read(out));
        } else {
            System.err.println("FAILED: " + backend + " " + group + " ended with status " + status);
        }
        FileTrees.delete(directory);
        return status == 0;
    }
}
