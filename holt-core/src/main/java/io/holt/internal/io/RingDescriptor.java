package io.holt.internal.io;

/**
 * The bytes and numbers that io_uring shares with the kernel ({@code linux/io_uring.h}).
 *
 * <pre>
 * Submission (64 bytes)  0       1       2       3       4       5       6       7
 *                    +-------+-------+-------+-------+-------+-------+-------+-------+
 *                  0 |opcode | flags |   ioprio      |        file                   |
 *                  8 |                   file offset                                 |
 *                 16 |                   address                                     |
 *                 24 |        bytes                  |        flags of the operation |
 *                 32 |                   user data                                   |
 *                 40 | buffer index  |               0                               |
 *                    +-------+-------+-------+-------+-------+-------+-------+-------+
 *
 * Completion (16 bytes)
 *                  0 |                   user data                                   |
 *                  8 |        result                 |        flags                  |
 *
 * Parameters of setup (120 bytes)
 *                  0 |        sq entries             |        cq entries             |
 *                 16 |        idle                   |        features               |
 *                 40 |        offsets in the submission ring: head, tail, mask, entries, flags, dropped, array
 *                 80 |        offsets in the completion ring: head, tail, mask, entries, overflow, entries' start
 * </pre>
 */
final class RingDescriptor {

    static final long SYSCALL_SETUP = 425;
    static final long SYSCALL_ENTER = 426;
    static final long SYSCALL_REGISTER = 427;

    static final int PARAMS_BYTES = 120;
    static final int PARAMS_SQ_ENTRIES = 0;
    static final int PARAMS_CQ_ENTRIES = 4;
    static final int PARAMS_FEATURES = 20;
    static final int PARAMS_SQ_HEAD = 40;
    static final int PARAMS_SQ_TAIL = 44;
    static final int PARAMS_SQ_MASK = 48;
    static final int PARAMS_SQ_ARRAY = 64;
    static final int PARAMS_CQ_HEAD = 80;
    static final int PARAMS_CQ_TAIL = 84;
    static final int PARAMS_CQ_MASK = 88;
    static final int PARAMS_CQ_ENTRIES_START = 100;

    static final int FEATURE_SINGLE_MMAP = 1;
    static final int FEATURE_NO_DROP = 2;

    static final long MMAP_RINGS = 0;
    static final long MMAP_SUBMISSIONS = 0x1000_0000L;

    static final int SUBMISSION_BYTES = 64;
    static final int SUBMISSION_OPCODE = 0;
    static final int SUBMISSION_FILE = 4;
    static final int SUBMISSION_FILE_OFFSET = 8;
    static final int SUBMISSION_ADDRESS = 16;
    static final int SUBMISSION_LENGTH = 24;
    static final int SUBMISSION_OPERATION_FLAGS = 28;
    static final int SUBMISSION_USER_DATA = 32;
    static final int SUBMISSION_BUFFER_INDEX = 40;

    static final int COMPLETION_BYTES = 16;
    static final int COMPLETION_USER_DATA = 0;
    static final int COMPLETION_RESULT = 8;

    static final int OPCODE_FSYNC = 3;
    static final int OPCODE_READ_FIXED = 4;
    static final int OPCODE_WRITE_FIXED = 5;
    static final int OPCODE_READ = 22;
    static final int OPCODE_WRITE = 23;

    static final int FLAG_FIXED_FILE = 1;
    static final int FSYNC_DATASYNC = 1;
    static final int ENTER_GETEVENTS = 1;

    static final int REGISTER_BUFFERS = 0;
    static final int REGISTER_FILES = 2;
    static final int REGISTER_FILES_UPDATE = 6;
    static final int REGISTER_PROBE = 8;

    /** Probe answer: 16 bytes, then 8 for each operation: opcode, reserved, u16 flags, reserved. */
    static final int PROBE_HEADER_BYTES = 16;

    static final int PROBE_OPERATION_BYTES = 8;
    static final int PROBE_OPERATION_FLAGS = 2;
    static final int PROBE_SUPPORTED = 1;

    private RingDescriptor() {}
}
