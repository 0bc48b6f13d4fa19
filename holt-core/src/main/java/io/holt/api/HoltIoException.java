package io.holt.api;

/** A system call on a file failed. The message says which, and whether the database goes on. */
public final class HoltIoException extends HoltException {

    private static final long serialVersionUID = 1L;

    private final boolean outOfSpace;

    public HoltIoException(String message, Throwable cause) {
        this(message, cause, cause instanceof HoltIoException io && io.outOfSpace);
    }

    /** @param outOfSpace whether it failed because the file system is full, so that it can work again later */
    public HoltIoException(String message, Throwable cause, boolean outOfSpace) {
        super(message, cause);
        this.outOfSpace = outOfSpace;
    }

    public HoltIoException(String message) {
        this(message, null, false);
    }

    /** Whether the file system had no space left, or the quota was used up. */
    public boolean isOutOfSpace() {
        return outOfSpace;
    }
}
