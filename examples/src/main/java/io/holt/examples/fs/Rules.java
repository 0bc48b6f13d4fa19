package io.holt.examples.fs;

import java.io.Serializable;

/**
 * What the examples do with the events, besides counting.
 *
 * @param idleMillis event time after which a directory without events is forgotten, at least 1
 * @param listEvery a directory is listed after each so many of its events, at least 1
 */
public record Rules(long idleMillis, int listEvery) implements Serializable {

    /** An {@link #idleMillis} that no stream reaches. */
    public static final long NEVER = Long.MAX_VALUE;

    /** @throws IllegalArgumentException if one of them is less than 1 */
    public Rules {
        if (idleMillis < 1 || listEvery < 1) {
            throw new IllegalArgumentException(
                    "idleMillis and listEvery are at least 1, not " + idleMillis + " and " + listEvery);
        }
    }
}
