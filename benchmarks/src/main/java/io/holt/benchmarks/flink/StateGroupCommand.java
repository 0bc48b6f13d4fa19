package io.holt.benchmarks.flink;

import io.holt.benchmarks.flink.StateOperation.StateGroup;
import io.holt.benchmarks.harness.Cell;
import io.holt.benchmarks.harness.CellRunner;
import io.holt.benchmarks.harness.ChildOptions;
import io.holt.benchmarks.harness.Measurement;
import io.holt.benchmarks.harness.ResultRow;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The main class of a measuring JVM: one group of operations on one backend. */
@Command(name = "flink-group")
final class StateGroupCommand implements Callable<Integer> {

    @Option(names = "--backend", required = true)
    private BackendKind backend;

    @Option(names = "--group", required = true)
    private StateGroup group;

    @Option(names = "--operations", required = true, split = ",")
    private Set<StateOperation> operations = EnumSet.noneOf(StateOperation.class);

    @Option(names = "--keys", required = true)
    private int keys;

    @Option(names = "--memory", required = true)
    private long memoryBytes;

    @Mixin
    private ChildOptions child;

    public static void main(String[] args) {
        System.exit(new CommandLine(new StateGroupCommand()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        List<ResultRow> rows = group == StateGroup.CHECKPOINT ? checkpoints() : cells();
        child.write(rows);
        return 0;
    }

    private List<ResultRow> checkpoints() throws Exception {
        try (CheckpointRun run = new CheckpointRun(backend, keys, memoryBytes / 2, child.work())) {
            return run.run(operations);
        }
    }

    private List<ResultRow> cells() throws Exception {
        List<ResultRow> rows = new ArrayList<>();
        CellRunner runner = new CellRunner(child.effort());
        try (KeyedState keyed = new KeyedState(backend, memoryBytes, child.work())) {
            Cells cells = cells(keyed);
            for (StateOperation operation : StateOperation.values()) {
                if (operation.group() != group || !operations.contains(operation)) {
                    continue;
                }
                try (Cell cell = cells.cell(operation)) {
                    for (Measurement measurement : runner.measure(cell, operation.plan())) {
                        rows.add(new ResultRow(backend.label(), "flink", keys, operation.label(), 1, measurement));
                    }
                }
            }
        }
        return rows;
    }

    /** The operations of a group on state that is loaded. */
    private interface Cells {
        Cell cell(StateOperation operation);
    }

    private Cells cells(KeyedState keyed) throws Exception {
        return switch (group) {
            case VALUE -> new ValueCells(keyed, keys)::cell;
            case MAP -> new MapCells(keyed, keys)::cell;
            case LARGE_MAP -> {
                LargeMapCell cell = new LargeMapCell(keyed);
                yield operation -> cell;
            }
            case LIST -> new ListCells(keyed, keys)::cell;
            case TIMER -> new TimerCells(keyed, keys)::cell;
            case CHECKPOINT -> throw new IllegalArgumentException("checkpoints are no cells");
        };
    }
}
