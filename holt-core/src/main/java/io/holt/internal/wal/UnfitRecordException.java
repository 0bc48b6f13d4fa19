package io.holt.internal.wal;

/** A whole record does not fit to what was applied before; the reader says where it lies. */
public final class UnfitRecordException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public UnfitRecordException(String message) {
        super(message);
    }
}
