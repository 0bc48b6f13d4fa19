package io.holt.api;

/** A system call on a file failed. The message says which, and whether the database goes on. */
public final class HoltIoException extends HoltException {

    private static final long serialVersionUID = 1L;

    public HoltIoException(String message, Throwable cause) {
        super(message, cause);
    }

    public HoltIoException(String message) {
        super(message);
    }
}
