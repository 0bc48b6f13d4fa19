package io.holt.benchmarks.durable;

import io.holt.api.IoEngineKind;
import io.holt.api.MemoryBudget;
import io.holt.benchmarks.data.SplitMix64;
import io.holt.benchmarks.harness.Measurement;
import io.holt.internal.io.Caching;
import io.holt.internal.io.IoBatch;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoEngines;
import io.holt.internal.io.IoFile;
import io.holt.internal.io.OpenMode;
import io.holt.internal.memory.BlobBufPool;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * The I/O engines beside each other, a number of requests at a time: by one batch where the engine has several in
 * flight, else by as many threads. Processor's time is that of the whole process.
 */
final class IoCells {

    private static final int[] DEPTHS = {1, 8, 32};
    private static final int FRAME_BYTES = MemoryBudget.FRAME_BYTES;
    private static final int PAGE_BYTES = 4096;
    private static final int FRAMES = 1024;

    /** Requests of a batch, so that a ring is kept full while some are done. */
    private static final int BATCHES = 4;

    private static final String RATE = "requests/s";

    private final Rows rows;
    private final Path work;
    private final long measuredNanos;

    IoCells(Rows rows, Path work, long measuredNanos) {
        this.rows = rows;
        this.work = work;
        this.measuredNanos = measuredNanos;
    }

    void run() {
        try (BlobBufPool pool = new BlobBufPool(BATCHES * 32)) {
            for (IoEngineKind kind : List.of(IoEngineKind.URING, IoEngineKind.PREAD, IoEngineKind.CHANNEL)) {
                measure(kind, pool, false);
            }
            measure(IoEngineKind.URING, pool, true);
        }
    }

    private void measure(IoEngineKind kind, BlobBufPool pool, boolean registered) {
        try (IoEngine io = IoEngines.open(kind);
                IoFile file = io.open(work.resolve("data"), OpenMode.CREATE, Caching.DIRECT)) {
            file.preallocate(0, (long) FRAMES * FRAME_BYTES);
            if (registered) {
                long[] buffers = new long[pool.slots()];
                Arrays.setAll(buffers, pool::address);
                io.registerBuffers(buffers, FRAME_BYTES);
            }
            String name = kind.name().toLowerCase(Locale.ROOT) + (registered ? "-registered" : "");
            for (int depth : DEPTHS) {
                boolean batches = kind == IoEngineKind.URING;
                run(name, "write_512k", depth, threads -> writeFor(file, pool, batches ? depth : 1, threads), batches);
                run(name, "read_4k", depth, threads -> readFor(file, pool, batches ? depth : 1, threads), batches);
            }
        }
    }

    /** What one of the threads does; answers how many requests it made. */
    private interface Requests {
        long make(int thread);
    }

    private void run(String engine, String operation, int depth, Requests requests, boolean batches) {
        int threads = batches ? 1 : depth;
        long[] counts = new long[threads];
        long cpuBegin = processNanos();
        long begin = System.nanoTime();
        List<Thread> running = new ArrayList<>();
        for (int thread = 0; thread < threads; thread++) {
            int number = thread;
            running.add(Thread.ofPlatform().start(() -> counts[number] = requests.make(number)));
        }
        try {
            for (Thread thread : running) {
                thread.join();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        double count = Arrays.stream(counts).sum();
        double cpu = (processNanos() - cpuBegin) / count;
        double rate = count * 1e9 / (System.nanoTime() - begin);
        rows.add(engine, FRAMES, operation, depth, Measurement.of(RATE, rate));
        rows.add(engine, FRAMES, operation, depth, Measurement.of(Measurement.CPU, cpu));
    }

    private long writeFor(IoFile file, BlobBufPool pool, int depth, int thread) {
        IoBatch batch = new IoBatch(depth == 1 ? 1 : depth * BATCHES);
        long count = 0;
        int frame = thread * 31 % FRAMES;
        for (long end = System.nanoTime() + measuredNanos; System.nanoTime() < end; ) {
            batch.clear();
            while (batch.room() > 0) {
                int buffer = (thread + batch.count()) % pool.slots();
                batch.addWrite((long) frame * FRAME_BYTES, pool.address(buffer), FRAME_BYTES);
                frame = (frame + 1) % FRAMES;
                count++;
            }
            file.submit(batch);
        }
        return count;
    }

    private long readFor(IoFile file, BlobBufPool pool, int depth, int thread) {
        SplitMix64 random = new SplitMix64(thread + 1);
        IoBatch batch = new IoBatch(depth == 1 ? 1 : depth * BATCHES);
        long pages = (long) FRAMES * FRAME_BYTES / PAGE_BYTES;
        long count = 0;
        for (long end = System.nanoTime() + measuredNanos; System.nanoTime() < end; ) {
            batch.clear();
            while (batch.room() > 0) {
                int buffer = (thread + batch.count()) % pool.slots();
                batch.addRead(
                        Long.remainderUnsigned(random.nextLong(), pages) * PAGE_BYTES,
                        pool.address(buffer),
                        PAGE_BYTES);
                count++;
            }
            file.submit(batch);
        }
        return count;
    }

    private static long processNanos() {
        return ManagementFactory.getPlatformMXBean(com.sun.management.OperatingSystemMXBean.class)
                .getProcessCpuTime();
    }
}
