package io.holt.examples.flink;

/** A run that came to no result. */
final class RunFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    RunFailedException(String message, Throwable cause) {
        super(message, cause);
    }
}
