package io.holt.kstreams.internal;

import java.util.Arrays;

/**
 * What a store is and what its values are. The code is part of the format of {@link CommitRecord}.
 *
 * <p>The kinds of one family differ only in what stands before the value that the serializer made, so a store can be
 * taken over by a later kind of its family: see {@link #upgradePrefix}.
 */
public enum StoreKind {
    /** The bytes that the value's serializer made. */
    PLAIN(1, "plain", Family.KEY_VALUE, 0),
    /** A timestamp of 8 bytes, then those bytes. */
    TIMESTAMPED(2, "timestamped", Family.KEY_VALUE, 1),
    /** Headers with their length, then a timestamp, then those bytes. */
    HEADERS(3, "timestamped with headers", Family.KEY_VALUE, 2),
    /** Windows of plain values. */
    WINDOW(4, "window", Family.WINDOW, 0),
    /** Windows of timestamped values. */
    TIMESTAMPED_WINDOW(5, "timestamped window", Family.WINDOW, 1),
    /** Windows of timestamped values with headers. */
    HEADERS_WINDOW(6, "timestamped window with headers", Family.WINDOW, 2),
    /** Sessions of plain values. */
    SESSION(7, "session", Family.SESSION, 0),
    /** Sessions of values with headers, without timestamps. */
    HEADERS_SESSION(8, "session with headers", Family.SESSION, 1),
    /** The latest version of each key, and the versions before it. */
    VERSIONED(9, "versioned", Family.VERSIONED, 0);

    /** Kinds between which a store can be upgraded. */
    enum Family {
        KEY_VALUE,
        WINDOW,
        SESSION,
        VERSIONED
    }

    private static final byte[] NO_HEADERS = {0};
    private static final byte[] UNKNOWN_TIMESTAMP = {-1, -1, -1, -1, -1, -1, -1, -1};

    private final int code;
    private final String label;
    private final Family family;
    private final int level;

    StoreKind(int code, String label, Family family, int level) {
        this.code = code;
        this.label = label;
        this.family = family;
        this.level = level;
    }

    int code() {
        return code;
    }

    String label() {
        return label;
    }

    Family family() {
        return family;
    }

    /**
     * What must be put before each value of an older kind to make it one of this kind: the timestamp -1, which stands
     * for an unknown one, and no headers, as Kafka Streams converts them.
     *
     * @return null if the other kind is not an older one of the same family
     */
    byte[] upgradePrefix(StoreKind older) {
        if (older.family != family || older.level >= level) {
            return null;
        }
        if (family == Family.SESSION) {
            return NO_HEADERS.clone();
        }
        byte[] timestamp = older.level == 0 ? UNKNOWN_TIMESTAMP : new byte[0];
        byte[] headers = level == 2 ? NO_HEADERS : new byte[0];
        byte[] prefix = Arrays.copyOf(headers, headers.length + timestamp.length);
        System.arraycopy(timestamp, 0, prefix, headers.length, timestamp.length);
        return prefix;
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
