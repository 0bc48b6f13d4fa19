package io.holt.benchmarks.kstreams;

import io.holt.benchmarks.harness.Measurement;
import io.holt.benchmarks.harness.ResultRow;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;

/** Times repetitions of an operation on this thread: its processor's time, and the time that went by. */
final class Stopwatch {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final String engine;
    private final int records;
    private final List<ResultRow> rows;

    /** @param rows where results go */
    Stopwatch(String engine, int records, List<ResultRow> rows) {
        this.engine = engine;
        this.records = records;
        this.rows = rows;
    }

    /** A number of operations, beginning with the operation of a number. */
    interface Operations {
        void run(int first, int count);
    }

    /**
     * Measures repetitions, after one that is not counted if there are several.
     *
     * @param count operations of a repetition
     */
    void measure(String operation, int repetitions, int count, Operations operations) {
        int warmUps = repetitions > 1 ? 2 : 0;
        double[] cpu = new double[repetitions];
        double[] wall = new double[repetitions];
        for (int i = -warmUps; i < repetitions; i++) {
            long cpuBegin = THREADS.getCurrentThreadCpuTime();
            long wallBegin = System.nanoTime();
            operations.run((i + warmUps) * count, count);
            if (i >= 0) {
                wall[i] = (System.nanoTime() - wallBegin) / (double) count;
                cpu[i] = (THREADS.getCurrentThreadCpuTime() - cpuBegin) / (double) count;
            }
        }
        add(operation, Measurement.of(Measurement.CPU, cpu));
        add(operation, Measurement.of(Measurement.WALL, wall));
    }

    /** Adds what was counted and not timed. */
    void add(String operation, Measurement measurement) {
        rows.add(new ResultRow(engine, "paths34", records, operation, 1, measurement));
        System.err.println(engine + " " + operation + " " + measurement);
    }
}
