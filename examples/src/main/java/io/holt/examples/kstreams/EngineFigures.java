package io.holt.examples.kstreams;

import java.util.List;

/**
 * What was measured with one engine.
 *
 * @param first its first life, ended by a clean stop
 * @param second its second life, ended by {@code kill -9}
 * @param third its third life, to the end of the events
 * @param stateBytes what the stores take on disk at the end
 * @param directories how many the stores hold at the end
 * @param files how many the stores hold at the end
 * @param digest of all that the stores hold at the end
 * @param activity what the stores of {@link ActivityTopology} hold at the end
 * @param queries directories asked for by HTTP and answered, while the events were processed
 * @param differences where the stores differ from what they should hold; a sentence each, some of them
 */
record EngineFigures(
        Engine engine,
        Life first,
        Life second,
        Life third,
        long stateBytes,
        int directories,
        int files,
        String digest,
        ActivityCounts activity,
        long queries,
        List<String> differences) {

    long eventsASecond() {
        long millis = first.processingMillis() + second.processingMillis() + third.processingMillis();
        return (first.events() + second.events() + third.events()) * 1_000 / Math.max(1, millis);
    }

    /** CPU time of the application's processes, starts included. */
    long cpuMillis() {
        return first.cpuMillis() + second.cpuMillis() + third.cpuMillis();
    }

    long commits() {
        return first.commits() + second.commits() + third.commits();
    }
}
