package io.holt.examples.fs;

/** What happened to a file. The codes are part of the event's encoding and never change. */
public enum EventKind {
    /** The file is there now; it was not before. */
    CREATE(1),
    /** The file has another size now. */
    RESIZE(2),
    /** The file is gone; its event's size is 0. */
    DELETE(3);

    private final byte code;

    EventKind(int code) {
        this.code = (byte) code;
    }

    byte code() {
        return code;
    }

    /** The kind of that code, or null if there is none. */
    static EventKind ofCode(byte code) {
        return switch (code) {
            case 1 -> CREATE;
            case 2 -> RESIZE;
            case 3 -> DELETE;
            default -> null;
        };
    }
}
