package io.holt.api;

/** The database, snapshot, cursor or buffer was closed before the call. */
public final class HoltClosedException extends HoltException {

    private static final long serialVersionUID = 1L;

    /** @param what the thing that is closed, such as "database" or "snapshot" */
    public HoltClosedException(String what) {
        super("this " + what + " is closed");
    }
}
