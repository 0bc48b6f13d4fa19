package io.holt.benchmarks.kstreams;

import io.holt.benchmarks.harness.ChildOptions;
import io.holt.benchmarks.harness.ResultRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The main class of a measuring JVM: one group of operations on one engine's stores. */
@Command(name = "store-cells")
final class StoreCellsCommand implements Callable<Integer> {

    /** Operations that are measured in one JVM. */
    enum Group {
        KEY_VALUE,
        WINDOWS,
        RESTORE,
        MEMORY
    }

    @Option(names = "--engine", required = true)
    private StoreEngine engine;

    @Option(names = "--group", required = true)
    private Group group;

    @Option(names = "--records", required = true)
    private int records;

    @Option(names = "--operations", split = ",")
    private Set<String> operations = Set.of();

    @Mixin
    private ChildOptions child;

    public static void main(String[] args) {
        System.exit(new CommandLine(new StoreCellsCommand()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        List<ResultRow> rows = new ArrayList<>();
        Stopwatch watch = new Stopwatch(engine.label(), records, operations, rows);
        PathKeys keys = new PathKeys(records);
        StoreCells cells = new StoreCells(engine, keys, child.work(), child.quick(), watch);
        switch (group) {
            case KEY_VALUE -> cells.keyValue();
            case WINDOWS -> cells.windows();
            case RESTORE -> cells.restore();
            case MEMORY -> {
                // More than the budget holds.
                int many = 2 * records;
                Stopwatch ofMany = new Stopwatch(engine.label(), many, operations, rows);
                new MemoryCells(engine, new PathKeys(many), child.work(), ofMany).measure();
            }
        }
        child.write(rows);
        return 0;
    }
}
