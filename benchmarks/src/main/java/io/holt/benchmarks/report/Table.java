package io.holt.benchmarks.report;

import io.holt.benchmarks.harness.Operation;
import io.holt.benchmarks.harness.ResultRow;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeSet;

/** Measurements of one unit and data set: a line for each operation and size, a column for each engine. */
final class Table {

    private static final String REFERENCE = "holt";
    private static final List<String> ENGINES =
            List.of(REFERENCE, "holt-file", "rocksdb", "lmdb", "hashmap", "treemap");

    private static final List<String> OPERATIONS =
            Arrays.stream(Operation.values()).map(Operation::label).toList();

    private record Line(String operation, int records, int threads) {}

    private final Map<Line, Map<String, Double>> medians = new HashMap<>();
    private final TreeSet<Line> lines = new TreeSet<>(Comparator.comparing((Line line) -> rank(line.operation))
            .thenComparing(Line::operation)
            .thenComparing(Line::records)
            .thenComparing(Line::threads));
    private final TreeSet<String> engines =
            new TreeSet<>(Comparator.comparing(Table::engineRank).thenComparing(Comparator.naturalOrder()));

    Table(List<ResultRow> rows) {
        for (ResultRow row : rows) {
            Line line = new Line(row.operation(), row.records(), row.threads());
            lines.add(line);
            engines.add(row.engine());
            medians.computeIfAbsent(line, key -> new HashMap<>())
                    .put(row.engine(), row.measurement().median());
        }
    }

    void appendTo(StringBuilder text) {
        text.append("| operation | records | threads |");
        engines.forEach(engine -> text.append(' ').append(engine).append(" |"));
        text.append("\n|---|---:|---:|").append("---:|".repeat(engines.size())).append('\n');
        for (Line line : lines) {
            text.append(String.format(Locale.ROOT, "| %s | %,d | %d |", line.operation, line.records, line.threads));
            Map<String, Double> byEngine = medians.get(line);
            for (String engine : engines) {
                text.append(' ')
                        .append(cell(engine, byEngine.get(engine), byEngine.get(REFERENCE)))
                        .append(" |");
            }
            text.append('\n');
        }
    }

    private static String cell(String engine, Double median, Double reference) {
        if (median == null) {
            return "";
        }
        if (engine.equals(REFERENCE) || reference == null || reference == 0) {
            return number(median);
        }
        return number(median) + " (" + number(median / reference) + ")";
    }

    /** Three digits, or all of those before the point. */
    static String number(double value) {
        if (value >= 99.95) {
            return String.format(Locale.ROOT, "%,.0f", value);
        }
        return String.format(Locale.ROOT, value >= 9.995 ? "%.1f" : "%.2f", value);
    }

    private static int engineRank(String engine) {
        int index = ENGINES.indexOf(engine);
        return index < 0 ? ENGINES.size() : index;
    }

    private static int rank(String operation) {
        int index = OPERATIONS.indexOf(operation);
        return index < 0 ? OPERATIONS.size() : index;
    }
}
