package io.holt.benchmarks.harness;

/**
 * How long to measure. Times are those of the measuring thread.
 *
 * @param repetitions of operations that are quickly repeated; the median of them counts
 * @param longRepetitions of operations that need the engine to be loaded anew
 * @param leastWarmUpNanos how long the warm-up of one operation takes at least, unless the engine is loaded anew for it
 * @param warmUpNanos how long it may take
 * @param repetitionsNanos how long its repetitions may take together
 */
public record Effort(
        int repetitions, int longRepetitions, double leastWarmUpNanos, double warmUpNanos, double repetitionsNanos) {

    public static final Effort FULL = new Effort(11, 5, 2e9, 10e9, 15e9);
    public static final Effort QUICK = new Effort(5, 3, 0.8e9, 0.8e9, 0.8e9);
}
