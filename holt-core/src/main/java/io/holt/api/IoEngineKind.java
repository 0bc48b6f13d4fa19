package io.holt.api;

/** How files are read and written. */
public enum IoEngineKind {
    /** The best one that works on this machine: io_uring, then pread, then channel. */
    AUTO,
    /** io_uring by system calls; Linux, where the kernel and the container's seccomp profile permit it. */
    URING,
    /** pread and pwrite, past the page cache where the file system can; Linux. */
    PREAD,
    /** {@link java.nio.channels.FileChannel}; any operating system. */
    CHANNEL
}
