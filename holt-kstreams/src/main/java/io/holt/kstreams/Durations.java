package io.holt.kstreams;

import java.time.Duration;
import java.util.Objects;

/** The durations of a window store, checked. */
record Durations(long retentionMillis, long windowMillis) {

    /**
     * Checks them.
     *
     * @throws IllegalArgumentException if one of them can't be used, or the windows are longer than they are kept
     */
    static Durations of(String name, Duration retentionPeriod, Duration windowSize) {
        Objects.requireNonNull(name, "name cannot be null");
        long retentionMillis = millis("retentionPeriod", retentionPeriod);
        long windowMillis = millis("windowSize", windowSize);
        if (windowMillis > retentionMillis) {
            throw new IllegalArgumentException("The retention period of the window store " + name
                    + " must be no smaller than its window size. Got size=[" + windowSize + "], retention=["
                    + retentionPeriod + "]");
        }
        return new Durations(retentionMillis, windowMillis);
    }

    /**
     * A duration in milliseconds, 0 or more.
     *
     * @throws IllegalArgumentException if it is missing, negative or too long
     */
    static long millis(String what, Duration duration) {
        if (duration == null) {
            throw new IllegalArgumentException(what + " cannot be null");
        }
        long millis;
        try {
            millis = duration.toMillis();
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(what + " " + duration + " is too long to be told in milliseconds", e);
        }
        if (millis < 0) {
            throw new IllegalArgumentException(what + " cannot be negative");
        }
        return millis;
    }
}
