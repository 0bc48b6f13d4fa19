package io.holt.benchmarks.kstreams;

import io.holt.benchmarks.harness.ResultFile;
import io.holt.benchmarks.harness.ResultRow;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The main class of a measuring JVM: one group of operations on one engine's stores. */
@Command(name = "store-cells")
final class StoreCellsCommand implements Callable<Integer> {

    /** Operations that are measured in one JVM. */
    enum Group {
        KEY_VALUE,
        WINDOWS,
        RESTORE
    }

    @Option(names = "--engine", required = true)
    private StoreEngine engine;

    @Option(names = "--group", required = true)
    private Group group;

    @Option(names = "--records", required = true)
    private int records;

    @Option(names = "--quick")
    private boolean quick;

    @Option(names = "--work", required = true)
    private Path work;

    @Option(names = "--out", required = true)
    private Path out;

    public static void main(String[] args) {
        System.exit(new CommandLine(new StoreCellsCommand()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        List<ResultRow> rows = new ArrayList<>();
        Stopwatch watch = new Stopwatch(engine.label(), records, rows);
        StoreCells cells = new StoreCells(engine, new PathKeys(records), work, quick, watch);
        switch (group) {
            case KEY_VALUE -> cells.keyValue();
            case WINDOWS -> cells.windows();
            case RESTORE -> cells.restore();
        }
        ResultFile.write(out, rows);
        return 0;
    }
}
