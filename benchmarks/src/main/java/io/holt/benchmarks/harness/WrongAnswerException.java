package io.holt.benchmarks.harness;

/** An engine did not answer what it must: whatever was measured is worth nothing. */
public final class WrongAnswerException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private WrongAnswerException(String message) {
        super(message);
    }

    /** Throws one unless the answer is what was expected. */
    public static void check(String what, long expected, long actual) {
        if (expected != actual) {
            throw new WrongAnswerException(what + ": expected " + expected + ", got " + actual);
        }
    }
}
