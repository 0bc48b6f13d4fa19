package io.holt.internal.io;

import io.holt.api.HoltIoException;
import java.io.IOException;
import java.nio.file.Path;

/** The words of I/O errors: call, path, where in the file, and what the kernel said. */
final class IoFailures {

    private IoFailures() {}

    static HoltIoException ofCall(String call, Path path, int errno) {
        return new HoltIoException(call + " of " + path + " failed: " + Errno.describe(errno));
    }

    static HoltIoException ofRange(String call, Path path, long fileOffset, long bytes, int errno) {
        return new HoltIoException(range(call, path, fileOffset, bytes) + " failed: " + Errno.describe(errno));
    }

    /** A file that ends inside of what was to be read, or a device that takes no bytes and says no more. */
    static HoltIoException noProgress(boolean write, Path path, long fileOffset, long bytes) {
        return new HoltIoException(range(write ? "write" : "read", path, fileOffset, bytes)
                + (write ? " made no progress" : " found the end of the file"));
    }

    static HoltIoException ofCall(String call, Path path, IOException cause) {
        return new HoltIoException(call + " of " + path + " failed: " + cause, cause);
    }

    static HoltIoException ofRange(String call, Path path, long fileOffset, long bytes, IOException cause) {
        return new HoltIoException(range(call, path, fileOffset, bytes) + " failed: " + cause, cause);
    }

    private static String range(String call, Path path, long fileOffset, long bytes) {
        return call + " of " + bytes + " bytes at offset " + fileOffset + " of " + path;
    }
}
