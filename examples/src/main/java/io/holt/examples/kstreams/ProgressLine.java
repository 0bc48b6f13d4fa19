package io.holt.examples.kstreams;

import java.io.Console;
import java.io.PrintStream;
import java.util.Locale;

/** What is going on, on one line of standard error: rewritten in place on a terminal, else a new line a second. */
final class ProgressLine {

    private static final int WIDTH = 78;

    private final PrintStream out;
    private final boolean isTerminal;
    private final long began = System.nanoTime();
    private long nextMillis;

    ProgressLine(PrintStream out) {
        this.out = out;
        this.isTerminal = onTerminal();
    }

    // Never null in JDK 22 to 24, null without a terminal in those before and after.
    @SuppressWarnings("SystemConsoleNull")
    private static boolean onTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** Shows it, unless another was shown less than a moment ago. */
    synchronized void show(String what) {
        long millis = elapsedMillis();
        if (millis < nextMillis) {
            return;
        }
        nextMillis = millis + (isTerminal ? 100 : 1_000);
        String line = String.format(Locale.ROOT, "[%5.1f s] %s", millis / 1e3, what);
        if (isTerminal) {
            out.print("\r" + String.format(Locale.ROOT, "%-" + WIDTH + "." + WIDTH + "s", line));
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
