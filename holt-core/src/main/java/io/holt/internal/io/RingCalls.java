package io.holt.internal.io;

/** The three system calls of io_uring, each answering {@code -errno} if it failed; tests put refusals in between. */
interface RingCalls {

    RingCalls KERNEL = new RingCalls() {
        @Override
        public long setup(int entries, long parameters) {
            return NativeCalls.syscall(RingDescriptor.SYSCALL_SETUP, entries, parameters, 0, 0, 0, 0);
        }

        @Override
        public long enter(int ring, int submissions, int completions, int flags) {
            return NativeCalls.syscall(RingDescriptor.SYSCALL_ENTER, ring, submissions, completions, flags, 0, 0);
        }

        @Override
        public long register(int ring, int what, long argument, int count) {
            return NativeCalls.syscall(RingDescriptor.SYSCALL_REGISTER, ring, what, argument, count, 0, 0);
        }
    };

    long setup(int entries, long parameters);

    long enter(int ring, int submissions, int completions, int flags);

    long register(int ring, int what, long argument, int count);
}
