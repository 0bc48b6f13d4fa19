package io.holt.examples.flink;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Watches how much memory the process has outside its Java heap, ten times a second: resident memory less the
 * heap. That is exact if the heap has its full size and has been touched from the beginning ({@code -Xms},
 * {@code -XX:+AlwaysPreTouch}), as it is in the processes that {@link ChildProcessLauncher} starts.
 */
final class MemorySampler implements AutoCloseable {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final long UNKNOWN = -1;
    private static final long PERIOD_MILLIS = 100;

    private final Ticker ticker = new Ticker("memory-sampler", PERIOD_MILLIS, this::sample);
    private volatile long peakBytes = UNKNOWN;

    private void sample() {
        long resident = residentBytes();
        if (resident != UNKNOWN) {
            peakBytes = Math.max(peakBytes, resident - Runtime.getRuntime().totalMemory());
        }
    }

    private static long residentBytes() {
        if (!Files.isReadable(STATUS)) {
            return UNKNOWN;
        }
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
        ticker.close();
    }
}
