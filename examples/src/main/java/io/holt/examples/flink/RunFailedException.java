package io.holt.examples.flink;

import java.io.PrintWriter;
import java.io.StringWriter;

/** A run that came to no result. */
final class RunFailedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final String trace;

    private RunFailedException(String message, String trace, Throwable cause) {
        super(message, cause);
        this.trace = trace;
    }

    /** A failure of which nothing but a message is known. */
    RunFailedException(String message) {
        this(message, "", null);
    }

    /** A run that failed in this process. */
    static RunFailedException of(Backend backend, Throwable cause) {
        Throwable root = cause;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        StringWriter trace = new StringWriter();
        cause.printStackTrace(new PrintWriter(trace, true));
        return new RunFailedException(backend.name() + ": the run failed: " + root, trace.toString(), cause);
    }

    /** What to carry to another process. */
    String[] toStrings() {
        return new String[] {getMessage(), trace};
    }

    /** What came from another process. */
    static RunFailedException ofStrings(String[] strings) {
        return new RunFailedException(strings[0], strings[1], null);
    }

    /** The stack trace of the failure in the process where it happened, or an empty text. */
    String trace() {
        return trace;
    }
}
