package io.holt.benchmarks.jmh;

import io.holt.benchmarks.Main;
import io.holt.benchmarks.data.DatasetKind;
import io.holt.benchmarks.harness.Machine;
import io.holt.benchmarks.harness.Measurement;
import io.holt.benchmarks.harness.ResultFile;
import io.holt.benchmarks.harness.ResultRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

/** Measures by JMH what the operations on a tree allocate. */
@Command(
        name = "allocation",
        description =
                "Writes what reads, puts, visits and a cursor's step allocate, by JMH, to results/allocation.csv.",
        mixinStandardHelpOptions = true)
public final class AllocationCommand implements Callable<Integer> {

    private static final String ALLOCATED = "gc.alloc.rate.norm";

    @ParentCommand
    private Main main;

    @Option(names = "--records", split = ",", description = "sizes; default: ${DEFAULT-VALUE}", defaultValue = "500000")
    private List<String> records = List.of();

    @Override
    public Integer call() throws Exception {
        Options options = new OptionsBuilder()
                .include(TreeBenchmark.class.getName())
                .param("records", records.toArray(new String[0]))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .build();
        List<ResultRow> rows = new ArrayList<>();
        for (RunResult run : new Runner(options).run()) {
            rows.add(row(run));
        }
        ResultFile.write(main.results().resolve("allocation.csv"), rows);
        Machine.write(main.results().resolve("allocation.txt"), main.command());
        return 0;
    }

    private static ResultRow row(RunResult run) {
        BenchmarkParams params = run.getParams();
        Result<?> allocated = run.getSecondaryResults().get(ALLOCATED);
        if (allocated == null) {
            throw new IllegalStateException("the profiler gave no " + ALLOCATED + " but "
                    + run.getSecondaryResults().keySet());
        }
        String method = params.getBenchmark().substring(params.getBenchmark().lastIndexOf('.') + 1);
        return new ResultRow(
                "holt",
                DatasetKind.valueOf(params.getParam("dataset")).label(),
                Integer.parseInt(params.getParam("records")),
                method.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT),
                params.getThreads(),
                new Measurement(
                        Measurement.ALLOCATION,
                        allocated.getScore(),
                        allocated.getStatistics().getMin(),
                        allocated.getStatistics().getMax()));
    }
}
