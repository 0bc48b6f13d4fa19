package io.holt.internal.io;

import static io.holt.internal.io.RingDescriptor.COMPLETION_BYTES;
import static io.holt.internal.io.RingDescriptor.ENTER_GETEVENTS;
import static io.holt.internal.io.RingDescriptor.FEATURE_NO_DROP;
import static io.holt.internal.io.RingDescriptor.FEATURE_SINGLE_MMAP;
import static io.holt.internal.io.RingDescriptor.FLAG_FIXED_FILE;
import static io.holt.internal.io.RingDescriptor.MMAP_RINGS;
import static io.holt.internal.io.RingDescriptor.MMAP_SUBMISSIONS;
import static io.holt.internal.io.RingDescriptor.OPCODE_FSYNC;
import static io.holt.internal.io.RingDescriptor.OPCODE_READ;
import static io.holt.internal.io.RingDescriptor.OPCODE_READ_FIXED;
import static io.holt.internal.io.RingDescriptor.OPCODE_WRITE;
import static io.holt.internal.io.RingDescriptor.OPCODE_WRITE_FIXED;
import static io.holt.internal.io.RingDescriptor.PARAMS_BYTES;
import static io.holt.internal.io.RingDescriptor.PARAMS_CQ_ENTRIES;
import static io.holt.internal.io.RingDescriptor.PARAMS_CQ_ENTRIES_START;
import static io.holt.internal.io.RingDescriptor.PARAMS_CQ_HEAD;
import static io.holt.internal.io.RingDescriptor.PARAMS_CQ_MASK;
import static io.holt.internal.io.RingDescriptor.PARAMS_CQ_TAIL;
import static io.holt.internal.io.RingDescriptor.PARAMS_FEATURES;
import static io.holt.internal.io.RingDescriptor.PARAMS_SQ_ARRAY;
import static io.holt.internal.io.RingDescriptor.PARAMS_SQ_ENTRIES;
import static io.holt.internal.io.RingDescriptor.PARAMS_SQ_MASK;
import static io.holt.internal.io.RingDescriptor.PARAMS_SQ_TAIL;
import static io.holt.internal.io.RingDescriptor.PROBE_HEADER_BYTES;
import static io.holt.internal.io.RingDescriptor.PROBE_OPERATION_BYTES;
import static io.holt.internal.io.RingDescriptor.PROBE_OPERATION_FLAGS;
import static io.holt.internal.io.RingDescriptor.PROBE_SUPPORTED;
import static io.holt.internal.io.RingDescriptor.REGISTER_BUFFERS;
import static io.holt.internal.io.RingDescriptor.REGISTER_FILES;
import static io.holt.internal.io.RingDescriptor.REGISTER_FILES_UPDATE;
import static io.holt.internal.io.RingDescriptor.REGISTER_PROBE;
import static io.holt.internal.io.RingDescriptor.SUBMISSION_ADDRESS;
import static io.holt.internal.io.RingDescriptor.SUBMISSION_BUFFER_INDEX;
import static io.holt.internal.io.RingDescriptor.SUBMISSION_BYTES;
import static io.holt.internal.io.RingDescriptor.SUBMISSION_FILE;
import static io.holt.internal.io.RingDescriptor.SUBMISSION_FILE_OFFSET;
import static io.holt.internal.io.RingDescriptor.SUBMISSION_LENGTH;
import static io.holt.internal.io.RingDescriptor.SUBMISSION_OPCODE;
import static io.holt.internal.io.RingDescriptor.SUBMISSION_OPERATION_FLAGS;
import static io.holt.internal.io.RingDescriptor.SUBMISSION_USER_DATA;

import io.holt.api.HoltIoException;
import io.holt.internal.memory.Memory;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Arrays;

/**
 * One io_uring: its queues, its table of files and its registered buffers.
 *
 * <p>Threads: one at a time, handed over with a lock. Nothing is in flight between two calls, so no memory that a
 * caller takes back is still written by the kernel.
 */
final class Ring {

    /** Most requests in flight. */
    static final int DEPTH = 64;

    /** What the kernel takes as one buffer. */
    static final long MOST_BUFFER_BYTES = 1L << 30;

    /** The index of memory that is in no registered buffer. */
    static final int NO_BUFFER = -1;

    private static final int PAGE_BYTES = 4096;
    private static final int NO_FILE = -1;
    private static final int FILE_SLOTS = 16;
    private static final int IOVEC_BYTES = 16;
    private static final int PROBE_OPERATIONS = 64;

    private final RingCalls calls;
    private final int fd;
    private final long rings;
    private final long ringsBytes;
    private final long submissions;
    private final long submissionsBytes;

    // Addresses of what is shared.
    private final long sqTail;
    private final long cqHead;
    private final long cqTail;
    private final long completions;
    private final int sqMask;
    private final int cqMask;

    /** Only this side writes it. */
    private int tail;

    /** Descriptors in the ring's table, by slot; empty if the kernel refused one. */
    private final int[] files;

    /** Addresses of the registered buffers, by index; each of so many bytes. */
    private long[] buffers = {};

    private long bufferBytes;
    /** Not to be used any more. */
    private boolean broken;

    private Ring(RingCalls calls, int fd, MemorySegment parameters) throws RingRefusedException {
        this.calls = calls;
        this.fd = fd;
        int sqEntries = parameters.get(ValueLayout.JAVA_INT, PARAMS_SQ_ENTRIES);
        int cqEntries = parameters.get(ValueLayout.JAVA_INT, PARAMS_CQ_ENTRIES);
        long sqEnd = parameters.get(ValueLayout.JAVA_INT, PARAMS_SQ_ARRAY) + (long) sqEntries * Integer.BYTES;
        long cqStart = parameters.get(ValueLayout.JAVA_INT, PARAMS_CQ_ENTRIES_START);
        ringsBytes = wholePages(Math.max(sqEnd, cqStart + (long) cqEntries * COMPLETION_BYTES));
        submissionsBytes = wholePages((long) sqEntries * SUBMISSION_BYTES);
        // SAFETY: sizes and offsets are those that setup answered; unmapped in close() only.
        rings = map(MMAP_RINGS, ringsBytes);
        submissions = map(MMAP_SUBMISSIONS, submissionsBytes);
        Memory.register(rings, ringsBytes);
        Memory.register(submissions, submissionsBytes);
        sqTail = rings + parameters.get(ValueLayout.JAVA_INT, PARAMS_SQ_TAIL);
        cqHead = rings + parameters.get(ValueLayout.JAVA_INT, PARAMS_CQ_HEAD);
        cqTail = rings + parameters.get(ValueLayout.JAVA_INT, PARAMS_CQ_TAIL);
        completions = rings + cqStart;
        sqMask = Memory.getInt(rings + parameters.get(ValueLayout.JAVA_INT, PARAMS_SQ_MASK));
        cqMask = Memory.getInt(rings + parameters.get(ValueLayout.JAVA_INT, PARAMS_CQ_MASK));
        long array = rings + parameters.get(ValueLayout.JAVA_INT, PARAMS_SQ_ARRAY);
        for (int i = 0; i < sqEntries; i++) {
            Memory.putInt(array + (long) i * Integer.BYTES, i);
        }
        tail = Memory.getIntAcquire(sqTail);
        files = registerFiles();
    }

    /**
     * Asks the kernel for a ring.
     *
     * @throws RingRefusedException if it grants none, or one that can't do what is needed
     */
    static Ring open(RingCalls calls) throws RingRefusedException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment parameters = arena.allocate(PARAMS_BYTES, Long.BYTES);
            long fd = calls.setup(DEPTH, parameters.address());
            if (fd < 0) {
                throw RingRefusedException.of("io_uring_setup", (int) -fd);
            }
            boolean opened = false;
            try {
                int features = parameters.get(ValueLayout.JAVA_INT, PARAMS_FEATURES);
                int needed = FEATURE_SINGLE_MMAP | FEATURE_NO_DROP;
                if ((features & needed) != needed || !knowsOperations(calls, (int) fd, arena)) {
                    throw new RingRefusedException("the kernel's io_uring lacks features, Linux 5.6 has them");
                }
                Ring ring = new Ring(calls, (int) fd, parameters);
                opened = true;
                return ring;
            } finally {
                if (!opened) {
                    NativeCalls.close((int) fd);
                }
            }
        }
    }

    private static boolean knowsOperations(RingCalls calls, int fd, Arena arena) {
        long bytes = PROBE_HEADER_BYTES + (long) PROBE_OPERATIONS * PROBE_OPERATION_BYTES;
        MemorySegment probe = arena.allocate(bytes, Long.BYTES);
        if (calls.register(fd, REGISTER_PROBE, probe.address(), PROBE_OPERATIONS) < 0) {
            return false;
        }
        for (int opcode : new int[] {OPCODE_FSYNC, OPCODE_READ_FIXED, OPCODE_WRITE_FIXED, OPCODE_READ, OPCODE_WRITE}) {
            long operation = PROBE_HEADER_BYTES + (long) opcode * PROBE_OPERATION_BYTES;
            if ((probe.get(ValueLayout.JAVA_SHORT, operation + PROBE_OPERATION_FLAGS) & PROBE_SUPPORTED) == 0) {
                return false;
            }
        }
        return true;
    }

    private static long wholePages(long bytes) {
        return (bytes + PAGE_BYTES - 1) & -PAGE_BYTES;
    }

    private long map(long offset, long bytes) throws RingRefusedException {
        long address = NativeCalls.mmap(fd, offset, bytes, NativeCalls.MAP_SHARED_POPULATE);
        if (address < 0) {
            if (offset != MMAP_RINGS) {
                NativeCalls.munmap(rings, ringsBytes);
            }
            throw RingRefusedException.of("mmap of io_uring", (int) -address);
        }
        return address;
    }

    private int[] registerFiles() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment table = arena.allocate((long) FILE_SLOTS * Integer.BYTES, Integer.BYTES);
            table.fill((byte) NO_FILE);
            int[] slots = new int[FILE_SLOTS];
            Arrays.fill(slots, NO_FILE);
            return calls.register(fd, REGISTER_FILES, table.address(), FILE_SLOTS) < 0 ? new int[0] : slots;
        }
    }

    /**
     * Registers buffers, so that requests that name them need not look their pages up.
     *
     * @return 0, or {@code -errno}
     */
    int registerBuffers(long[] addresses, long bytes) {
        assert bytes <= MOST_BUFFER_BYTES;
        if (broken || buffers.length > 0) {
            return -Errno.EBUSY;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment vectors = arena.allocate((long) addresses.length * IOVEC_BYTES, Long.BYTES);
            for (int i = 0; i < addresses.length; i++) {
                vectors.set(ValueLayout.JAVA_LONG, (long) i * IOVEC_BYTES, addresses[i]);
                vectors.set(ValueLayout.JAVA_LONG, (long) i * IOVEC_BYTES + Long.BYTES, bytes);
            }
            long rc = calls.register(fd, REGISTER_BUFFERS, vectors.address(), addresses.length);
            if (rc >= 0) {
                buffers = addresses.clone();
                bufferBytes = bytes;
            }
            return (int) Math.min(rc, 0);
        }
    }

    /** The index of the registered buffer in which a range lies; or {@link #NO_BUFFER}. */
    int bufferOf(long address, long bytes) {
        for (int i = 0; i < buffers.length; i++) {
            if (address >= buffers[i] && address + bytes <= buffers[i] + bufferBytes) {
                return i;
            }
        }
        return NO_BUFFER;
    }

    /** The slot of a descriptor in the table, which takes it in if it has room; or -1. */
    int fileSlot(int descriptor) {
        int free = NO_FILE;
        for (int slot = 0; slot < files.length; slot++) {
            if (files[slot] == descriptor) {
                return slot;
            }
            if (files[slot] == NO_FILE) {
                free = slot;
            }
        }
        return free != NO_FILE && updateFile(free, descriptor) ? free : NO_FILE;
    }

    /** Lets go of a descriptor that is to be closed. */
    void forgetFile(int descriptor) {
        if (descriptor < 0 || broken) {
            return;
        }
        for (int slot = 0; slot < files.length; slot++) {
            if (files[slot] == descriptor && !updateFile(slot, NO_FILE)) {
                throw new HoltIoException("io_uring does not let go of file descriptor " + descriptor);
            }
        }
    }

    private boolean updateFile(int slot, int descriptor) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(Integer.BYTES, Integer.BYTES);
            value.set(ValueLayout.JAVA_INT, 0, descriptor);
            MemorySegment update = arena.allocate(2 * Long.BYTES, Long.BYTES);
            update.set(ValueLayout.JAVA_INT, 0, slot);
            update.set(ValueLayout.JAVA_LONG, Long.BYTES, value.address());
            if (calls.register(fd, REGISTER_FILES_UPDATE, update.address(), 1) != 1) {
                return false;
            }
            files[slot] = descriptor;
            return true;
        }
    }

    /** Prepares a submission, which the next {@link #enter} hands to the kernel. */
    void prepare(
            int opcode, int descriptor, long fileOffset, long address, int bytes, int flags, int index, long userData) {
        long at = submissions + (long) (tail & sqMask) * SUBMISSION_BYTES;
        int slot = fileSlot(descriptor);
        Memory.fill(at, SUBMISSION_BYTES, 0);
        Memory.putShort(at + SUBMISSION_OPCODE, opcode | (slot == NO_FILE ? 0 : FLAG_FIXED_FILE << Byte.SIZE));
        Memory.putInt(at + SUBMISSION_FILE, slot == NO_FILE ? descriptor : slot);
        Memory.putLong(at + SUBMISSION_FILE_OFFSET, fileOffset);
        Memory.putLong(at + SUBMISSION_ADDRESS, address);
        Memory.putInt(at + SUBMISSION_LENGTH, bytes);
        Memory.putInt(at + SUBMISSION_OPERATION_FLAGS, flags);
        Memory.putLong(at + SUBMISSION_USER_DATA, userData);
        Memory.putShort(at + SUBMISSION_BUFFER_INDEX, index);
        tail++;
        // Pairs with the kernel's acquire of the tail.
        Memory.putIntRelease(sqTail, tail);
    }

    /** Hands over what is prepared and waits; returns how many submissions were taken, or {@code -errno}. */
    int enter(int prepared, int completionsToAwait) {
        return (int) calls.enter(fd, prepared, completionsToAwait, ENTER_GETEVENTS);
    }

    /** Address of the oldest completion, or 0 if there is none. */
    long nextCompletion() {
        int head = Memory.getInt(cqHead);
        // Pairs with the kernel's release of the tail.
        if (head == Memory.getIntAcquire(cqTail)) {
            return 0;
        }
        return completions + (long) (head & cqMask) * COMPLETION_BYTES;
    }

    /** Gives the place of the oldest completion back. */
    void completionSeen() {
        Memory.putIntRelease(cqHead, Memory.getInt(cqHead) + 1);
    }

    /** Says that requests may still be in flight, so that the ring must not be used again. */
    void breakUp() {
        broken = true;
    }

    boolean isBroken() {
        return broken;
    }

    /** Files that are still open go on without the ring. */
    void close() {
        broken = true;
        Memory.unregister(rings, ringsBytes);
        Memory.unregister(submissions, submissionsBytes);
        NativeCalls.munmap(rings, ringsBytes);
        NativeCalls.munmap(submissions, submissionsBytes);
        NativeCalls.close(fd);
    }

    @Override
    public String toString() {
        return "io_uring " + Path.of("/proc/self/fd", String.valueOf(fd));
    }
}
