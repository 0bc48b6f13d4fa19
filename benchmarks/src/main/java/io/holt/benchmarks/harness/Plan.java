package io.holt.benchmarks.harness;

/**
 * How many rounds a cell is run.
 *
 * @param warmUp rounds that are not timed
 * @param repetition rounds that are timed together
 */
record Plan(int warmUp, int repetition) {

    /** Rounds by which the duration of a cell is foretold. */
    int pilot() {
        return Math.max(1, repetition / 50);
    }

    /** The same plan, shortened if warm-up and repetitions would take longer than that. */
    Plan within(double limitNanos, double roundNanos, int repetitions) {
        double nanos = roundNanos * (warmUp + (double) repetition * repetitions);
        if (nanos <= limitNanos) {
            return this;
        }
        double share = limitNanos / nanos;
        return new Plan((int) (warmUp * share), Math.max(1, (int) (repetition * share)));
    }
}
