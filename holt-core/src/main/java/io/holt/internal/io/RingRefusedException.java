package io.holt.internal.io;

/** The kernel grants no ring; the message says why. */
final class RingRefusedException extends Exception {

    private static final long serialVersionUID = 1L;

    RingRefusedException(String message) {
        super(message);
    }

    static RingRefusedException of(String call, int errno) {
        String hint = switch (errno) {
            case Errno.EPERM, Errno.EACCES ->
                ": refused by the container's seccomp profile or by kernel.io_uring_disabled";
            case Errno.ENOSYS -> ": the kernel has none";
            case Errno.ENOMEM -> ": raise RLIMIT_MEMLOCK";
            default -> "";
        };
        return new RingRefusedException(call + " failed with " + Errno.describe(errno) + hint);
    }
}
