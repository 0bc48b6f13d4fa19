package io.holt.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.holt.api.HoltIoException;
import io.holt.api.IoEngineKind;
import io.holt.api.IoEngineUnavailableException;
import io.holt.internal.memory.AlignedBlobBuf;
import io.holt.internal.memory.BlobBufPool;
import io.holt.internal.memory.Memory;
import io.holt.testkit.OffHeap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;

@EnabledOnOs(OS.LINUX)
@SuppressWarnings("StatementSwitchToExpressionSwitch") // cases fall out in the middle
class UringEngineTest extends IoEngineContract {

    private static final int PAGE_BYTES = 4096;

    @Override
    IoEngine openEngine() {
        try {
            return UringEngine.open(RingCalls.KERNEL);
        } catch (RingRefusedException e) {
            // Only where the kernel or a container has none: that a ring which is there can't be had is a failure.
            assumeFalse(e.isByPolicy(), e.getMessage());
            throw new AssertionError(e);
        }
    }

    /** The kernel, with one of its answers replaced. */
    private static class Refusing implements RingCalls {
        @Override
        public long setup(int entries, long parameters) {
            return KERNEL.setup(entries, parameters);
        }

        @Override
        public long enter(int ring, int submissions, int completions, int flags) {
            return KERNEL.enter(ring, submissions, completions, flags);
        }

        @Override
        public long register(int ring, int what, long argument, int count) {
            return KERNEL.register(ring, what, argument, count);
        }
    }

    @Test
    void aRefusedRingFallsBackOrIsAnErrorIfForced() {
        int[] errnos = {Errno.EPERM, Errno.ENOSYS, Errno.ENOMEM};
        String[] names = {"EPERM", "ENOSYS", "ENOMEM"};
        for (int i = 0; i < errnos.length; i++) {
            int errno = errnos[i];
            RingCalls refusing = new Refusing() {
                @Override
                public long setup(int entries, long parameters) {
                    return -errno;
                }
            };
            assertThatThrownBy(() -> IoEngines.uring(refusing))
                    .isInstanceOf(IoEngineUnavailableException.class)
                    .hasMessageContaining("URING")
                    .hasMessageContaining(names[i])
                    .hasMessageContaining("choose AUTO");
            try (IoEngine fallback = IoEngines.choose(refusing)) {
                assertThat(fallback.kind()).isEqualTo(IoEngineKind.PREAD);
            }
        }
    }

    @Test
    void anOldKernelFallsBack() {
        RingCalls old = new Refusing() {
            @Override
            public long register(int ring, int what, long argument, int count) {
                return what == RingDescriptor.REGISTER_PROBE
                        ? -Errno.EINVAL
                        : super.register(ring, what, argument, count);
            }
        };
        try (IoEngine fallback = IoEngines.choose(old)) {
            assertThat(fallback.kind()).isEqualTo(IoEngineKind.PREAD);
        }
    }

    @Test
    void itIsTheBestChoiceWhereItWorks() {
        try (IoEngine chosen = IoEngines.open(IoEngineKind.AUTO);
                IoEngine forced = IoEngines.open(IoEngineKind.URING)) {
            assertThat(chosen.name()).isEqualTo("uring");
            assertThat(forced.name()).isEqualTo("uring");
        }
    }

    private static void writeAndReadBack(IoEngine engine, Path path, String registered, OffHeap memory) {
        int pages = 128;
        byte[] content = randomBytes(9, pages * PAGE_BYTES);
        memory.put(0, content);
        IoBatch batch = new IoBatch(pages);
        try (IoFile file = engine.open(path, OpenMode.CREATE, Caching.DIRECT)) {
            // Two buffers, and the rest is in none.
            engine.registerBuffers(new long[] {memory.address(), memory.address(64L * PAGE_BYTES)}, 32L * PAGE_BYTES);
            assertThat(engine.buffers()).startsWith(registered);
            for (int p = 0; p < pages; p++) {
                long at = (long) p * PAGE_BYTES;
                batch.addWrite(at, memory.address(at), PAGE_BYTES);
            }
            file.submit(batch);
            file.sync();
            memory.put(0, new byte[content.length]);
            batch.clear();
            for (int p = 0; p < pages; p++) {
                long at = (long) p * PAGE_BYTES;
                batch.addRead(at, memory.address(at), PAGE_BYTES);
            }
            file.submit(batch);
            assertThat(memory.get(0, content.length)).isEqualTo(content);
        }
    }

    @Test
    void registeredBuffersAndFilesAreUsedAndTheirRefusalIsNoObstacle() throws RingRefusedException {
        try (OffHeap memory = new OffHeap(128 * PAGE_BYTES)) {
            assertThat(engine.buffers()).isEqualTo("plain");
            writeAndReadBack(engine, file("registered"), "registered", memory);
            engine.registerBuffers(new long[] {memory.address()}, PAGE_BYTES);
            assertThat(engine.buffers()).startsWith("refused: ").contains("EBUSY");
            for (int refused : new int[] {RingDescriptor.REGISTER_BUFFERS, RingDescriptor.REGISTER_FILES}) {
                RingCalls refusing = new Refusing() {
                    @Override
                    public long register(int ring, int what, long argument, int count) {
                        return what == refused ? -Errno.ENOMEM : super.register(ring, what, argument, count);
                    }
                };
                try (IoEngine without = UringEngine.open(refusing)) {
                    boolean buffers = refused != RingDescriptor.REGISTER_BUFFERS;
                    String expected = buffers
                            ? "registered"
                            : "refused: io_uring_register failed with ENOMEM (cannot allocate or lock memory): raise"
                                    + " RLIMIT_MEMLOCK";
                    writeAndReadBack(without, file("refused" + refused), expected, memory);
                }
            }
        }
    }

    /** The kernel goes on with the pages that it was told of, so what it writes shows whether it uses them. */
    @Test
    void whatIsWrittenComesFromTheRegisteredPages() throws Exception {
        int bytes = AlignedBlobBuf.BYTES;
        byte[] content = randomBytes(17, bytes);
        BlobBufPool pool = new BlobBufPool(8);
        long address = pool.address(0);
        Memory.copyFromArray(content, 0, address, bytes);
        engine.registerBuffers(new long[] {pool.address(0)}, bytes);
        assertThat(engine.buffers()).isEqualTo("registered");
        // Other pages, all of zeros, lie at the same address from now on.
        pool.close();
        try (IoFile file = engine.open(file("data"), OpenMode.CREATE, Caching.DIRECT)) {
            IoBatch batch = new IoBatch(2);
            batch.addWrite(0, address, bytes / 2);
            batch.addWrite(bytes / 2, address + bytes / 2, bytes / 2);
            file.submit(batch);
        }
        assertThat(Files.readAllBytes(file("data"))).isEqualTo(content);
    }

    /** The limit may be reached between the rings. */
    @Test
    void buffersThatOneRingRegistersAndTheOtherOneNotAreNoObstacle() throws RingRefusedException {
        int[] calls = {0};
        RingCalls second = new Refusing() {
            @Override
            public long register(int ring, int what, long argument, int count) {
                boolean refuse = what == RingDescriptor.REGISTER_BUFFERS && calls[0]++ == 1;
                return refuse ? -Errno.ENOMEM : super.register(ring, what, argument, count);
            }
        };
        try (IoEngine half = UringEngine.open(second);
                OffHeap memory = new OffHeap(128 * PAGE_BYTES)) {
            writeAndReadBack(half, file("half"), "refused by some of the rings: ", memory);
        }
    }

    @Test
    void aBatchTakesFewSystemCalls() throws RingRefusedException {
        int[] enters = {0};
        RingCalls counting = new Refusing() {
            @Override
            public long enter(int ring, int submissions, int completions, int flags) {
                enters[0]++;
                return super.enter(ring, submissions, completions, flags);
            }
        };
        try (IoEngine counted = UringEngine.open(counting);
                OffHeap memory = new OffHeap(128 * PAGE_BYTES)) {
            writeAndReadBack(counted, file("counted"), "registered", memory);
        }
        // 128 writes, a sync and 128 reads, 64 in flight.
        assertThat(enters[0]).isBetween(5, 128);
    }

    @Test
    void memoryOutsideTheRegisteredBuffersIsReadAndWrittenAllTheSame() {
        try (OffHeap slab = new OffHeap(4 * PAGE_BYTES);
                OffHeap other = new OffHeap(4 * PAGE_BYTES);
                IoFile file = engine.open(file("data"), OpenMode.CREATE, Caching.DIRECT)) {
            engine.registerBuffers(new long[] {slab.address()}, 4 * PAGE_BYTES);
            assertThat(engine.buffers()).isEqualTo("registered");
            byte[] content = randomBytes(3, 4 * PAGE_BYTES);
            other.put(0, content);
            IoBatch batch = new IoBatch(2);
            batch.addWrite(0, other.address(), 2 * PAGE_BYTES);
            batch.addWrite(2 * PAGE_BYTES, other.address(2 * PAGE_BYTES), 2 * PAGE_BYTES);
            file.submit(batch);
            file.read(0, slab.address(), 4 * PAGE_BYTES);
            assertThat(slab.get(0, 4 * PAGE_BYTES)).isEqualTo(content);
        }
    }

    /** The kernel says now and then that it was interrupted or is busy, and takes only some of what it is given. */
    @Test
    void interruptionsAndPartialSubmissionsLoseNothing() throws Exception {
        Random random = new Random(5);
        RingCalls capricious = new Refusing() {
            @Override
            public long enter(int ring, int submissions, int completions, int flags) {
                switch (random.nextInt(4)) {
                    case 0:
                        return random.nextBoolean() ? -Errno.EINTR : -Errno.EAGAIN;
                    case 1:
                        // As many as are in flight then, else it would wait for ever.
                        return super.enter(ring, Math.min(1, submissions), 0, flags);
                    default:
                        return super.enter(ring, submissions, completions, flags);
                }
            }
        };
        try (IoEngine odd = UringEngine.open(capricious);
                OffHeap memory = new OffHeap(128 * PAGE_BYTES)) {
            odd.registerBuffers(new long[] {memory.address()}, 128 * PAGE_BYTES);
            for (int i = 0; i < 10; i++) {
                byte[] content = randomBytes(i, 128 * PAGE_BYTES);
                memory.put(0, content);
                try (IoFile file = odd.open(file("odd" + i), OpenMode.CREATE, Caching.DIRECT)) {
                    IoBatch batch = new IoBatch(128);
                    for (int p = 0; p < 128; p++) {
                        batch.addWrite((long) p * PAGE_BYTES, memory.address((long) p * PAGE_BYTES), PAGE_BYTES);
                    }
                    file.submit(batch);
                    file.sync();
                }
                assertThat(Files.readAllBytes(file("odd" + i))).isEqualTo(content);
            }
        }
    }

    @Test
    void aBrokenRingIsLeftAloneAndFilesGoOnWithoutIt() throws RingRefusedException {
        boolean[] breaking = {false};
        RingCalls calls = new Refusing() {
            @Override
            public long enter(int ring, int submissions, int completions, int flags) {
                return breaking[0] ? -Errno.ENOMEM : super.enter(ring, submissions, completions, flags);
            }
        };
        try (IoEngine fragile = UringEngine.open(calls);
                OffHeap memory = new OffHeap(4 * PAGE_BYTES);
                IoFile file = fragile.open(file("data"), OpenMode.CREATE, Caching.CACHED)) {
            IoBatch batch = new IoBatch(2);
            batch.addWrite(0, memory.address(), PAGE_BYTES);
            batch.addWrite(PAGE_BYTES, memory.address(), PAGE_BYTES);
            breaking[0] = true;
            for (int ring = 0; ring < Rings.COUNT; ring++) {
                assertThatThrownBy(() -> file.submit(batch))
                        .isInstanceOf(HoltIoException.class)
                        .hasMessageContaining("io_uring_enter")
                        .hasMessageContaining("ENOMEM");
            }
            file.submit(batch);
            file.sync();
            assertThat(file.size()).isEqualTo(2 * PAGE_BYTES);
        }
    }

    @Test
    void aFileThatIsStillOpenWhenTheEngineIsClosedGoesOnWithoutTheRing() {
        try (OffHeap memory = new OffHeap(2 * PAGE_BYTES);
                IoFile file = engine.open(file("data"), OpenMode.CREATE, Caching.CACHED)) {
            engine.close();
            engine.close();
            IoBatch batch = new IoBatch(2);
            batch.addWrite(0, memory.address(), PAGE_BYTES);
            batch.addWrite(PAGE_BYTES, memory.address(), PAGE_BYTES);
            file.submit(batch);
            file.sync();
            assertThat(file.size()).isEqualTo(2 * PAGE_BYTES);
        }
    }

    /** More files than the ring has slots, closed and opened again, so that descriptors get new meanings. */
    @Test
    void manyFilesKeepTheirBytesApart() throws Exception {
        int files = 40;
        try (OffHeap memory = new OffHeap(2 * PAGE_BYTES)) {
            IoBatch batch = new IoBatch(2);
            for (int round = 0; round < 3; round++) {
                List<IoFile> open = new ArrayList<>();
                for (int i = 0; i < files; i++) {
                    open.add(engine.open(file("f" + (i + round) % files), OpenMode.CREATE, Caching.CACHED));
                }
                for (int i = 0; i < files; i++) {
                    byte[] content = new byte[2 * PAGE_BYTES];
                    Arrays.fill(content, (byte) (round * files + i));
                    memory.put(0, content);
                    batch.clear();
                    batch.addWrite(0, memory.address(), PAGE_BYTES);
                    batch.addWrite(PAGE_BYTES, memory.address(), PAGE_BYTES);
                    open.get(i).submit(batch);
                }
                open.forEach(IoFile::close);
                for (int i = 0; i < files; i++) {
                    byte[] expected = new byte[2 * PAGE_BYTES];
                    Arrays.fill(expected, (byte) (round * files + i));
                    assertThat(Files.readAllBytes(file("f" + (i + round) % files)))
                            .isEqualTo(expected);
                }
            }
        }
    }
}
