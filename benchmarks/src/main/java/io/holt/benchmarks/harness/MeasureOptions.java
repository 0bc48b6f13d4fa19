package io.holt.benchmarks.harness;

import io.holt.benchmarks.data.DatasetKind;
import io.holt.benchmarks.engine.EngineKind;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import picocli.CommandLine.Option;

/** What is to be measured. */
public final class MeasureOptions {

    @Option(
            names = "--quick",
            description = "few and short repetitions, and by default 20,000 and 500,000 records; no figures to quote")
    private boolean quick;

    @Option(names = "--engines", split = ",", description = "of ${COMPLETION-CANDIDATES}; default: all of them")
    private Set<EngineKind> engines = EnumSet.allOf(EngineKind.class);

    @Option(names = "--datasets", split = ",", description = "of ${COMPLETION-CANDIDATES}; default: all of them")
    private Set<DatasetKind> datasets = EnumSet.allOf(DatasetKind.class);

    @Option(names = "--operations", split = ",", description = "of ${COMPLETION-CANDIDATES}; default: all of them")
    private Set<Operation> operations = EnumSet.allOf(Operation.class);

    @Option(
            names = "--records",
            split = ",",
            description = "sizes of the data sets; default: 20000,100000,500000,2000000")
    private List<Integer> records = List.of();

    @Option(
            names = "--name",
            description = "the results go to results/NAME.csv; default: quick with --quick, or else full")
    private String name;

    @Option(names = "--work", description = "where engines put their files; default: the system's temporary directory")
    private Path work = Path.of(System.getProperty("java.io.tmpdir"));

    @Option(names = "--jvm", split = ",", description = "further arguments of the measuring JVMs")
    private List<String> jvmArguments = List.of();

    boolean quick() {
        return quick;
    }

    Set<EngineKind> engines() {
        return EnumSet.copyOf(engines);
    }

    Set<DatasetKind> datasets() {
        return EnumSet.copyOf(datasets);
    }

    Set<Operation> operations() {
        return EnumSet.copyOf(operations);
    }

    Set<Integer> records() {
        if (!records.isEmpty()) {
            return new TreeSet<>(records);
        }
        return new TreeSet<>(quick ? List.of(20_000, 500_000) : List.of(20_000, 100_000, 500_000, 2_000_000));
    }

    String name() {
        if (name != null) {
            return name;
        }
        return quick ? "quick" : "full";
    }

    Path work() {
        return work;
    }

    List<String> jvmArguments() {
        return jvmArguments;
    }
}
