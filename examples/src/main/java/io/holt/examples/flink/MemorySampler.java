package io.holt.examples.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Watches how much memory the process has outside its Java heap, ten times a second: resident memory less the heap. That
 * is exact if the heap has its full size and has been touched from the beginning ({@code -Xms}, {@code
 * -XX:+AlwaysPreTouch}), as it is in the processes that {@link ChildProcessLauncher} starts.
 */
final class MemorySampler implements AutoCloseable {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long UNKNOWN = -1;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("memory-sampler").daemon().unstarted(task));
    private volatile long peakBytes = UNKNOWN;

    MemorySampler() {
        if (Files.isReadable(STATUS)) {
            timer.scheduleAtFixedRate(this::sample, 0, 100, TimeUnit.MILLISECONDS);
        }
    }

    private void sample() {
        long offHeap = residentBytes() - Runtime.getRuntime().totalMemory();
        peakBytes = Math.max(peakBytes, offHeap);
    }

    private static long residentBytes() {
        try {
            for (String line : Files.readAllLines(STATUS)) {
                if (line.startsWith("VmRSS:")) {
                    return Long.parseLong(line.replaceAll("\\D", "")) * 1024;
                }
            }
            return UNKNOWN;
        } catch (IOException e) {
            // A figure less on the page; the run itself is not concerned.
            return UNKNOWN;
        }
    }

    /** Bytes, or -1 where the system does not tell. */
    long peakBytes() {
        return peakBytes;
    }

    @Override
    public void close() {
        timer.shutdownNow();
    }
}
