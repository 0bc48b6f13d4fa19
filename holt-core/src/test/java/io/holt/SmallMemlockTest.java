package io.holt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.IoEngineKind;
import io.holt.api.IoEngineUnavailableException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** A process that may lock little memory: the kernel refuses to register buffers, and everything works without. */
@EnabledOnOs(value = OS.LINUX, architectures = "amd64")
@Timeout(300)
class SmallMemlockTest {

    private static final int RECORDS = 20_000;
    private static final long NO_LIMIT = -1;

    @TempDir
    Path temp;

    @Test
    void aRefusedRegistrationIsSaidAndDoesNoHarm() throws Exception {
        assumeTrue(hasRings(), "there is no io_uring here");
        Said said = run(64 << 10);
        assertThat(said.lines().get(0)).isEqualTo("uring");
        assertThat(said.lines().get(1))
                .startsWith("refused: ")
                .contains("ENOMEM")
                .contains("RLIMIT_MEMLOCK");
        assertThat(said.log().lines().filter(line -> line.contains("not registered with io_uring")))
                .hasSize(1);
        assertContent();
    }

    @Test
    void withoutSuchALimitTheyAreRegistered() throws Exception {
        assumeTrue(hasRings(), "there is no io_uring here");
        assertThat(run(NO_LIMIT).lines()).containsExactly("uring", "registered");
        assertContent();
    }

    private static boolean hasRings() {
        try {
            Path directory = Files.createTempDirectory("rings");
            HoltOptions options = HoltOptions.builder()
                    .memoryBytes(HoltOptions.MIN_MEMORY_BYTES)
                    .ioEngine(IoEngineKind.URING)
                    .build();
            Holt.open(directory, options).close();
            return true;
        } catch (IoEngineUnavailableException | IOException e) {
            return false;
        }
    }

    private record Said(List<String> lines, String log) {}

    private Said run(long limitBytes) throws Exception {
        Path log = temp.resolve("log");
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-Dorg.slf4j.simpleLogger.defaultLogLevel=info",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Limited.class.getName(),
                        temp.resolve("db").toString(),
                        String.valueOf(limitBytes))
                .redirectError(log.toFile())
                .start();
        try {
            List<String> lines =
                    child.inputReader(StandardCharsets.UTF_8).lines().toList();
            assertThat(child.waitFor(2, TimeUnit.MINUTES)).isTrue();
            assertThat(child.exitValue()).as(Files.readString(log)).isZero();
            return new Said(lines, Files.readString(log));
        } finally {
            child.destroyForcibly();
        }
    }

    private void assertContent() {
        try (HoltDb db = Holt.open(temp.resolve("db"), HoltOptions.defaults())) {
            HoltTree tree = db.tree("tree");
            for (int i = 0; i < RECORDS; i++) {
                assertThat(tree.get(key(i))).isEqualTo(value(i));
            }
        }
    }

    private static byte[] key(int number) {
        return ByteBuffer.allocate(Integer.BYTES).putInt(number).array();
    }

    private static byte[] value(int number) {
        return ByteBuffer.allocate(200).putInt(196, number).array();
    }

    /** The other process: lowers its limit, writes a checkpoint, evicts, and says what the statistics say. */
    static final class Limited {

        private static final long SYSCALL_CAPGET = 125;
        private static final long SYSCALL_CAPSET = 126;
        private static final long SYSCALL_PRLIMIT = 302;
        private static final int CAPABILITY_VERSION = 0x2008_0522;
        private static final int CAP_IPC_LOCK = 14;
        private static final int RLIMIT_MEMLOCK = 8;

        private Limited() {}

        public static void main(String[] arguments) throws Throwable {
            long limitBytes = Long.parseLong(arguments[1]);
            if (limitBytes != NO_LIMIT) {
                limit(limitBytes);
            }
            HoltOptions options = HoltOptions.builder()
                    .memoryBytes(HoltOptions.MIN_MEMORY_BYTES)
                    .ioEngine(IoEngineKind.URING)
                    .build();
            try (HoltDb db = Holt.open(Path.of(arguments[0]), options)) {
                HoltTree tree = db.tree("tree");
                tree.put(key(0), value(0));
                db.checkpoint();
                for (int i = 0; i < RECORDS; i++) {
                    tree.put(key(i), value(i));
                }
                db.checkpoint();
                System.out.println(db.stats().ioEngine());
                System.out.println(db.stats().ioBuffers());
            }
        }

        /** The capability to lock any amount belongs to the thread, which also is the one that asks for the ring. */
        @SuppressWarnings("restricted")
        private static void limit(long bytes) throws Throwable {
            Linker linker = Linker.nativeLinker();
            MethodHandle syscall = linker.downcallHandle(
                    linker.defaultLookup().find("syscall").orElseThrow(),
                    FunctionDescriptor.of(
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG,
                            ValueLayout.JAVA_LONG),
                    Linker.Option.firstVariadicArg(1));
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment limits = arena.allocate(2 * Long.BYTES, Long.BYTES);
                limits.set(ValueLayout.JAVA_LONG, 0, bytes);
                limits.set(ValueLayout.JAVA_LONG, Long.BYTES, bytes);
                check((long) syscall.invokeExact(SYSCALL_PRLIMIT, 0L, (long) RLIMIT_MEMLOCK, limits.address(), 0L));
                MemorySegment header = arena.allocate(2 * Integer.BYTES, Long.BYTES);
                header.set(ValueLayout.JAVA_INT, 0, CAPABILITY_VERSION);
                MemorySegment sets = arena.allocate(6 * Integer.BYTES, Long.BYTES);
                check((long) syscall.invokeExact(SYSCALL_CAPGET, header.address(), sets.address(), 0L, 0L));
                int effective = sets.get(ValueLayout.JAVA_INT, 0);
                sets.set(ValueLayout.JAVA_INT, 0, effective & ~(1 << CAP_IPC_LOCK));
                check((long) syscall.invokeExact(SYSCALL_CAPSET, header.address(), sets.address(), 0L, 0L));
            }
        }

        private static void check(long returned) {
            if (returned != 0) {
                throw new IllegalStateException("a system call failed");
            }
        }
    }
}
