package io.holt.benchmarks.harness;

import java.util.Arrays;
import java.util.Locale;

/**
 * Median and extremes of some repetitions.
 *
 * @param unit what the numbers are, such as {@code ns/op cpu}
 */
public record Measurement(String unit, double median, double min, double max) {

    /** Time of the measuring thread, by the operation. */
    public static final String CPU = "ns/op cpu";

    /** Time that went by, by the operation. */
    public static final String WALL = "ns/op wall";

    /** Bytes that hold the records, by the record. */
    public static final String MEMORY = "bytes/record";

    /** Bytes of the process that are in memory. */
    public static final String RESIDENT = "bytes";

    /** Bytes allocated on the heap, by the operation. */
    public static final String ALLOCATION = "B/op";

    /**
     * Sums repetitions up.
     *
     * @param values one or more; the array is sorted
     */
    public static Measurement of(String unit, double... values) {
        Arrays.sort(values);
        int middle = values.length / 2;
        double median = values.length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
        return new Measurement(unit, median, values[0], values[values.length - 1]);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f %s", median, unit);
    }
}
