package io.holt.benchmarks.harness;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;

/** Times a cell: a pilot that foretells its duration, a warm-up, and repetitions. */
final class CellRunner {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Effort effort;

    CellRunner(Effort effort) {
        this.effort = effort;
    }

    /** Time of this thread and time gone by, by the operation, in this order. */
    List<Measurement> measure(Cell cell, Plan nominal) {
        int repetitions = cell.isLong() ? effort.longRepetitions() : effort.repetitions();
        Plan plan = cell.isLong() ? nominal : nominal.within(effort.limitNanos(), pilot(cell, nominal), repetitions);
        if (cell.isLong()) {
            warmUpLong(cell);
        } else if (plan.warmUp() > 0) {
            cell.prepare();
            cell.run(plan.warmUp());
        }
        double[] cpu = new double[repetitions];
        double[] wall = new double[repetitions];
        double operations = (double) plan.repetition() * cell.operationsPerRound();
        for (int i = 0; i < repetitions; i++) {
            cell.prepare();
            long wallBegin = System.nanoTime();
            long cpuBegin = THREADS.getCurrentThreadCpuTime();
            cell.run(plan.repetition());
            cpu[i] = (THREADS.getCurrentThreadCpuTime() - cpuBegin) / operations;
            wall[i] = (System.nanoTime() - wallBegin) / operations;
        }
        return List.of(Measurement.of(Measurement.CPU, cpu), Measurement.of(Measurement.WALL, wall));
    }

    /** How long a round takes, in nanoseconds. */
    private static double pilot(Cell cell, Plan nominal) {
        cell.prepare();
        long begin = System.nanoTime();
        cell.run(nominal.pilot());
        return (double) (System.nanoTime() - begin) / nominal.pilot();
    }

    private void warmUpLong(Cell cell) {
        double nanos = 0;
        do {
            cell.prepare();
            long begin = System.nanoTime();
            cell.run(1);
            nanos += System.nanoTime() - begin;
        } while (nanos < effort.longWarmUpNanos());
    }
}
