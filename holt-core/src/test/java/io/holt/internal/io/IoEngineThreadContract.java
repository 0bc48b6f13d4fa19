package io.holt.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.testkit.OffHeap;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every I/O engine must do when several threads use it, and one of them closes, or is interrupted. */
abstract class IoEngineThreadContract {

    static final int FRAME_BYTES = 512 * 1024;
    private static final int PAGE_BYTES = 4096;

    @TempDir
    Path directory;

    IoEngine engine;

    abstract IoEngine openEngine();

    @BeforeEach
    void openIt() {
        engine = openEngine();
    }

    @AfterEach
    void closeIt() {
        engine.close();
    }

    static byte[] randomBytes(long seed, int count) {
        byte[] bytes = new byte[count];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    @Test
    void aClosedFileRefusesCallsAndClosingWaitsForThoseUnderWay() throws Exception {
        try (OffHeap memory = new OffHeap(PAGE_BYTES);
                ExecutorService threads = Executors.newFixedThreadPool(4)) {
            for (int round = 0; round < 50; round++) {
                IoFile file = engine.open(file("data"), OpenMode.CREATE, Caching.CACHED);
                file.write(0, memory.address(), PAGE_BYTES);
                List<Future<?>> readers = new ArrayList<>();
                AtomicBoolean unexpected = new AtomicBoolean();
                for (int t = 0; t < 4; t++) {
                    readers.add(threads.submit(() -> {
                        try {
                            while (true) {
                                file.read(0, memory.address(), PAGE_BYTES);
                            }
                        } catch (IllegalStateException e) {
                            unexpected.compareAndSet(false, !e.getMessage().contains("is closed"));
                        }
                    }));
                }
                file.close();
                file.close();
                for (Future<?> reader : readers) {
                    reader.get();
                }
                assertThat(unexpected).isFalse();
                assertThatThrownBy(file::sync).isInstanceOf(IllegalStateException.class);
            }
        }
    }

    @Test
    void threadsShareAFile() throws Exception {
        int threads = 8;
        int pagesPerThread = 64;
        try (IoFile file = engine.open(file("data"), OpenMode.CREATE, Caching.DIRECT);
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            file.preallocate(0, (long) threads * pagesPerThread * PAGE_BYTES);
            List<Future<?>> all = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int thread = t;
                all.add(pool.submit(() -> writeAndReadBack(file, thread, pagesPerThread)));
            }
            for (Future<?> each : all) {
                each.get();
            }
        }
        byte[] whole = Files.readAllBytes(file("data"));
        for (int t = 0; t < threads; t++) {
            byte[] expected = randomBytes(100 + 19, pagesPerThread * PAGE_BYTES);
            int at = t * pagesPerThread * PAGE_BYTES;
            expected[0] = (byte) t;
            assertThat(Arrays.copyOfRange(whole, at, at + expected.length)).isEqualTo(expected);
        }
    }

    private static void writeAndReadBack(IoFile file, int thread, int pages) {
        IoBatch batch = new IoBatch(pages);
        long base = (long) thread * pages * PAGE_BYTES;
        try (OffHeap memory = new OffHeap((long) pages * PAGE_BYTES)) {
            for (int round = 0; round < 20; round++) {
                byte[] content = randomBytes(100 + round, pages * PAGE_BYTES);
                content[0] = (byte) thread;
                memory.put(0, content);
                for (boolean write : new boolean[] {true, false}) {
                    batch.clear();
                    for (int p = 0; p < pages; p++) {
                        long at = (long) p * PAGE_BYTES;
                        if (write) {
                            batch.addWrite(base + at, memory.address(at), PAGE_BYTES);
                        } else {
                            batch.addRead(base + at, memory.address(at), PAGE_BYTES);
                        }
                    }
                    file.submit(batch);
                    memory.put(0, write ? new byte[content.length] : memory.get(0, content.length));
                }
                assertThat(memory.get(0, content.length)).isEqualTo(content);
                file.sync();
            }
        }
    }

    @Test
    void anInterruptedThreadCompletesItsCallsAndHurtsNobody() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        try (OffHeap memory = new OffHeap(PAGE_BYTES);
                IoFile file = engine.open(file("data"), OpenMode.CREATE, Caching.CACHED)) {
            file.write(0, memory.address(), PAGE_BYTES);
            List<Throwable> failures = new ArrayList<>();
            List<Thread> workers = new ArrayList<>();
            for (int t = 0; t < 2; t++) {
                Thread worker = new Thread(() -> {
                    try (OffHeap own = new OffHeap(PAGE_BYTES)) {
                        while (!stop.get()) {
                            file.write(0, own.address(), PAGE_BYTES);
                            file.read(0, own.address(), PAGE_BYTES);
                            file.sync();
                        }
                        assertThat(Thread.interrupted()).isTrue();
                    } catch (Throwable e) {
                        synchronized (failures) {
                            failures.add(e);
                        }
                    }
                });
                worker.start();
                workers.add(worker);
            }
            for (int i = 0; i < 200; i++) {
                workers.get(i % 2).interrupt();
                Thread.sleep(1);
            }
            stop.set(true);
            for (Thread worker : workers) {
                worker.interrupt();
                worker.join();
            }
            assertThat(failures).isEmpty();
            Thread.currentThread().interrupt();
            file.sync();
            engine.syncDirectory(directory);
            assertThat(Thread.interrupted()).isTrue();
        }
    }
}
