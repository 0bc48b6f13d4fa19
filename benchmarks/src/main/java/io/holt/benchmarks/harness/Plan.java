package io.holt.benchmarks.harness;

/**
 * How many rounds a cell is run.
 *
 * @param warmUp rounds that are not timed, 1 or more
 * @param repetition rounds that are timed together, 1 or more
 */
public record Plan(int warmUp, int repetition) {

    private static final int BATCHES = 50;

    /** Rounds of the warm-up after which is seen how long it took. */
    int batch() {
        return Math.max(1, warmUp / BATCHES);
    }

    /** Rounds of a repetition: fewer than planned if they would take longer than {@code limitNanos}. */
    int repetitionWithin(double limitNanos, double roundNanos) {
        if (roundNanos * repetition <= limitNanos) {
            return repetition;
        }
        return Math.max(1, (int) (limitNanos / roundNanos));
    }
}
