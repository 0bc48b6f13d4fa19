package io.holt.internal.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.util.Locale;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Anonymous private mappings by mmap and madvise. */
final class LinuxPages implements PageSource {

    private static final Logger LOG = LoggerFactory.getLogger(LinuxPages.class);

    /** Architectures on which the constants below have these values. */
    private static final Set<String> ARCHITECTURES = Set.of("amd64", "x86_64", "aarch64", "riscv64");

    private static final int PROT_READ_WRITE = 0x1 | 0x2;
    private static final int MAP_PRIVATE = 0x02;
    private static final int MAP_FIXED = 0x10;
    private static final int MAP_ANONYMOUS = 0x20;
    /** Reserving is no promise to use: pages count when they are touched. */
    private static final int MAP_NORESERVE = 0x4000;

    private static final int MADV_DONTNEED = 4;
    private static final int MADV_HUGEPAGE = 14;
    private static final int MADV_NOHUGEPAGE = 15;
    /** Since Linux 5.14. */
    private static final int PAGE_BYTES = 4096;

    private static final long MAP_FAILED = -1;

    static boolean isSupported() {
        return System.getProperty("os.name", "").startsWith("Linux")
                && ARCHITECTURES.contains(System.getProperty("os.arch", "").toLowerCase(Locale.ROOT));
    }

    @Override
    public long reserve(long bytes, long alignment) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Calls.STATE);
            long reserved = bytes + alignment;
            long start = Calls.mmap(state, 0, reserved, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE);
            if (start == MAP_FAILED) {
                return -Calls.errno(state);
            }
            long address = (start + alignment - 1) & -alignment;
            // What lies around the aligned part was never handed out, so it is the one thing that may be unmapped.
            Calls.munmap(state, start, address - start);
            Calls.munmap(state, address + bytes, start + reserved - (address + bytes));
            return address;
        }
    }

    @Override
    public void discard(long address, long bytes) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Calls.STATE);
            if (Calls.madvise(state, address, bytes, MADV_DONTNEED) == 0) {
                return;
            }
            // Refused for locked pages (mlockall): put fresh pages in their place, in one step, so that there is no
            // moment without a mapping.
            int adviceErrno = Calls.errno(state);
            int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED;
            if (Calls.mmap(state, address, bytes, flags) == address) {
                return;
            }
            LOG.warn(
                    "{} bytes of freed off-heap memory stay resident: madvise failed with errno {}, mmap with errno {};"
                            + " they will be reused",
                    bytes,
                    adviceErrno,
                    Calls.errno(state));
        }
        Memory.fill(address, bytes, 0);
    }

    @Override
    public void adviseHugePages(long address, long bytes, boolean wanted) {
        if (bytes == 0) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment state = arena.allocate(Calls.STATE);
            if (Calls.madvise(state, address, bytes, wanted ? MADV_HUGEPAGE : MADV_NOHUGEPAGE) != 0) {
                LOG.debug("madvise on huge pages failed with errno {}; this kernel may have none", Calls.errno(state));
            }
        }
    }

    @Override
    public boolean populate(long address, long bytes) {
        // Not by madvise: it would lock out all who map memory of the process while a huge page is cleared, and behind
        // the first of these all who ask for pages of the log.
        for (long page = address; page < address + bytes; page += PAGE_BYTES) {
            Memory.touch(page);
        }
        return true;
    }

    /** The system calls; a class of its own so that other platforms never look for them. */
    private static final class Calls {

        static final StructLayout STATE = Linker.Option.captureStateLayout();

        private static final VarHandle ERRNO = STATE.varHandle(PathElement.groupElement("errno"));

        private static final MethodHandle MMAP = bind(
                "mmap",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_LONG,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_LONG));

        private static final MethodHandle MUNMAP = bind(
                "munmap", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG));

        private static final MethodHandle MADVISE = bind(
                "madvise",
                FunctionDescriptor.of(
                        ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG, ValueLayout.JAVA_INT));

        // SAFETY: the descriptors are those of the C library's functions on 64-bit Linux (size_t and off_t have 64
        // bits, pointers are passed as longs).
        @SuppressWarnings("restricted")
        private static MethodHandle bind(String function, FunctionDescriptor descriptor) {
            Linker linker = Linker.nativeLinker();
            MemorySegment symbol = linker.defaultLookup()
                    .find(function)
                    .orElseThrow(() -> new UnsatisfiedLinkError("the C library has no " + function));
            return linker.downcallHandle(symbol, descriptor, Linker.Option.captureCallState("errno"));
        }

        static int errno(MemorySegment state) {
            return (int) ERRNO.get(state, 0L);
        }

        static long mmap(MemorySegment state, long address, long bytes, int flags) {
            try {
                return (long) MMAP.invokeExact(state, address, bytes, PROT_READ_WRITE, flags, -1, 0L);
            } catch (Throwable unexpected) {
                throw new AssertionError("mmap: a downcall throws nothing", unexpected);
            }
        }

        static int madvise(MemorySegment state, long address, long bytes, int advice) {
            try {
                return (int) MADVISE.invokeExact(state, address, bytes, advice);
            } catch (Throwable unexpected) {
                throw new AssertionError("madvise: a downcall throws nothing", unexpected);
            }
        }

        static void munmap(MemorySegment state, long address, long bytes) {
            if (bytes == 0) {
                return;
            }
            int result;
            try {
                result = (int) MUNMAP.invokeExact(state, address, bytes);
            } catch (Throwable unexpected) {
                throw new AssertionError("munmap: a downcall throws nothing", unexpected);
            }
            if (result != 0) {
                // Address space that stays reserved without use; no memory is lost.
                LOG.debug("munmap of {} spare bytes failed with errno {}", bytes, errno(state));
            }
        }
    }
}
