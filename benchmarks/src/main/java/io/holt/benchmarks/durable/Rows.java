package io.holt.benchmarks.durable;

import io.holt.benchmarks.harness.Measurement;
import io.holt.benchmarks.harness.ResultFile;
import io.holt.benchmarks.harness.ResultRow;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Results of one measuring JVM. */
final class Rows {

    private static final String DATASET = "durable";

    private final List<ResultRow> rows = new ArrayList<>();

    void add(String engine, int records, String operation, int threads, Measurement measurement) {
        rows.add(new ResultRow(engine, DATASET, records, operation, threads, measurement));
        System.err.println(engine + " " + operation + " of " + records + " by " + threads + ": " + measurement);
    }

    void addAll(String engine, int records, String operation, int threads, List<Measurement> measurements) {
        measurements.forEach(measurement -> add(engine, records, operation, threads, measurement));
    }

    void write(Path file) throws IOException {
        ResultFile.write(file, rows);
    }
}
