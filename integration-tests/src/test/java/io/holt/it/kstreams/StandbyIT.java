package io.holt.it.kstreams;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.broker.LocalBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Two processes keep standbys for one another, on a real broker. When one is killed the other turns its standbys into
 * active tasks, with what they hold; when it comes back, active tasks of the other become standbys again. Either way
 * the stores stay open.
 */
@Timeout(1_200)
final class StandbyIT {

    private static final Logger LOG = LoggerFactory.getLogger(StandbyIT.class);

    private static final String GUARANTEE = StreamsConfig.EXACTLY_ONCE_V2;
    private static final int EVENTS = 8_000;
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

    @TempDir
    Path directory;

    @Test
    void tasksChangeBetweenActiveAndStandby() throws Exception {
        try (LocalBroker broker = LocalBroker.start(Files.createDirectory(directory.resolve("broker")));
                SentEvents events = new SentEvents(broker.bootstrapServers());
                ApplicationProcess second = start(broker, "second")) {
            try (ApplicationProcess first = start(broker, "first")) {
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
                first.kill();
                events.send(EVENTS);
                second.verify(events, true);
                long restored = second.restored() - before;
                LOG.info("{} records were restored when standbys took over", restored);
                assertThat(restored)
                        .as("records restored by standbys that had everything")
                        .isLessThan(SentEvents.KEYS);
                assertThat(second.opened())
                        .as("openings of stores, all of which the standbys had open")
                        .isEqualTo(opened);
            }
            long opened = second.opened();
            try (ApplicationProcess first = start(broker, "first")) {
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
                first.stop();
            }
            second.verify(events, true);
            second.stop();
        }
    }

    private ApplicationProcess start(LocalBroker broker, String name) throws IOException {
        return new ApplicationProcess(directory, broker.bootstrapServers(), GUARANTEE, name, 1);
    }

    /** Waits until what is dumped has all events; it must have them exactly once. */
    private static void awaitAll(String who, SentEvents events, Callable<Map<String, Map<String, Long>>> dump)
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
        events.verify(counted, true);
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
