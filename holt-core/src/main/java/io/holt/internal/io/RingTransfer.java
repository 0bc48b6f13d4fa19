package io.holt.internal.io;

import io.holt.api.HoltIoException;
import io.holt.internal.memory.Memory;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Carries batches out on one ring, many requests in flight. Threads: who holds {@link #lock}.
 *
 * <p>Invariant: when a call returns or throws, none of its requests is in flight; if the kernel can't say so the ring
 * is marked broken and not used again.
 */
final class RingTransfer {

    private static final long RETRY_NANOS = 50_000;

    final ReentrantLock lock = new ReentrantLock();
    private final Ring ring;

    // By request of the batch:
    private long[] done = new long[0];
    private int[] descriptors = new int[0];

    /** Requests to be handed over once more, for what is left of them. */
    private int[] again = new int[0];

    private int againCount;
    private int prepared;
    private int inFlight;

    RingTransfer(Ring ring) {
        this.ring = ring;
    }

    Ring ring() {
        return ring;
    }

    /** Carries all requests out; their failures are noted in the batch. */
    void run(PosixFile file, IoBatch batch) {
        int count = batch.count();
        if (done.length < count) {
            done = new long[count];
            descriptors = new int[count];
            again = new int[count];
        }
        againCount = 0;
        int next = 0;
        while (true) {
            while (prepared + inFlight < Ring.DEPTH && (againCount > 0 || next < count)) {
                if (againCount > 0) {
                    prepare(file, batch, again[--againCount]);
                } else {
                    done[next] = 0;
                    prepare(file, batch, next++);
                }
            }
            int all = prepared + inFlight;
            if (all == 0) {
                return;
            }
            // While there is more to come, half of them are enough to go on with.
            enter(file, next < count ? (all + 1) / 2 : all);
            for (long at = ring.nextCompletion(); at != 0; at = ring.nextCompletion()) {
                int request = (int) Memory.getLong(at + RingDescriptor.COMPLETION_USER_DATA);
                int result = Memory.getInt(at + RingDescriptor.COMPLETION_RESULT);
                ring.completionSeen();
                inFlight--;
                complete(file, batch, request, result);
            }
        }
    }

    private void prepare(PosixFile file, IoBatch batch, int request) {
        long at = batch.fileOffset(request) + done[request];
        long address = batch.address(request) + done[request];
        int bytes = (int) Math.min(batch.bytes(request) - done[request], PosixFile.MAX_CALL_BYTES);
        int descriptor = file.descriptorFor(at, address, bytes);
        descriptors[request] = descriptor;
        boolean write = batch.isWrite(request);
        int index = ring.bufferOf(address, bytes);
        boolean fixed = index != Ring.NO_BUFFER;
        int opcode = write
                ? (fixed ? RingDescriptor.OPCODE_WRITE_FIXED : RingDescriptor.OPCODE_WRITE)
                : (fixed ? RingDescriptor.OPCODE_READ_FIXED : RingDescriptor.OPCODE_READ);
        ring.prepare(opcode, descriptor, at, address, bytes, 0, fixed ? index : 0, request);
        prepared++;
    }

    private void enter(PosixFile file, int completions) {
        int taken = ring.enter(prepared, completions);
        if (taken >= 0) {
            prepared -= taken;
            inFlight += taken;
        } else if (taken == -Errno.EAGAIN || taken == -Errno.EBUSY) {
            LockSupport.parkNanos(RETRY_NANOS);
        } else if (taken != -Errno.EINTR) {
            ring.breakUp();
            throw IoFailures.ofCall("io_uring_enter (what was requested may or may not be done)", file.path(), -taken);
        }
    }

    private void complete(PosixFile file, IoBatch batch, int request, int result) {
        boolean write = batch.isWrite(request);
        long at = batch.fileOffset(request) + done[request];
        long left = batch.bytes(request) - done[request];
        if (result > 0) {
            done[request] += result;
            if (result < left) {
                again[againCount++] = request;
            }
        } else if (result == 0) {
            batch.fail(request, IoFailures.noProgress(write, file.path(), at, left));
        } else if (result == -Errno.EAGAIN || file.goesOn(descriptors[request], -result)) {
            again[againCount++] = request;
        } else {
            HoltIoException failure =
                    IoFailures.ofRange(write ? "io_uring write" : "io_uring read", file.path(), at, left, -result);
            batch.fail(request, failure);
        }
    }

    /** Makes durable what was written to a file; 0 or {@code -errno}. */
    int sync(PosixFile file) {
        while (true) {
            ring.prepare(
                    RingDescriptor.OPCODE_FSYNC, file.cachedDescriptor(), 0, 0, 0, RingDescriptor.FSYNC_DATASYNC, 0, 0);
            prepared++;
            while (prepared + inFlight > 0 && ring.nextCompletion() == 0) {
                enter(file, 1);
            }
            int result = Memory.getInt(ring.nextCompletion() + RingDescriptor.COMPLETION_RESULT);
            ring.completionSeen();
            inFlight--;
            if (result != -Errno.EINTR) {
                return Math.min(result, 0);
            }
        }
    }
}
