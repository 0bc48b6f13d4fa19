package io.holt.internal.io;

/** What a path is, to someone who would keep files in it. */
public enum DirectoryState {
    MISSING,
    NOT_A_DIRECTORY,
    /** A directory in which files can't be made: no permission, or a read-only file system. */
    READ_ONLY,
    WRITABLE
}
