package io.holt.internal.io;

import io.holt.api.IoEngineKind;
import java.nio.file.Path;

/** pread and pwrite, past the page cache where the file system can: any 64-bit Linux. */
class PreadEngine extends HostEngine {

    private static final int NO_MODE = 0;

    PreadEngine() {}

    @Override
    public IoEngineKind kind() {
        return IoEngineKind.PREAD;
    }

    @Override
    public IoFile open(Path file, OpenMode mode, Caching caching) {
        return PosixFile.open(file, mode, caching);
    }

    @Override
    public final void syncDirectory(Path directory) {
        int flags = NativeCalls.O_RDONLY | NativeCalls.O_CLOEXEC;
        int fd = NativeCalls.open(directory.toString(), flags, NO_MODE);
        if (fd < 0) {
            throw IoFailures.ofCall("open", directory, -fd);
        }
        int rc;
        do {
            rc = NativeCalls.fsync(fd);
        } while (rc == -Errno.EINTR);
        NativeCalls.close(fd);
        if (rc < 0) {
            throw IoFailures.ofCall("fsync", directory, -rc);
        }
    }

    @Override
    public void close() {}
}
