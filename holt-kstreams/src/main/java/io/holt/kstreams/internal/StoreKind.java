package io.holt.kstreams.internal;

/** What the values of a store are. The code is part of the format of {@link CommitRecord}. */
public enum StoreKind {
    /** The bytes that the value's serializer made. */
    PLAIN(1, "plain"),
    /** A timestamp of 8 bytes, then those bytes. */
    TIMESTAMPED(2, "timestamped");

    private final int code;
    private final String label;

    StoreKind(int code, String label) {
        this.code = code;
        this.label = label;
    }

    int code() {
        return code;
    }

    String label() {
        return label;
    }

    /** The kind of this code, or null if there is none. */
    static StoreKind ofCode(int code) {
        for (StoreKind kind : values()) {
            if (kind.code == code) {
                return kind;
            }
        }
        return null;
    }
}
