package io.holt.benchmarks.kstreams;

import io.holt.benchmarks.harness.Measurement;
import io.holt.benchmarks.harness.ResultRow;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;

/** Times repetitions of an operation on this thread: its processor's time, and the time that went by. */
final class Stopwatch {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private static final long WARM_UP_NANOS = 3_000_000_000L;

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
     * Measures repetitions, after a warm-up if there are several.
     *
     * @param count operations of a repetition
     */
    void measure(String operation, int repetitions, int count, Operations operations) {
        int first = repetitions > 1 ? warmUp(count, operations) : 0;
        double[] cpu = new double[repetitions];
        double[] wall = new double[repetitions];
        for (int i = 0; i < repetitions; i++) {
            long cpuBegin = THREADS.getCurrentThreadCpuTime();
            long wallBegin = System.nanoTime();
            operations.run(first + i * count, count);
            wall[i] = (System.nanoTime() - wallBegin) / (double) count;
            cpu[i] = (THREADS.getCurrentThreadCpuTime() - cpuBegin) / (double) count;
        }
        add(operation, Measurement.of(Measurement.CPU, cpu));
        add(operation, Measurement.of(Measurement.WALL, wall));
    }

    /** Repeats until the code is compiled; gives the number of the operation to go on with. */
    private static int warmUp(int count, Operations operations) {
        long begin = System.nanoTime();
        int next = 0;
        do {
            operations.run(next, count);
            next += count;
        } while (System.nanoTime() - begin < WARM_UP_NANOS && next < Integer.MAX_VALUE / 4);
        return next;
    }

    /** Adds what was counted and not timed. */
    void add(String operation, Measurement measurement) {
        rows.add(new ResultRow(engine, "paths34", records, operation, 1, measurement));
        System.err.println(engine + " " + operation + " " + measurement);
    }
}
