package io.holt.benchmarks.harness;

/** One operation on one loaded engine. Its rounds are one stream: each run goes on where the last one ended. */
public interface Cell extends AutoCloseable {

    /** What has to be done before each repetition and is not timed. */
    default void prepare() {}

    /**
     * Runs so many rounds.
     *
     * @throws WrongAnswerException if the engine did not answer as it must
     */
    void run(int rounds);

    /** By how many operations the time of a round is divided. */
    default int operationsPerRound() {
        return 1;
    }

    /** Whether a repetition is one round after much preparation. */
    default boolean isLong() {
        return false;
    }

    /** Lets go of what the last repetition left open; the engine stays open. */
    @Override
    default void close() {}
}
