package io.holt.internal.io;

/** The kernel grants no ring; the message says why. */
final class RingRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    private final int errno;

    RingRefusedException(String message) {
        this(message, 0);
    }

    private RingRefusedException(String message, int errno) {
        super(message);
        this.errno = errno;
    }

    /** Whether there is none to be had here at all, whoever asks again. */
    boolean isByPolicy() {
        return errno == Errno.EPERM || errno == Errno.EACCES || errno == Errno.ENOSYS;
    }

    static RingRefusedException of(String call, int errno) {
        String hint = switch (errno) {
            case Errno.EPERM, Errno.EACCES ->
                ": refused by the container's seccomp profile or by kernel.io_uring_disabled";
            case Errno.ENOSYS -> ": the kernel has none";
            case Errno.ENOMEM -> ": raise RLIMIT_MEMLOCK";
            default -> "";
        };
        return new RingRefusedException(call + " failed with " + Errno.describe(errno) + hint, errno);
    }
}
