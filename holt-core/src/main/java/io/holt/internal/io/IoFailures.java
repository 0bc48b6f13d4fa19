package io.holt.internal.io;

import io.holt.api.HoltIoException;
import java.io.IOException;
import java.nio.file.Path;

/** The words of I/O errors: call, path, where in the file, and what the kernel said. */
final class IoFailures {

    private IoFailures() {}

    static HoltIoException ofCall(String call, Path path, int errno) {
        return failure(call + " of " + path, errno);
    }

    static HoltIoException ofRange(String call, Path path, long fileOffset, long bytes, int errno) {
        return failure(range(call, path, fileOffset, bytes), errno);
    }

    /** A file that ends inside of what was to be read, or a device that takes no bytes and says no more. */
    static HoltIoException noProgress(boolean write, Path path, long fileOffset, long bytes) {
        return new HoltIoException(range(write ? "write" : "read", path, fileOffset, bytes)
                + (write ? " made no progress" : " found the end of the file"));
    }

    static HoltIoException ofCall(String call, Path path, IOException cause) {
        return failure(call + " of " + path, cause);
    }

    static HoltIoException ofRange(String call, Path path, long fileOffset, long bytes, IOException cause) {
        return failure(range(call, path, fileOffset, bytes), cause);
    }

    private static HoltIoException failure(String what, int errno) {
        boolean outOfSpace = errno == Errno.ENOSPC || errno == Errno.EDQUOT;
        return new HoltIoException(what + " failed: " + Errno.describe(errno), null, outOfSpace);
    }

    /** The JDK tells errors of the kernel apart by their words only. */
    private static HoltIoException failure(String what, IOException cause) {
        String words = String.valueOf(cause.getMessage());
        boolean outOfSpace = words.contains("No space left") || words.contains("quota exceeded");
        return new HoltIoException(what + " failed: " + cause, cause, outOfSpace);
    }

    private static String range(String call, Path path, long fileOffset, long bytes) {
        return call + " of " + bytes + " bytes at offset " + fileOffset + " of " + path;
    }
}
