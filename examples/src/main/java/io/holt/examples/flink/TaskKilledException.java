package io.holt.examples.flink;

/** The failure that the example inflicts on its own job. Without a stack trace: it is thrown on purpose. */
final class TaskKilledException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    TaskKilledException(int kill, long sequence) {
        super("kill " + kill + " of the example, at event " + sequence, null, false, false);
    }
}
