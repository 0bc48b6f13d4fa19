package io.holt.benchmarks.kstreams;

import io.holt.benchmarks.harness.Measurement;
import io.holt.benchmarks.harness.ResultRow;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.List;
import java.util.Set;

/** Times repetitions of an operation on this thread: its processor's time, and the time that went by. */
final class Stopwatch {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** So many keys and values stay in the processor's caches, as those that were just serialized do. */
    static final int BLOCK = 500;

    private static final long WARM_UP_NANOS = 3_000_000_000L;

    private final String engine;
    private final int records;
    private final Set<String> wanted;
    private final List<ResultRow> rows;

    /**
     * @param wanted names of the operations to be measured; empty for all
     * @param rows where results go
     */
    Stopwatch(String engine, int records, Set<String> wanted, List<ResultRow> rows) {
        this.engine = engine;
        this.records = records;
        this.wanted = wanted;
        this.rows = rows;
    }

    /** The time from when it was made until its end, of this thread's processor and of the clock. */
    static final class Lap {
        private final long cpuBegin = THREADS.getCurrentThreadCpuTime();
        private final long wallBegin = System.nanoTime();
        private long cpuNanos;
        private long wallNanos;

        void end() {
            wallNanos = System.nanoTime() - wallBegin;
            cpuNanos = THREADS.getCurrentThreadCpuTime() - cpuBegin;
        }

        long wallNanos() {
            return wallNanos;
        }

        long cpuNanos() {
            return cpuNanos;
        }
    }

    /** A number of operations, beginning with the operation of a number. */
    interface Operations {
        void run(int first, int count);
    }

    /**
     * Measures repetitions, after a warm-up if there are several. What is done once is done even if it is not wanted.
     *
     * @param count operations of a repetition
     */
    void measure(String operation, int repetitions, int count, Operations operations) {
        measure(operation, repetitions, count, count, (first, number) -> {}, operations);
    }

    /**
     * As the other, with preparations that are not timed: the keys and values of {@value #BLOCK} operations are made,
     * then the operations are done.
     */
    void measure(String operation, int repetitions, int count, Operations preparations, Operations operations) {
        measure(operation, repetitions, count, BLOCK, preparations, operations);
    }

    private void measure(
            String operation, int repetitions, int count, int block, Operations preparations, Operations operations) {
        boolean isWanted = wanted.isEmpty() || wanted.contains(operation);
        if (!isWanted && repetitions > 1) {
            return;
        }
        int first = repetitions > 1 ? warmUp(count, block, preparations, operations) : 0;
        double[] cpu = new double[repetitions];
        double[] wall = new double[repetitions];
        for (int i = 0; i < repetitions; i++) {
            long cpuNanos = 0;
            long wallNanos = 0;
            for (int done = 0; done < count; done += block) {
                int begin = first + i * count + done;
                int number = Math.min(block, count - done);
                preparations.run(begin, number);
                Lap lap = new Lap();
                operations.run(begin, number);
                lap.end();
                wallNanos += lap.wallNanos();
                cpuNanos += lap.cpuNanos();
            }
            wall[i] = wallNanos / (double) count;
            cpu[i] = cpuNanos / (double) count;
        }
        if (isWanted) {
            add(operation, Measurement.of(Measurement.CPU, cpu));
            add(operation, Measurement.of(Measurement.WALL, wall));
        }
    }

    /** Repeats until the code is compiled; gives the number of the operation to go on with. */
    private static int warmUp(int count, int block, Operations preparations, Operations operations) {
        long begin = System.nanoTime();
        int next = 0;
        do {
            for (int done = 0; done < count; done += block) {
                int number = Math.min(block, count - done);
                preparations.run(next + done, number);
                operations.run(next + done, number);
            }
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
