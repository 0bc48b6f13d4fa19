package io.holt.internal.io;

/** What a file is opened for. */
public enum OpenMode {
    /** To read; it must exist. */
    READ,
    /** To read and write; it must exist. */
    WRITE,
    /** To read and write; made, empty, if it does not exist. */
    CREATE,
    /** To read and write; it must not exist. */
    CREATE_NEW
}
