package io.holt.benchmarks.durable;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The main class of a measuring JVM: one group of one engine. */
@Command(name = "durable-cells")
final class DurableCellsCommand implements Callable<Integer> {

    /** What is measured in one JVM. */
    enum Group {
        PUT_ASYNC("holt rocksdb unlogged nothing", true),
        PUT_SYNC("holt rocksdb device", false),
        CHECKPOINT("holt device", false),
        REOPEN("holt", true),
        REPLAY("holt", false),
        DISK("holt", false),
        IO("io", false);

        private final String engines;

        /** Whether it is measured with several numbers of records. */
        final boolean sized;

        Group(String engines, boolean sized) {
            this.engines = engines;
            this.sized = sized;
        }

        /** Each in a JVM of its own. */
        List<String> engines() {
            return List.of(engines.split(" "));
        }
    }

    private static final int SMALL = 20_000;
    private static final int MIDDLE = 500_000;
    private static final int LARGE = 2_000_000;
    private static final int GIB_OF_VALUES = 1_073_741;

    @Option(names = "--engine", required = true)
    private String engine;

    @Option(names = "--group", required = true)
    private Group group;

    @Option(names = "--records", required = true)
    private int records;

    @Option(names = "--seconds", required = true)
    private double seconds;

    @Option(names = "--work", required = true)
    private Path work;

    @Option(names = "--out", required = true)
    private Path out;

    public static void main(String[] args) {
        System.exit(new CommandLine(new DurableCellsCommand()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Rows rows = new Rows();
        long nanos = (long) (seconds * 1e9);
        PutCells puts = new PutCells(rows, work, nanos);
        switch (group) {
            case PUT_ASYNC -> puts.async(engine, records);
            case PUT_SYNC -> {
                if (engine.equals("device")) {
                    puts.device();
                } else {
                    puts.sync(engine, SMALL);
                }
            }
            case CHECKPOINT -> {
                CheckpointCells cells = new CheckpointCells(rows, work);
                if (engine.equals("device")) {
                    cells.sequential(GIB_OF_VALUES);
                } else {
                    cells.checkpoint(GIB_OF_VALUES);
                }
            }
            case REOPEN -> new OpenCells(rows, work).reopen(records);
            case REPLAY -> {
                OpenCells cells = new OpenCells(rows, work);
                cells.replay(LARGE, SMALL);
                cells.replay(LARGE, LARGE);
            }
            case DISK -> new CheckpointCells(rows, work).disk(MIDDLE);
            case IO -> new IoCells(rows, work, nanos / 4).run();
        }
        rows.write(out);
        return 0;
    }
}
