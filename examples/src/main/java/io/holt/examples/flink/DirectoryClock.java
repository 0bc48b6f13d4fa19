package io.holt.examples.flink;

import io.holt.examples.fs.ListingDigest;
import java.io.Serializable;

/**
 * A directory's history since it was first seen. Immutable.
 *
 * @param events how many events it had
 * @param lastEventMillis event time of the last one
 * @param listingDigest of the listings so far
 * @param timerMillis event time of the timer that looks whether it is idle
 */
public record DirectoryClock(long events, long lastEventMillis, long listingDigest, long timerMillis)
        implements Serializable {

    static DirectoryClock startingWithTimer(long timerMillis) {
        return new DirectoryClock(0, Long.MIN_VALUE, 0, timerMillis);
    }

    DirectoryClock event(long timestampMillis) {
        return new DirectoryClock(events + 1, timestampMillis, listingDigest, timerMillis);
    }

    DirectoryClock listing(long sum) {
        return new DirectoryClock(events, lastEventMillis, ListingDigest.append(listingDigest, sum), timerMillis);
    }

    DirectoryClock timer(long millis) {
        return new DirectoryClock(events, lastEventMillis, listingDigest, millis);
    }
}
