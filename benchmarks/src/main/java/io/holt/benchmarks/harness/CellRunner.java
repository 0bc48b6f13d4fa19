package io.holt.benchmarks.harness;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;

/**
 * Times a cell: a warm-up and repetitions of a fixed number of rounds, both shortened if they would take too long; a
 * warm-up goes on if it was too short. Both are a matter of this thread's time, so that a busy machine does not end a
 * warm-up early.
 */
public final class CellRunner {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final Effort effort;

    public CellRunner(Effort effort) {
        this.effort = effort;
    }

    /** Time of this thread and time gone by, by the operation, in this order. */
    public List<Measurement> measure(Cell cell, Plan plan) {
        int repetitions = cell.isLong() ? effort.longRepetitions() : effort.repetitions();
        int rounds = warmUp(cell, plan, repetitions);
        double[] cpu = new double[repetitions];
        double[] wall = new double[repetitions];
        double operations = (double) rounds * cell.operationsPerRound();
        for (int i = 0; i < repetitions; i++) {
            cell.prepare();
            long wallBegin = System.nanoTime();
            long cpuBegin = THREADS.getCurrentThreadCpuTime();
            cell.run(rounds);
            cpu[i] = (THREADS.getCurrentThreadCpuTime() - cpuBegin) / operations;
            wall[i] = (System.nanoTime() - wallBegin) / operations;
        }
        return List.of(Measurement.of(Measurement.CPU, cpu), Measurement.of(Measurement.WALL, wall));
    }

    /** Operations of microseconds are done with their rounds before the JIT is: those go on for a while. */
    private boolean isCold(Cell cell, boolean isShort, double nanos) {
        return isShort ? nanos < effort.warmUpNanos() : !cell.isLong() && nanos < effort.leastWarmUpNanos();
    }

    /** Warms up and answers how many rounds a repetition can have. */
    private int warmUp(Cell cell, Plan plan, int repetitions) {
        int done = 0;
        double nanos = 0;
        double roundNanos = 0;
        while (isCold(cell, done < plan.warmUp(), nanos)) {
            int rounds = plan.batch();
            long begin = THREADS.getCurrentThreadCpuTime();
            cell.prepare();
            long prepared = THREADS.getCurrentThreadCpuTime();
            cell.run(rounds);
            long end = THREADS.getCurrentThreadCpuTime();
            // With the preparation, or a cell that prepares long for what is short would never be warm.
            nanos += end - begin;
            done += rounds;
            roundNanos = (double) (end - prepared) / rounds;
        }
        return plan.repetitionWithin(effort.repetitionsNanos() / repetitions, roundNanos);
    }
}
