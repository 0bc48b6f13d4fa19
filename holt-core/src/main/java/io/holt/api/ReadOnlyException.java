package io.holt.api;

/** The database was opened to be read only; nothing was changed. */
public final class ReadOnlyException extends HoltException {

    private static final long serialVersionUID = 1L;

    public ReadOnlyException() {
        super("the database was opened read-only; nothing was changed; open it without that option to write");
    }
}
