package io.holt.examples.flink;

import org.apache.flink.api.connector.source.SourceSplit;

/**
 * All events from one index on. Immutable.
 *
 * @param next the index, or {@link #NONE} in an enumerator that has given its split away
 */
record EventSplit(long next) implements SourceSplit {

    static final EventSplit FROM_THE_BEGINNING = new EventSplit(0);

    static final EventSplit NONE = new EventSplit(-1);

    @Override
    public String splitId() {
        return "events";
    }
}
