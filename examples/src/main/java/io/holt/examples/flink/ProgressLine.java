package io.holt.examples.flink;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Says how far a run is: one line that changes on a terminal, a new line every few seconds elsewhere. */
final class ProgressLine implements AutoCloseable {

    private static final long TERMINAL_MILLIS = 250;
    private static final long FILE_MILLIS = 5_000;
    private static final String TO_LINE_START_AND_CLEAR = "\r\u001b[K";

    private final Ticker ticker;
    private final RunSpec spec;
    private final RunProbe probe;
    private final PrintStream out;
    private final boolean terminal;
    private final long startNanos = System.nanoTime();
    private long lastNanos = startNanos;
    private long lastPosition;

    ProgressLine(RunSpec spec, RunProbe probe, PrintStream out) {
        this.spec = spec;
        this.probe = probe;
        this.out = out;
        this.terminal = onTerminal();
        this.ticker = new Ticker("progress", terminal ? TERMINAL_MILLIS : FILE_MILLIS, this::print);
    }

    // Never null in JDK 22 to 24, null without a terminal in those before and after.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean onTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    private void print() {
        long now = System.nanoTime();
        long position = probe.position();
        double rate = Math.max(0, position - lastPosition) * 1e9 / Math.max(1, now - lastNanos);
        lastNanos = now;
        lastPosition = position;
        String line = String.format(
                Locale.ROOT,
                "%-8s %,11d of %,d events %,9.0f events/s   checkpoints %d   recoveries %d   %d s",
                spec.backend().name(),
                position,
                spec.events(),
                rate,
                probe.checkpoints(),
                probe.recoveries(),
                TimeUnit.NANOSECONDS.toSeconds(now - startNanos));
        if (terminal) {
            out.print(TO_LINE_START_AND_CLEAR + line);
            out.flush();
        } else {
            out.println(line);
        }
    }

    /** Leaves a line behind that says how far the run came. */
    @Override
    public void close() {
        ticker.close();
        out.println((terminal ? TO_LINE_START_AND_CLEAR : "")
                + String.format(
                        Locale.ROOT,
                        "%-8s %,11d of %,d events, checkpoints %d, recoveries %d, %d s",
                        spec.backend().name(),
                        probe.position(),
                        spec.events(),
                        probe.checkpoints(),
                        probe.recoveries(),
                        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - startNanos)));
    }
}
