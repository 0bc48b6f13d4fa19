package io.holt.internal.io;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * The only downcalls of the engine: thin bindings of libc for 64-bit Linux.
 *
 * <p>Each returns what the call returned, or {@code -errno} if it failed; none throws for a failed call. Memory is
 * passed by address: the caller keeps it alive, and unchanged by others, until the call is back. No call is
 * {@code critical}, since each may block, and a critical call holds up every safepoint. Threads: any.
 */
final class NativeCalls {

    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_EXCL = 0x80;
    static final int O_CLOEXEC = 0x80000;

    /** {@code O_DIRECT} differs by architecture; 0 where it is not known. */
    static final int O_DIRECT = direct(System.getProperty("os.arch"));

    static final int FALLOC_FL_KEEP_SIZE = 1;
    static final int FALLOC_FL_PUNCH_HOLE = 2;
    static final int SEEK_END = 2;
    static final int PROT_READ_WRITE = 3;
    static final int MAP_SHARED = 1;
    static final int MAP_SHARED_POPULATE = 0x8001;

    /** Since Linux 5.14. */
    static final int MADV_POPULATE_WRITE = 23;

    private static final StructLayout CAPTURE_LAYOUT = Linker.Option.captureStateLayout();
    private static final VarHandle ERRNO_FIELD =
            CAPTURE_LAYOUT.varHandle(MemoryLayout.PathElement.groupElement("errno"));

    // Not shared segments: passing one costs four times the call.
    private static final ThreadLocal<MemorySegment> CAPTURED =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(CAPTURE_LAYOUT));

    private static final String REFUSAL = refusal();

    // SAFETY of all handles: the descriptors are those of the manual pages for LP64, where off_t, size_t and ssize_t
    // are 64-bit; open, fcntl and syscall are variadic from the argument named.
    private static final MethodHandle OPEN = bind("open", 2, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
    private static final MethodHandle CLOSE = bind("close", -1, JAVA_INT, JAVA_INT);
    private static final MethodHandle PREAD = bind("pread", -1, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle PWRITE = bind("pwrite", -1, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FDATASYNC = bind("fdatasync", -1, JAVA_INT, JAVA_INT);
    private static final MethodHandle FSYNC = bind("fsync", -1, JAVA_INT, JAVA_INT);
    private static final MethodHandle FALLOCATE =
            bind("fallocate", -1, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle FTRUNCATE = bind("ftruncate", -1, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle LSEEK = bind("lseek", -1, JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
    private static final MethodHandle STATX =
            bind("statx", -1, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle FCNTL = bind("fcntl", 2, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS);
    private static final MethodHandle MMAP =
            bind("mmap", -1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_INT, JAVA_INT, JAVA_INT, JAVA_LONG);
    private static final MethodHandle MUNMAP = bind("munmap", -1, JAVA_INT, JAVA_LONG, JAVA_LONG);
    private static final MethodHandle MADVISE = bind("madvise", -1, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_INT);
    private static final MethodHandle SYSCALL =
            bind("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);

    private NativeCalls() {}

    /** Why these calls can't be made here, or null if they can. */
    static String refusalReason() {
        return REFUSAL;
    }

    static int open(String path, int flags, int mode) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CAPTURED.get();
            return result((int) OPEN.invokeExact(state, arena.allocateFrom(path), flags, mode), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int close(int fd) {
        try {
            MemorySegment state = CAPTURED.get();
            return result((int) CLOSE.invokeExact(state, fd), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long pread(int fd, long address, long bytes, long offset) {
        try {
            MemorySegment state = CAPTURED.get();
            return result((long) PREAD.invokeExact(state, fd, address, bytes, offset), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long pwrite(int fd, long address, long bytes, long offset) {
        try {
            MemorySegment state = CAPTURED.get();
            return result((long) PWRITE.invokeExact(state, fd, address, bytes, offset), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fdatasync(int fd) {
        try {
            MemorySegment state = CAPTURED.get();
            return result((int) FDATASYNC.invokeExact(state, fd), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fsync(int fd) {
        try {
            MemorySegment state = CAPTURED.get();
            return result((int) FSYNC.invokeExact(state, fd), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int fallocate(int fd, int mode, long offset, long bytes) {
        try {
            MemorySegment state = CAPTURED.get();
            return result((int) FALLOCATE.invokeExact(state, fd, mode, offset, bytes), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int ftruncate(int fd, long bytes) {
        try {
            MemorySegment state = CAPTURED.get();
            return result((int) FTRUNCATE.invokeExact(state, fd, bytes), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static long lseek(int fd, long offset, int whence) {
        try {
            MemorySegment state = CAPTURED.get();
            return result((long) LSEEK.invokeExact(state, fd, offset, whence), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** Blocks of 512 bytes that a file has on its device: {@code statx} with {@code STATX_BLOCKS} alone. */
    static long allocatedBlocks(int fd) {
        final int emptyPath = 0x1000;
        final int blocksMask = 0x400;
        final int structBytes = 256;
        final int blocksOffset = 48;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CAPTURED.get();
            MemorySegment answer = arena.allocate(structBytes, Long.BYTES);
            int rc = (int) STATX.invokeExact(state, fd, arena.allocateFrom(""), emptyPath, blocksMask, answer);
            return rc < 0 ? result(rc, state) : answer.get(JAVA_LONG, blocksOffset);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * Takes a lock of the open file description ({@code F_OFD_SETLK}) on the whole file: it conflicts with those of
     * this process too, and with the process-wide ones of {@code FileChannel}, and closing another descriptor of the
     * file does not release it.
     */
    static int lock(int fd, boolean shared) {
        final int setOfdLock = 37;
        final short readLock = 0;
        final short writeLock = 1;
        final int structBytes = 32;
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = CAPTURED.get();
            // Whence, start, length and pid stay 0: from the first byte to the end of the file, wherever that is.
            MemorySegment request = arena.allocate(structBytes, Long.BYTES);
            request.set(ValueLayout.JAVA_SHORT, 0, shared ? readLock : writeLock);
            return result((int) FCNTL.invokeExact(state, fd, setOfdLock, request), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /**
     * Maps a file, readable and writable, wherever the kernel likes; the address, or {@code -errno}.
     *
     * @param flags {@link #MAP_SHARED} or {@link #MAP_SHARED_POPULATE}
     */
    static long mmap(int fd, long offset, long bytes, int flags) {
        try {
            MemorySegment state = CAPTURED.get();
            long address = (long) MMAP.invokeExact(state, 0L, bytes, PROT_READ_WRITE, flags, fd, offset);
            return result(address, state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int munmap(long address, long bytes) {
        try {
            MemorySegment state = CAPTURED.get();
            return result((int) MUNMAP.invokeExact(state, address, bytes), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    static int madvise(long address, long bytes, int advice) {
        try {
            MemorySegment state = CAPTURED.get();
            return result((int) MADVISE.invokeExact(state, address, bytes, advice), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    /** {@code syscall(2)} for calls that libc has no name for. */
    static long syscall(long number, long a, long b, long c, long d, long e, long f) {
        try {
            MemorySegment state = CAPTURED.get();
            return result((long) SYSCALL.invokeExact(state, number, a, b, c, d, e, f), state);
        } catch (Throwable t) {
            throw unexpected(t);
        }
    }

    private static int result(int returned, MemorySegment state) {
        return returned == -1 ? -(int) ERRNO_FIELD.get(state, 0L) : returned;
    }

    private static long result(long returned, MemorySegment state) {
        return returned == -1 ? -(int) ERRNO_FIELD.get(state, 0L) : returned;
    }

    private static RuntimeException unexpected(Throwable t) {
        if (t instanceof Error error) {
            throw error;
        }
        return new IllegalStateException("a downcall threw", t);
    }

    private static int direct(String arch) {
        return switch (arch) {
            case "amd64", "x86_64", "riscv64" -> 0x4000;
            case "aarch64" -> 0x10000;
            default -> 0;
        };
    }

    private static String refusal() {
        if (!System.getProperty("os.name").equals("Linux")) {
            return "the system calls of Linux are not those of " + System.getProperty("os.name");
        }
        if (ADDRESS.byteSize() != Long.BYTES || O_DIRECT == 0) {
            return "the constants of the architecture " + System.getProperty("os.arch") + " are not known";
        }
        for (String name :
                new String[] {"pread", "pwrite", "fdatasync", "fallocate", "statx", "fcntl", "madvise", "syscall"}) {
            if (Linker.nativeLinker().defaultLookup().find(name).isEmpty()) {
                return "the C library has no " + name;
            }
        }
        return null;
    }

    @SuppressWarnings("restricted")
    private static MethodHandle bind(String name, int firstVariadic, MemoryLayout result, MemoryLayout... arguments) {
        Optional<MemorySegment> symbol =
                REFUSAL == null ? Linker.nativeLinker().defaultLookup().find(name) : Optional.empty();
        if (symbol.isEmpty()) {
            return null;
        }
        Linker.Option errno = Linker.Option.captureCallState("errno");
        Linker.Option[] options = firstVariadic < 0
                ? new Linker.Option[] {errno}
                : new Linker.Option[] {errno, Linker.Option.firstVariadicArg(firstVariadic)};
        return Linker.nativeLinker().downcallHandle(symbol.get(), FunctionDescriptor.of(result, arguments), options);
    }
}
