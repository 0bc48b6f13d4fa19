package io.holt.examples.fs;

/** Bytes that are no event, or one of a version that this program does not know. */
public final class EventFormatException extends IllegalArgumentException {

    private static final long serialVersionUID = 1L;

    EventFormatException(String message) {
        super(message);
    }
}
