package io.holt.it.kstreams;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.broker.LocalBroker;
import io.holt.it.kstreams.CountingApplication.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two processes keep standbys for one another, on a real broker. When one is killed the other turns its standbys into
 * active tasks, with what they hold; when it comes back, active tasks of the other become standbys again. Either way
 * the stores stay open, and none is restored or updated from before its last commit (see {@link StoreOffsets}).
 */
@Timeout(1_200)
final class StandbyIT {

    private static final Logger LOG = LoggerFactory.getLogger(StandbyIT.class);

    private static final int EVENTS = 8_000;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

    @TempDir
    Path directory;

    private final StoreOffsets ofFirst = new StoreOffsets();
    private final StoreOffsets ofSecond = new StoreOffsets();
    private String guarantee;

    /** Whether each event has been counted once; at-least-once may have counted some twice after a kill. */
    private boolean exactly = true;

    @ParameterizedTest
    @ValueSource(strings = {StreamsConfig.AT_LEAST_ONCE, StreamsConfig.EXACTLY_ONCE_V2})
    void tasksChangeBetweenActiveAndStandby(String given) throws Exception {
        guarantee = given;
        try (LocalBroker broker = LocalBroker.start(Files.createDirectory(directory.resolve("broker")));
                SentEvents events = new SentEvents(broker.bootstrapServers());
                ApplicationProcess second = start(broker, "second", ofSecond)) {
            try (ApplicationProcess first = start(broker, "first", ofFirst)) {
                first.awaitRunning();
                second.awaitRunning();
                events.send(EVENTS);
                awaitAll("first, active and standby", events, first::dumpWithStandbys);
                awaitAll("second, active and standby", events, second::dumpWithStandbys);
                awaitAll("both, active", events, () -> sum(first.dump(), second.dump()));
                assertThat(events.areIn(first.dump())).as("each has its share").isFalse();
                assertThat(events.areIn(second.dump())).as("each has its share").isFalse();

                long before = second.restored();
                long opened = second.opened();
                long promotions = ofSecond.promotions();
                first.kill();
                ofFirst.beginLife();
                exactly = guarantee.equals(StreamsConfig.EXACTLY_ONCE_V2);
                events.send(EVENTS);
                second.verify(events, exactly);
                long restored = second.restored() - before;
                LOG.info("{} records were restored when standbys took over", restored);
                assertThat(restored)
                        .as("records restored by standbys that had everything")
                        .isLessThan(SentEvents.KEYS);
                assertThat(second.opened())
                        .as("openings of stores, all of which the standbys had open")
                        .isEqualTo(opened);
                assertThat(ofSecond.promotions())
                        .as("stores of standbys that became active")
                        .isGreaterThan(promotions);
            }
            long opened = second.opened();
            long updates = ofSecond.updates();
            try (ApplicationProcess first = start(broker, "first", ofFirst)) {
                LOG.info("running again after {}", first.awaitRunning());
                events.send(EVENTS);
                awaitAll("both, active, when tasks have come back", events, () -> {
                    Map<String, Map<String, Long>> active = first.dump();
                    return active.isEmpty() ? active : sum(active, second.dump());
                });
                awaitAll("first, active and standby", events, first::dumpWithStandbys);
                awaitAll("second, active and standby", events, second::dumpWithStandbys);
                assertThat(events.areIn(second.dump()))
                        .as("the second has no active task but its share")
                        .isFalse();
                assertThat(second.opened())
                        .as("openings of stores, which active tasks keep when they become standbys")
                        .isEqualTo(opened);
                assertThat(ofSecond.updates())
                        .as("stores of active tasks that became standbys, and are updated from their last commit on")
                        .isGreaterThan(updates);
                first.stop();
            }
            second.verify(events, exactly);
            second.stop();
        }
        ofFirst.verify();
        ofSecond.verify();
        LOG.info("{}: {} commits", guarantee, ofFirst.commits() + ofSecond.commits());
    }

    private ApplicationProcess start(LocalBroker broker, String name, StoreOffsets offsets) throws IOException {
        return new ApplicationProcess(directory, broker.bootstrapServers(), guarantee, name, 1, Engine.HOLT, offsets);
    }

    /** Waits until what is dumped has all events; it must have them exactly once, if that holds yet. */
    private void awaitAll(String who, SentEvents events, Callable<Map<String, Map<String, Long>>> dump)
            throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        Map<String, Map<String, Long>> counted = dump.call();
        while (!events.areIn(counted)) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError(who + ": not all events are counted: " + counted);
            }
            Thread.sleep(100);
            counted = dump.call();
        }
        events.verify(counted, exactly);
    }

    private static Map<String, Map<String, Long>> sum(
            Map<String, Map<String, Long>> first, Map<String, Map<String, Long>> second) {
        Map<String, Map<String, Long>> sum = new TreeMap<>();
        for (Map<String, Map<String, Long>> one : List.of(first, second)) {
            one.forEach((store, counts) -> counts.forEach((key, count) ->
                    sum.computeIfAbsent(store, unused -> new TreeMap<>()).merge(key, count, Long::sum)));
        }
        return sum;
    }
}
