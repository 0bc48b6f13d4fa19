package io.holt.benchmarks.durable;

import io.holt.benchmarks.harness.Measurement;
import java.util.ArrayList;
import java.util.List;

/**
 * Counts durations in classes that are at most 1/32 wide of what they hold, and keeps their sum and the longest. For one
 * thread; several are added up.
 */
final class Latencies {

    static final String LONGEST = "ns longest";
    static final String PER_MILLE = "ns p99.9";
    static final String MEDIAN = "ns median";

    private static final int SUB_BITS = 5;
    private static final int SUBS = 1 << SUB_BITS;

    private final long[] counts = new long[(Long.SIZE - SUB_BITS + 1) * SUBS];
    private long count;
    private long sumNanos;
    private long maxNanos;

    void add(long nanos) {
        counts[index(nanos)]++;
        count++;
        sumNanos += nanos;
        maxNanos = Math.max(maxNanos, nanos);
    }

    void addAll(Latencies other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        count += other.count;
        sumNanos += other.sumNanos;
        maxNanos = Math.max(maxNanos, other.maxNanos);
    }

    long count() {
        return count;
    }

    double meanNanos() {
        return (double) sumNanos / Math.max(1, count);
    }

    /** The upper end of the class that holds the duration which a share of all do not exceed. */
    long quantileNanos(double share) {
        long wanted = (long) Math.ceil(share * count);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted && seen > 0) {
                return Math.min(maxNanos, upperEnd(i));
            }
        }
        return maxNanos;
    }

    /** Mean, median, 99.9th percentile and longest. */
    List<Measurement> measurements() {
        List<Measurement> all = new ArrayList<>();
        all.add(Measurement.of(Measurement.WALL, meanNanos()));
        all.add(Measurement.of(MEDIAN, quantileNanos(0.5)));
        all.add(Measurement.of(PER_MILLE, quantileNanos(0.999)));
        all.add(Measurement.of(LONGEST, maxNanos));
        return all;
    }

    private static int index(long nanos) {
        if (nanos < SUBS) {
            return (int) Math.max(0, nanos);
        }
        int shift = Long.SIZE - 1 - Long.numberOfLeadingZeros(nanos) - SUB_BITS;
        return (shift + 1) * SUBS + (int) (nanos >>> shift) - SUBS;
    }

    private static long upperEnd(int index) {
        if (index < SUBS) {
            return index;
        }
        int shift = index / SUBS - 1;
        long first = (long) (index % SUBS + SUBS) << shift;
        return first + (1L << shift) - 1;
    }
}
