package io.holt.benchmarks.harness;

import io.holt.benchmarks.data.DatasetKind;
import io.holt.benchmarks.engine.EngineKind;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Starts a JVM for each group of operations and collects what they write. */
public final class Measure {

    private final MeasureOptions options;
    private final Path results;
    private final PrintStream log;
    private final List<ResultRow> rows = new ArrayList<>();
    private final List<String> failures = new ArrayList<>();

    /**
     * Prepares a run.
     *
     * @param results the directory of the files of results
     */
    public Measure(MeasureOptions options, Path results, PrintStream log) {
        this.options = options;
        this.results = results;
        this.log = log;
    }

    private record Group(EngineKind engine, DatasetKind dataset, int records, OperationGroup group) {
        @Override
        public String toString() {
            return String.format(Locale.ROOT, "%s %s %,d %s", engine.label(), dataset.label(), records, group)
                    .toLowerCase(Locale.ROOT);
        }
    }

    /**
     * Measures all that is asked for, and writes the file anew after each group.
     *
     * @param command what repeats this
     * @return 0, or 1 if a group failed; the file has the others then
     */
    public int run(String command) throws IOException, InterruptedException {
        Files.createDirectories(results);
        List<Group> groups = groups();
        for (int i = 0; i < groups.size(); i++) {
            Group group = groups.get(i);
            long begin = System.nanoTime();
            run(group);
            log.printf(
                    Locale.ROOT,
                    "[%d/%d] %s: %.1f s%n",
                    i + 1,
                    groups.size(),
                    group,
                    (System.nanoTime() - begin) / 1e9);
            ResultFile.write(results.resolve(options.name() + ".csv"), rows);
            Machine.write(results.resolve(options.name() + ".txt"), command);
        }
        for (String failure : failures) {
            log.println("FAILED: " + failure);
        }
        return failures.isEmpty() ? 0 : 1;
    }

    private List<Group> groups() {
        Set<Operation> operations = options.operations();
        List<Group> groups = new ArrayList<>();
        for (int records : options.records()) {
            for (DatasetKind dataset : options.datasets()) {
                for (OperationGroup group : OperationGroup.values()) {
                    if (operations.stream().anyMatch(operation -> operation.group() == group)) {
                        // Peers one after the other: what else the machine does meets them alike.
                        for (EngineKind engine : options.engines()) {
                            groups.add(new Group(engine, dataset, records, group));
                        }
                    }
                }
            }
        }
        return groups;
    }

    private void run(Group group) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory(options.work(), "holt-benchmarks");
        Path out = work.resolve("rows.csv");
        List<String> arguments = new ArrayList<>(List.of(
                "--engine=" + group.engine(),
                "--dataset=" + group.dataset(),
                "--records=" + group.records(),
                "--group=" + group.group(),
                "--operations=" + options.operations().stream().map(Enum::name).collect(Collectors.joining(",")),
                "--work=" + work,
                "--out=" + out));
        if (options.quick()) {
            arguments.add("--quick");
        }
        int status = ChildProcess.run(GroupCommand.class, group.records(), options.jvmArguments(), arguments);
        if (status == 0) {
            rows.addAll(ResultFile.read(out));
        } else {
            failures.add(group + " ended with status " + status);
        }
        FileTrees.delete(work);
    }
}
