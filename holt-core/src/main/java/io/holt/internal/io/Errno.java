package io.holt.internal.io;

/** Linux error numbers (the same on x86-64, aarch64 and riscv64) and what they mean to whoever reads a message. */
final class Errno {

    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int EINTR = 4;
    static final int EIO = 5;
    static final int EAGAIN = 11;
    static final int ENOMEM = 12;
    static final int EACCES = 13;
    static final int EBUSY = 16;
    static final int EINVAL = 22;
    static final int ENOSPC = 28;
    static final int EROFS = 30;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;
    static final int EDQUOT = 122;

    private Errno() {}

    /** {@code ENOSPC (no space left on device)}, or {@code errno N} for one without a name here. */
    static String describe(int errno) {
        return switch (errno) {
            case EPERM -> "EPERM (operation not permitted)";
            case ENOENT -> "ENOENT (no such file or directory)";
            case EINTR -> "EINTR (interrupted by a signal)";
            case EIO -> "EIO (the device reports an error)";
            case 6 -> "ENXIO (no such device or address)";
            case 7 -> "E2BIG (argument list too long)";
            case 9 -> "EBADF (bad file descriptor)";
            case EAGAIN -> "EAGAIN (try again)";
            case ENOMEM -> "ENOMEM (cannot allocate or lock memory)";
            case EACCES -> "EACCES (permission denied)";
            case 14 -> "EFAULT (bad address)";
            case EBUSY -> "EBUSY (device or resource busy)";
            case 17 -> "EEXIST (file exists)";
            case 20 -> "ENOTDIR (not a directory)";
            case 21 -> "EISDIR (is a directory)";
            case EINVAL -> "EINVAL (invalid argument)";
            case 23 -> "ENFILE (too many open files in the system)";
            case 24 -> "EMFILE (too many open files in the process)";
            case 26 -> "ETXTBSY (file is being executed)";
            case 27 -> "EFBIG (file too large)";
            case ENOSPC -> "ENOSPC (no space left on device)";
            case EROFS -> "EROFS (read-only file system)";
            case 36 -> "ENAMETOOLONG (file name too long)";
            case ENOSYS -> "ENOSYS (function not implemented)";
            case 40 -> "ELOOP (too many symbolic links)";
            case 75 -> "EOVERFLOW (value too large)";
            case EOPNOTSUPP -> "EOPNOTSUPP (operation not supported)";
            case 110 -> "ETIMEDOUT (timed out)";
            case 116 -> "ESTALE (stale file handle)";
            case EDQUOT -> "EDQUOT (disk quota exceeded)";
            case 125 -> "ECANCELED (operation canceled)";
            default -> "errno " + errno;
        };
    }
}
