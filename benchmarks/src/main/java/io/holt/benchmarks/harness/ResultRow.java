package io.holt.benchmarks.harness;

import java.util.Comparator;
import java.util.Locale;

/**
 * One line of a file of results.
 *
 * @param engine such as {@code holt}
 * @param dataset such as {@code objstore}
 * @param records in the data set
 * @param operation such as {@code get}
 * @param threads that carried it out at once
 */
public record ResultRow(
        String engine, String dataset, int records, String operation, int threads, Measurement measurement) {

    /** The first line of a file. */
    public static final String HEADER = "engine,dataset,records,operation,threads,unit,median,min,max";

    private static final int COLUMNS = 9;

    /** The order of the lines of a file. */
    public static final Comparator<ResultRow> ORDER = Comparator.comparing(ResultRow::dataset)
            .thenComparing(ResultRow::records)
            .thenComparing(ResultRow::operation)
            .thenComparing(ResultRow::engine)
            .thenComparing(ResultRow::threads)
            .thenComparing(row -> row.measurement().unit());

    public String toLine() {
        return String.format(
                Locale.ROOT,
                "%s,%s,%d,%s,%d,%s,%.2f,%.2f,%.2f",
                engine,
                dataset,
                records,
                operation,
                threads,
                measurement.unit(),
                measurement.median(),
                measurement.min(),
                measurement.max());
    }

    /**
     * Reads a line.
     *
     * @throws IllegalArgumentException if it is not one
     */
    public static ResultRow parse(String line) {
        String[] fields = line.split(",", -1);
        if (fields.length != COLUMNS) {
            throw new IllegalArgumentException("not a line of results, which has the columns " + HEADER + ": " + line);
        }
        Measurement measurement = new Measurement(
                fields[5], Double.parseDouble(fields[6]), Double.parseDouble(fields[7]), Double.parseDouble(fields[8]));
        return new ResultRow(
                fields[0], fields[1], Integer.parseInt(fields[2]), fields[3], Integer.parseInt(fields[4]), measurement);
    }
}
