package io.holt.examples.flink;

import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.function.LongFunction;
import java.util.function.ToLongFunction;

/** The figures of all runs side by side, and whether their results are right. */
final class Page {

    private static final int LABEL_WIDTH = 36;
    private static final int COLUMN_WIDTH = 16;
    private static final int DIGEST_DIGITS = 12;

    private final List<Verdict> verdicts;
    private final StringBuilder text = new StringBuilder();

    private Page(List<Verdict> verdicts) {
        this.verdicts = verdicts;
    }

    /** The page as lines of text, each ended; for at least one run. */
    static String of(List<Verdict> verdicts) {
        Page page = new Page(verdicts);
        page.line("", report -> report.spec().backend().name());
        page.speed();
        page.checkpoints();
        page.failures();
        page.memory();
        page.result();
        return page.text.toString();
    }

    private void speed() {
        heading("speed");
        line("events/s, recoveries included", report -> rounded(report.eventsASecond()));
        line("events/s since the last recovery", report -> rounded(report.lastStretchEventsASecond()));
        line("seconds, first to last event", report -> decimal(report.elapsedNanos() / 1e9));
        line(
                "CPU microseconds an event",
                report -> decimal(report.cpuNanos() / 1e3 / report.spec().events()));
    }

    private void checkpoints() {
        heading("checkpoints");
        line("completed", report -> number(report.checkpoints().size()));
        line("state size, median / largest, MiB", report -> sizes(report, CheckpointFigure::stateBytes));
        line("duration, median / longest, ms", report -> times(report, CheckpointFigure::durationMillis));
        line("  synchronous part, ms", report -> times(report, CheckpointFigure::syncMillis));
        line("  asynchronous part, ms", report -> times(report, CheckpointFigure::asyncMillis));
    }

    private void failures() {
        heading("failures");
        line("tasks killed / recoveries", report -> report.kills() + " / " + report.recoveries());
        line("kill to state restored, mean, ms", Page::meanRecovery);
        line("events processed once more", report -> number(report.repeatedEvents()));
    }

    private void memory() {
        heading("memory");
        line("off the Java heap, peak, MiB", Page::offHeap);
    }

    private void result() {
        heading("result");
        line("directories at the end", report -> number(report.state().directories()));
        line("directories expired on the way", report -> number(report.state().expired()));
        line("files at the end", report -> number(report.state().files()));
        line("digest", report -> report.state().digest().substring(0, DIGEST_DIGITS));
        figures("against the computation by maps", verdict -> verdict.resultEqual() ? "equal" : "DIFFERENT");
    }

    private void heading(String heading) {
        text.append(heading).append('\n');
    }

    private void line(String label, Function<RunReport, String> figure) {
        figures(label, verdict -> figure.apply(verdict.report()));
    }

    private void figures(String label, Function<Verdict, String> figure) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "  %-" + LABEL_WIDTH + "s", label));
        for (Verdict verdict : verdicts) {
            line.append(String.format(Locale.ROOT, "%" + COLUMN_WIDTH + "s", figure.apply(verdict)));
        }
        text.append(line).append('\n');
    }

    private static String number(long value) {
        return String.format(Locale.ROOT, "%,d", value);
    }

    private static String rounded(double value) {
        return String.format(Locale.ROOT, "%,.0f", value);
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%,.1f", value);
    }

    private static String mebibytes(long bytes) {
        return decimal(bytes / (double) (1 << 20));
    }

    private static String offHeap(RunReport report) {
        return report.offHeapPeakBytes() < 0 ? "unknown" : rounded(report.offHeapPeakBytes() / (double) (1 << 20));
    }

    private static String meanRecovery(RunReport report) {
        return report.kills() == 0 ? "-" : rounded(report.recoveryNanos() / 1e6 / report.kills());
    }

    private static String sizes(RunReport report, ToLongFunction<CheckpointFigure> figure) {
        return medianAndLargest(report, figure, Page::mebibytes);
    }

    private static String times(RunReport report, ToLongFunction<CheckpointFigure> figure) {
        return medianAndLargest(report, figure, Page::number);
    }

    private static String medianAndLargest(
            RunReport report, ToLongFunction<CheckpointFigure> figure, LongFunction<String> format) {
        long[] sorted = report.checkpoints().stream().mapToLong(figure).sorted().toArray();
        if (sorted.length == 0) {
            return "-";
        }
        return format.apply(sorted[sorted.length / 2]) + " / " + format.apply(sorted[sorted.length - 1]);
    }
}
