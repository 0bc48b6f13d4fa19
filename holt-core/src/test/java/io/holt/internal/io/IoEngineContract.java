package io.holt.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.holt.api.HoltIoException;
import io.holt.testkit.OffHeap;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.NonWritableChannelException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What every I/O engine must do for one thread; the oracle is {@link Files} and arrays on the heap. */
abstract class IoEngineContract extends IoEngineThreadContract {

    private static final int PAGE_BYTES = 4096;

    @ParameterizedTest
    @EnumSource(Caching.class)
    void writesAndReadsAnyRangeAndAlignment(Caching caching) throws IOException {
        byte[] model = randomBytes(1, 3 * FRAME_BYTES);
        Random random = new Random(2);
        try (OffHeap memory = new OffHeap(model.length);
                IoFile file = engine.open(file("data"), OpenMode.CREATE, caching)) {
            memory.put(0, model);
            file.write(0, memory.address(), model.length);
            for (int i = 0; i < 300; i++) {
                boolean aligned = random.nextBoolean();
                int unit = aligned ? PAGE_BYTES : 1;
                int bytes = unit * (1 + random.nextInt(70_000 / unit));
                int at = unit * random.nextInt((model.length - bytes) / unit);
                int from = unit * random.nextInt((model.length - bytes) / unit);
                if (random.nextBoolean()) {
                    byte[] patch = randomBytes(i, bytes);
                    memory.put(from, patch);
                    file.write(at, memory.address(from), bytes);
                    System.arraycopy(patch, 0, model, at, bytes);
                } else {
                    file.read(at, memory.address(from), bytes);
                    assertThat(memory.get(from, bytes)).isEqualTo(Arrays.copyOfRange(model, at, at + bytes));
                }
            }
            file.sync();
            assertThat(file.size()).isEqualTo(model.length);
        }
        assertThat(Files.readAllBytes(file("data"))).isEqualTo(model);
    }

    @ParameterizedTest
    @EnumSource(Caching.class)
    void carriesOutABatchOfMoreRequestsThanAreInFlightAtOnce(Caching caching) throws IOException {
        int requests = 300;
        byte[] model = randomBytes(3, requests * PAGE_BYTES * 2);
        IoBatch batch = new IoBatch(requests);
        try (OffHeap memory = new OffHeap(model.length);
                IoFile file = engine.open(file("data"), OpenMode.CREATE_NEW, caching)) {
            memory.put(0, model);
            for (int i = 0; i < requests; i++) {
                long at = (long) i * 2 * PAGE_BYTES;
                // Unaligned ones among them.
                long bytes = i % 7 == 0 ? 2 * PAGE_BYTES - 13 : 2 * PAGE_BYTES;
                batch.addWrite(at, memory.address(at), bytes);
            }
            assertThat(batch.room()).isZero();
            assertThatThrownBy(() -> batch.addRead(0, memory.address(), 1)).isInstanceOf(IllegalStateException.class);
            file.submit(batch);
            batch.clear();
            byte[] zeros = new byte[model.length];
            memory.put(0, zeros);
            for (int i = 0; i < requests; i++) {
                long at = (long) i * 2 * PAGE_BYTES;
                long bytes = i % 7 == 0 ? 2 * PAGE_BYTES - 13 : 2 * PAGE_BYTES;
                batch.addRead(at, memory.address(at), bytes);
                Arrays.fill(model, (int) (at + bytes), (int) (at + 2 * PAGE_BYTES), (byte) 0);
            }
            file.submit(batch);
            assertThat(memory.get(0, model.length)).isEqualTo(model);
        }
    }

    @Test
    void anEmptyBatchDoesNothing() {
        try (IoFile file = engine.open(file("data"), OpenMode.CREATE, Caching.CACHED)) {
            file.submit(new IoBatch(4));
            assertThat(file.size()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Caching.class)
    void aFailedRequestIsReportedAndTheOthersAreDone(Caching caching) {
        byte[] model = randomBytes(4, 16 * PAGE_BYTES);
        IoBatch batch = new IoBatch(16);
        try (OffHeap memory = new OffHeap(model.length);
                IoFile file = engine.open(file("data"), OpenMode.CREATE, caching)) {
            memory.put(0, model);
            file.write(0, memory.address(), model.length);
            memory.put(0, new byte[model.length]);
            for (int i = 0; i < 16; i++) {
                // Two of them lie behind the end.
                long at = i == 5 || i == 9 ? model.length + (long) i * PAGE_BYTES : (long) i * PAGE_BYTES;
                batch.addRead(at, memory.address((long) i * PAGE_BYTES), PAGE_BYTES);
            }
            assertThatThrownBy(() -> file.submit(batch))
                    .isInstanceOf(HoltIoException.class)
                    .hasMessageContaining("offset " + (model.length + 5 * PAGE_BYTES))
                    .hasMessageContaining(file.path().toString());
            for (int i = 0; i < 16; i++) {
                boolean lost = i == 5 || i == 9;
                assertThat(batch.failed(i)).isEqualTo(lost);
                byte[] expected =
                        lost ? new byte[PAGE_BYTES] : Arrays.copyOfRange(model, i * PAGE_BYTES, (i + 1) * PAGE_BYTES);
                assertThat(memory.get((long) i * PAGE_BYTES, PAGE_BYTES)).isEqualTo(expected);
            }
        }
    }

    @ParameterizedTest
    @EnumSource(Caching.class)
    void readingPastTheEndIsAnError(Caching caching) {
        try (OffHeap memory = new OffHeap(4 * PAGE_BYTES);
                IoFile file = engine.open(file("data"), OpenMode.CREATE, caching)) {
            file.write(0, memory.address(), PAGE_BYTES + 100);
            assertThatThrownBy(() -> file.read(0, memory.address(), 2 * PAGE_BYTES))
                    .isInstanceOf(HoltIoException.class)
                    .hasMessageContaining("end of the file");
        }
    }

    @Test
    void aFullDeviceIsAnErrorThatNamesItself() {
        Path full = Path.of("/dev/full");
        assumeTrue(Files.exists(full));
        try (OffHeap memory = new OffHeap(PAGE_BYTES);
                IoFile file = engine.open(full, OpenMode.WRITE, Caching.CACHED)) {
            assertThatThrownBy(() -> file.write(0, memory.address(), PAGE_BYTES))
                    .isInstanceOf(HoltIoException.class)
                    .hasMessageContaining("/dev/full")
                    .hasMessageContainingAll("offset 0", "o space left on device");
            IoBatch batch = new IoBatch(2);
            batch.addWrite(0, memory.address(), 10);
            batch.addWrite(10, memory.address(), 10);
            assertThatThrownBy(() -> file.submit(batch)).hasMessageContainingAll("offset 0", "o space left on device");
        }
    }

    @Test
    void openModesMeanWhatTheySay() throws IOException {
        assertThatThrownBy(() -> engine.open(file("absent"), OpenMode.READ, Caching.CACHED))
                .isInstanceOf(HoltIoException.class)
                .hasMessageContaining("absent");
        assertThatThrownBy(() -> engine.open(file("absent"), OpenMode.WRITE, Caching.DIRECT))
                .isInstanceOf(HoltIoException.class);
        engine.open(file("made"), OpenMode.CREATE_NEW, Caching.DIRECT).close();
        assertThatThrownBy(() -> engine.open(file("made"), OpenMode.CREATE_NEW, Caching.CACHED))
                .isInstanceOf(HoltIoException.class)
                .hasMessageContaining("made");
        Files.write(file("made"), new byte[] {1, 2, 3});
        try (OffHeap memory = new OffHeap(PAGE_BYTES);
                IoFile file = engine.open(file("made"), OpenMode.CREATE, Caching.CACHED);
                IoFile readOnly = engine.open(file("made"), OpenMode.READ, Caching.CACHED)) {
            assertThat(file.size()).isEqualTo(3);
            assertThatThrownBy(() -> readOnly.write(0, memory.address(), 1))
                    .isInstanceOfAny(HoltIoException.class, NonWritableChannelException.class);
        }
    }

    @Test
    void preallocatesPunchesAndTruncates() throws IOException {
        byte[] model = randomBytes(5, 64 * PAGE_BYTES);
        try (OffHeap memory = new OffHeap(model.length).put(0, model);
                IoFile file = engine.open(file("data"), OpenMode.CREATE, Caching.DIRECT)) {
            file.preallocate(0, model.length);
            assertThat(file.size()).isEqualTo(model.length);
            file.write(0, memory.address(), model.length);
            file.preallocate(0, 1);
            assertThat(file.size()).isEqualTo(model.length);
            file.sync();
            long before = file.allocatedBytes();
            assertThat(before).isGreaterThanOrEqualTo(model.length);
            if (file.punchHole(8 * PAGE_BYTES, 32 * PAGE_BYTES)) {
                assertThat(file.allocatedBytes()).isEqualTo(before - 32 * PAGE_BYTES);
            }
            assertThat(file.size()).isEqualTo(model.length);
            file.read(0, memory.address(), 8 * PAGE_BYTES);
            assertThat(memory.get(0, 8 * PAGE_BYTES)).isEqualTo(Arrays.copyOf(model, 8 * PAGE_BYTES));
            file.truncate(10);
            assertThat(file.size()).isEqualTo(10);
            file.truncate(5000);
            assertThat(Files.readAllBytes(file("data"))).isEqualTo(Arrays.copyOf(Arrays.copyOf(model, 10), 5000));
        }
    }

    @Test
    void aMappedFileTakesAnyWrites() throws IOException {
        byte[] model = new byte[70 * PAGE_BYTES];
        int mapped = 64 * PAGE_BYTES;
        Random random = new Random(6);
        try (OffHeap memory = new OffHeap(model.length);
                IoFile file = engine.open(file("data"), OpenMode.CREATE, Caching.CACHED)) {
            boolean mappable = file.mapForWriting(mapped, 0);
            if (mappable) {
                assertThat(file.allocatedBytes()).isGreaterThanOrEqualTo(mapped);
            } else {
                file.preallocate(0, mapped);
            }
            assertThat(file.size()).isEqualTo(mapped);
            for (int i = 0; i < 300; i++) {
                int bytes = 1 + random.nextInt(i % 10 == 0 ? 70_000 : 300);
                // Within what is mapped, across its end, and behind it.
                int at = random.nextInt(model.length - bytes);
                byte[] patch = randomBytes(i, bytes);
                memory.put(0, patch);
                if (i % 3 != 0 || !file.store(at, memory.address(), bytes)) {
                    file.write(at, memory.address(), bytes);
                }
                System.arraycopy(patch, 0, model, at, bytes);
                file.read(at, memory.address(), bytes);
                assertThat(memory.get(0, bytes)).isEqualTo(patch);
            }
            if (!mappable) {
                assertThat(file.store(0, memory.address(), 1)).isFalse();
            }
            file.sync();
            int size = (int) file.size();
            assertThat(Files.readAllBytes(file("data"))).isEqualTo(Arrays.copyOf(model, size));
            file.truncate(5 * PAGE_BYTES + 100);
            memory.put(0, randomBytes(7, 2 * PAGE_BYTES));
            file.write(5 * PAGE_BYTES, memory.address(), 2 * PAGE_BYTES);
            byte[] found = Files.readAllBytes(file("data"));
            assertThat(found).hasSize(7 * PAGE_BYTES);
            assertThat(Arrays.copyOf(found, 5 * PAGE_BYTES)).isEqualTo(Arrays.copyOf(model, 5 * PAGE_BYTES));
            assertThat(Arrays.copyOfRange(found, 5 * PAGE_BYTES, found.length))
                    .isEqualTo(memory.get(0, 2 * PAGE_BYTES));
            file.unmap();
            assertThat(file.store(0, memory.address(), 1)).isFalse();
            memory.put(0, randomBytes(5, PAGE_BYTES));
            file.write(PAGE_BYTES, memory.address(), PAGE_BYTES);
            found = Files.readAllBytes(file("data"));
            assertThat(Arrays.copyOfRange(found, PAGE_BYTES, 2 * PAGE_BYTES)).isEqualTo(memory.get(0, PAGE_BYTES));
        }
    }

    /** As a segment of a log that is used again: its header, then records, the last of which may not fit. */
    @Test
    void whatIsWrittenStaysAmongTheZerosOfAMappedFile() throws IOException {
        int mapped = 256 * PAGE_BYTES;
        int kept = 100;
        byte[] old = new byte[mapped];
        Arrays.fill(old, (byte) -1);
        Random random = new Random(10);
        for (int round = 0; round < 40; round++) {
            Path path = file("data" + round);
            Files.write(path, old);
            byte[] model = Arrays.copyOf(old, 2 * mapped);
            int at = kept;
            try (OffHeap memory = new OffHeap(2L * mapped);
                    IoFile file = engine.open(path, OpenMode.WRITE, Caching.CACHED)) {
                file.mapForWriting(mapped, kept);
                int records = random.nextInt(40);
                for (int i = 0; i <= records || at < mapped; i++) {
                    int bytes = i < records ? 1 + random.nextInt(5_000) : mapped - at + 8 * random.nextInt(100);
                    byte[] record = randomBytes(i, bytes);
                    memory.put(0, record);
                    file.write(at, memory.address(), bytes);
                    System.arraycopy(record, 0, model, at, bytes);
                    at += bytes;
                }
            }
            assertThat(Arrays.copyOf(Files.readAllBytes(path), at)).isEqualTo(Arrays.copyOf(model, at));
        }
    }

    /** What a device that fails does to a page is done here by cutting the file behind the engine's back. */
    @Test
    void aMappedPageThatIsGoneIsAnErrorOfTheWrite() throws IOException {
        // So few that all are asked for with the first write: later, the file would get its length back.
        int mapped = 32 * PAGE_BYTES;
        try (OffHeap memory = new OffHeap(2 * PAGE_BYTES);
                IoFile file = engine.open(file("data"), OpenMode.CREATE, Caching.CACHED)) {
            assumeTrue(file.mapForWriting(mapped, 0));
            memory.put(0, randomBytes(8, 2 * PAGE_BYTES));
            file.write(0, memory.address(), 2 * PAGE_BYTES);
            try (FileChannel other = FileChannel.open(file("data"), StandardOpenOption.WRITE)) {
                other.truncate(PAGE_BYTES);
            }
            Random random = new Random(9);
            // Often enough to be compiled: the JVM treats the signal otherwise then.
            for (int i = 0; i < 30_000; i++) {
                int bytes = 8 * (1 + random.nextInt(i % 100 == 0 ? 500 : 20));
                int at = 8 * random.nextInt((2 * PAGE_BYTES - bytes) / 8);
                if (at + bytes <= PAGE_BYTES) {
                    file.write(at, memory.address(at), bytes);
                } else {
                    assertThatThrownBy(() -> file.write(at, memory.address(at), bytes))
                            .isInstanceOf(HoltIoException.class)
                            .hasMessageContaining(file.path().toString());
                }
            }
            assertThat(Files.readAllBytes(file("data"))).isEqualTo(memory.get(0, PAGE_BYTES));
        }
    }

    @Test
    void directories() throws IOException {
        Path below = directory.resolve("a/b");
        assertThat(engine.directoryState(below)).isEqualTo(DirectoryState.MISSING);
        engine.createDirectories(below);
        engine.createDirectories(below);
        assertThat(engine.directoryState(below)).isEqualTo(DirectoryState.WRITABLE);
        Files.writeString(below.resolve("y"), "y");
        Files.writeString(below.resolve("x"), "x");
        assertThat(engine.directoryState(below.resolve("x"))).isEqualTo(DirectoryState.NOT_A_DIRECTORY);
        assertThat(engine.list(below)).containsExactly("x", "y");
        engine.rename(below.resolve("x"), below.resolve("y"));
        engine.syncDirectory(below);
        assertThat(engine.list(below)).containsExactly("y");
        assertThat(Files.readString(below.resolve("y"))).isEqualTo("x");
        assertThat(engine.exists(below.resolve("y"))).isTrue();
        assertThat(engine.delete(below.resolve("y"))).isTrue();
        assertThat(engine.delete(below.resolve("y"))).isFalse();
        assertThat(engine.exists(below.resolve("y"))).isFalse();
        assertThatThrownBy(() -> engine.list(below.resolve("absent"))).isInstanceOf(HoltIoException.class);
        assertThatThrownBy(() -> engine.syncDirectory(below.resolve("absent"))).isInstanceOf(HoltIoException.class);
        assertThatThrownBy(() -> engine.rename(below.resolve("p"), below.resolve("q")))
                .isInstanceOf(HoltIoException.class);
    }

    @Test
    void locksKeepOthersOut() throws IOException {
        Path lockFile = file("lock");
        try (IoLock lock = engine.tryLock(lockFile, false)) {
            assertThat(lock).isNotNull();
            assertThat(engine.tryLock(lockFile, false)).isNull();
            assertThat(engine.tryLock(lockFile, true)).isNull();
            // The failed attempts did not release it.
            assertThat(engine.tryLock(lockFile, false)).isNull();
        }
        try (IoLock reader = engine.tryLock(lockFile, true)) {
            assertThat(reader).isNotNull();
            assertThat(engine.tryLock(lockFile, false)).isNull();
        }
        IoLock again = engine.tryLock(lockFile, false);
        assertThat(again).isNotNull();
        again.close();
        again.close();
    }
}
