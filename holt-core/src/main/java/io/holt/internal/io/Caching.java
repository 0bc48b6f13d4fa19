package io.holt.internal.io;

/** Whether the bytes of a file should go through the operating system's page cache. */
public enum Caching {
    /** Through the page cache: small appends, small files. */
    CACHED,
    /**
     * Past it where engine, file system and alignment permit: requests whose address, length and file offset are
     * multiples of {@link IoFile#DIRECT_ALIGNMENT_BYTES}. Others go through it, and both see the same bytes.
     */
    DIRECT
}
