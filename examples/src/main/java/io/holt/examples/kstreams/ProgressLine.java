package io.holt.examples.kstreams;

import java.io.PrintStream;

/** What is going on, on one line of standard error: rewritten in place on a terminal, else a new line a second. */
final class ProgressLine {

    private static final int WIDTH = 78;

    private final PrintStream out;
    private final boolean isTerminal;
    private final long began = System.nanoTime();
    private long nextMillis;

    ProgressLine(PrintStream out, boolean isTerminal) {
        this.out = out;
        this.isTerminal = isTerminal;
    }

    /** Shows it, unless another was shown less than a moment ago. */
    synchronized void show(String what) {
        long millis = elapsedMillis();
        if (millis < nextMillis) {
            return;
        }
        nextMillis = millis + (isTerminal ? 100 : 1_000);
        String line = String.format("[%5.1f s] %s", millis / 1e3, what);
        if (isTerminal) {
            out.print("\r" + String.format("%-" + WIDTH + "." + WIDTH + "s", line));
        } else {
            out.println(line);
        }
        out.flush();
    }

    /** Wipes the line. */
    synchronized void clear() {
        if (isTerminal) {
            out.print("\r" + " ".repeat(WIDTH) + "\r");
            out.flush();
        }
    }

    long elapsedMillis() {
        return (System.nanoTime() - began) / 1_000_000;
    }
}
