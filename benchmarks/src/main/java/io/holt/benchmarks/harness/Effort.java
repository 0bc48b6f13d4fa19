package io.holt.benchmarks.harness;

/**
 * How long to measure.
 *
 * @param repetitions of operations that are quickly repeated; the median of them counts
 * @param longRepetitions of operations that need the engine to be loaded anew
 * @param limitNanos how long warm-up and repetitions of one operation may take together
 * @param longWarmUpNanos how long operations that need the engine to be loaded anew are repeated before they are timed
 */
record Effort(int repetitions, int longRepetitions, double limitNanos, double longWarmUpNanos) {

    static final Effort FULL = new Effort(11, 5, 25e9, 3e9);
    static final Effort QUICK = new Effort(5, 3, 1.5e9, 0.7e9);
}
