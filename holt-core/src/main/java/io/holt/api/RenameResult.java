package io.holt.api;

/** What became of a rename. */
public enum RenameResult {
    /** The record has its new key. */
    RENAMED,

    /** There is no record of the old key; nothing was changed. */
    SOURCE_MISSING,

    /** There is a record of the new key, and it was not to be replaced; nothing was changed. */
    TARGET_EXISTS
}
