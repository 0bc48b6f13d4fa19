package io.holt.benchmarks.harness;

import io.holt.benchmarks.data.Dataset;
import io.holt.benchmarks.data.DatasetKind;
import io.holt.benchmarks.engine.EngineKind;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The main class of a measuring JVM: one group of operations on one engine. */
@Command(name = "group")
final class GroupCommand implements Callable<Integer> {

    @Option(names = "--engine", required = true)
    private EngineKind engine;

    @Option(names = "--dataset", required = true)
    private DatasetKind dataset;

    @Option(names = "--records", required = true)
    private int records;

    @Option(names = "--group", required = true)
    private OperationGroup group;

    @Option(names = "--operations", required = true, split = ",")
    private Set<Operation> operations = EnumSet.noneOf(Operation.class);

    @Mixin
    private ChildOptions child;

    public static void main(String[] args) {
        System.exit(new CommandLine(new GroupCommand()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        Dataset data = Dataset.of(dataset, records, Dataset.SCALE_DIGITS);
        GroupRun run = new GroupRun(engine, data, child.work(), child.effort());
        child.write(run.run(group, operations));
        return 0;
    }
}
