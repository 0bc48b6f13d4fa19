package io.holt.benchmarks.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A file of results: a line of column names and the rows in {@link ResultRow#ORDER}. */
public final class ResultFile {

    private ResultFile() {}

    public static void write(Path file, List<ResultRow> rows) throws IOException {
        List<String> lines = new ArrayList<>();
        lines.add(ResultRow.HEADER);
        rows.stream().sorted(ResultRow.ORDER).map(ResultRow::toLine).forEach(lines::add);
        Files.write(file, lines);
    }

    /**
     * Reads a file.
     *
     * @throws IOException if it can't be read or is not one of results
     */
    public static List<ResultRow> read(Path file) throws IOException {
        List<String> lines = Files.readAllLines(file);
        if (lines.isEmpty() || !lines.get(0).equals(ResultRow.HEADER)) {
            throw new IOException(file + " does not begin with " + ResultRow.HEADER);
        }
        List<ResultRow> rows = new ArrayList<>();
        for (String line : lines.subList(1, lines.size())) {
            try {
                rows.add(ResultRow.parse(line));
            } catch (IllegalArgumentException e) {
                throw new IOException(file + ": " + e.getMessage(), e);
            }
        }
        return rows;
    }
}
