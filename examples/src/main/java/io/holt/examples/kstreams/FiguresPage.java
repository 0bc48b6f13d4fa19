package io.holt.examples.kstreams;

import io.holt.examples.fs.FileSystemState;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;

/** The figures of a run as text. */
final class FiguresPage {

    private static final int DIGEST_DIGITS = 12;

    private final List<EngineFigures> engines;
    private final List<String> lines = new ArrayList<>();

    private FiguresPage(List<EngineFigures> engines) {
        this.engines = engines;
    }

    static String of(String input, FileSystemState expected, List<EngineFigures> engines, long elapsedMillis) {
        FiguresPage page = new FiguresPage(engines);
        page.lines.add("");
        page.lines.add("A file system's metadata in Kafka Streams state stores, exactly-once, on a real broker");
        page.lines.add("");
        page.lines.add("  " + input);
        page.lines.add(String.format(
                Locale.ROOT,
                "  expected, computed apart from the stores: %,d files in %,d directories",
                expected.files(),
                expected.directories()));
        page.lines.add("  the application is stopped and started again at 35%, killed with -9 at 70%");
        page.lines.add("");
        page.rows();
        page.lines.add("");
        page.verdicts();
        page.lines.add(String.format(Locale.ROOT, "  in %.0f s", elapsedMillis / 1e3));
        return String.join(System.lineSeparator(), page.lines);
    }

    private void rows() {
        row("", figures -> figures.engine().label());
        row("events a second", figures -> count(figures.eventsASecond()));
        row("CPU seconds of the application", figures -> String.format(Locale.ROOT, "%.1f", figures.cpuMillis() / 1e3));
        row("commits", figures -> count(figures.commits()));
        row("seconds to RUNNING, first start", figures -> seconds(figures.first()));
        row("  after the clean stop", figures -> seconds(figures.second()));
        row("  after the kill", figures -> seconds(figures.third()));
        row("records restored, after the stop", figures -> restored(figures.second()));
        row("  after the kill", figures -> restored(figures.third()));
        row("state on disk, MiB", figures -> String.format(Locale.ROOT, "%.1f", figures.stateBytes() / 1048576.0));
        row("files in the stores", figures -> count(figures.files()));
        row("directories in the stores", figures -> count(figures.directories()));
        for (String store : ActivityTopology.stores()) {
            row(store + " in the stores", figures -> count(figures.activity().of(store)));
        }
        row("queries answered by HTTP meanwhile", figures -> count(figures.queries()));
        row("digest", figures -> figures.digest().substring(0, DIGEST_DIGITS));
        row("against the computation by maps", figures -> figures.differences().isEmpty() ? "equal" : "DIFFERENT");
    }

    private void row(String title, Function<EngineFigures, String> cell) {
        StringBuilder line = new StringBuilder(String.format(Locale.ROOT, "  %-34s", title));
        engines.forEach(figures -> line.append(String.format(Locale.ROOT, "%26s", cell.apply(figures))));
        lines.add(line.toString());
    }

    private static String count(long number) {
        return String.format(Locale.ROOT, "%,d", number);
    }

    private static String seconds(Life life) {
        return String.format(Locale.ROOT, "%.1f", life.runningMillis() / 1e3);
    }

    private static String restored(Life life) {
        return String.format(Locale.ROOT, "%,d of %,d", life.restored(), life.changelogRecords());
    }

    private void verdicts() {
        for (EngineFigures figures : engines) {
            if (!figures.differences().isEmpty()) {
                lines.add("  " + figures.engine().label() + " differs from what was computed:");
                figures.differences().forEach(difference -> lines.add("    " + difference));
            }
        }
    }
}
