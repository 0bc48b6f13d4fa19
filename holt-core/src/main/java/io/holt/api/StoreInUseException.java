package io.holt.api;

/** Another process, or this one, has the database open. */
public final class StoreInUseException extends HoltException {

    private static final long serialVersionUID = 1L;

    public StoreInUseException(String path, Throwable cause) {
        super("the database in " + path + " is open elsewhere; close it there first", cause);
    }
}
