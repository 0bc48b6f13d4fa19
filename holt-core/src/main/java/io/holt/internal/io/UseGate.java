package io.holt.internal.io;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;

/**
 * Counts the calls under way on a file and keeps new ones out once it is closed.
 *
 * <p>Invariant: a descriptor is given back only when no call uses it; the kernel hands its number to the next file
 * that is opened, and a late write would go there.
 */
final class UseGate {

    private static final int CLOSED = 1 << 31;
    private static final long CLOSE_POLL_NANOS = 50_000;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(UseGate.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Path path;

    /** Calls under way, and the sign bit once the file is closed. */
    @SuppressWarnings("unused")
    private volatile int state;

    UseGate(Path path) {
        this.path = path;
    }

    /** Pairs with {@link #leave()}. */
    void enter() {
        if ((int) STATE.getAndAdd(this, 1) < 0) {
            STATE.getAndAdd(this, -1);
            throw new IllegalStateException(path + " is closed");
        }
    }

    void leave() {
        STATE.getAndAdd(this, -1);
    }

    /**
     * Keeps new calls out and waits until those under way are back.
     *
     * @return whether it was this call that closed
     */
    boolean close() {
        if (((int) STATE.getAndBitwiseOr(this, CLOSED) & CLOSED) != 0) {
            return false;
        }
        while (((int) STATE.getVolatile(this) & ~CLOSED) != 0) {
            LockSupport.parkNanos(CLOSE_POLL_NANOS);
        }
        return true;
    }
}
