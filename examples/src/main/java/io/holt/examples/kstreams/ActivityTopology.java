package io.holt.examples.kstreams;

import io.holt.examples.fs.EventKind;
import io.holt.examples.fs.FileSystemEvent;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.StreamJoined;
import org.apache.kafka.streams.kstream.TimeWindows;

/**
 * What the DSL makes of some directories' events: how many there were by the hour, in which bursts they came, and
 * which files were deleted within a day of their creation, by a join of the two kinds of events.
 */
final class ActivityTopology {

    /** Windows of an hour, key: the directory, value: how many events. */
    static final String HOURS = "hours";

    /** Sessions, key: the directory, value: how many events. */
    static final String BURSTS = "bursts";

    /** Key: the file's path, value: how many pairs of a creation and a deletion within {@link #SHORT_LIFE}. */
    static final String SHORT_LIVES = "short-lives";

    static final Duration HOUR = Duration.ofHours(1);

    /** Events of a directory that are further apart belong to different bursts. */
    static final Duration BURST_GAP = Duration.ofMinutes(2);

    static final Duration SHORT_LIFE = Duration.ofDays(1);

    /** Longer than the stream, so that the outcome does not hang on the order in which partitions are read. */
    private static final Duration GRACE = Duration.ofDays(60);

    private static final int SAMPLE = 8;

    private ActivityTopology() {}

    /** Whether this directory is one of those: one in eight. */
    static boolean isSampled(String directory) {
        return Math.floorMod(directory.hashCode(), SAMPLE) == 0;
    }

    /** Adds it to a topology. */
    static void add(KStream<String, FileSystemEvent> all, Engine engine) {
        KStream<String, FileSystemEvent> events = all.filter((directory, event) -> isSampled(directory));
        KGroupedStream<String, FileSystemEvent> byDirectory =
                events.groupByKey(Grouped.with(Serdes.String(), Formats.events()));
        byDirectory
                .windowedBy(TimeWindows.ofSizeAndGrace(HOUR, GRACE))
                .count(Materialized.<String, Long>as(engine.windows(HOURS, HOUR.plus(GRACE), HOUR))
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.Long()));
        byDirectory
                .windowedBy(SessionWindows.ofInactivityGapAndGrace(BURST_GAP, GRACE))
                .count(Materialized.<String, Long>as(engine.sessions(BURSTS, BURST_GAP.plus(GRACE)))
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.Long()));
        joinLives(events, engine);
    }

    private static void joinLives(KStream<String, FileSystemEvent> events, Engine engine) {
        JoinWindows windows =
                JoinWindows.ofTimeDifferenceAndGrace(SHORT_LIFE, GRACE).before(Duration.ZERO);
        Duration size = SHORT_LIFE;
        Serde<FileSystemEvent> values = Formats.events();
        of(EventKind.CREATE, events)
                .join(
                        of(EventKind.DELETE, events),
                        (created, deleted) -> deleted,
                        windows,
                        StreamJoined.with(Serdes.String(), values, values)
                                .withName("lives")
                                .withStoreName("lives")
                                .withThisStoreSupplier(engine.joinWindows("created", size.plus(GRACE), size))
                                .withOtherStoreSupplier(engine.joinWindows("deleted", size.plus(GRACE), size)))
                .groupByKey(Grouped.with(Serdes.String(), values))
                .count(Materialized.<String, Long>as(engine.timestamped(SHORT_LIVES))
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.Long()));
    }

    /** By path, for which Kafka Streams puts a topic of its own in between. */
    private static KStream<String, FileSystemEvent> of(EventKind kind, KStream<String, FileSystemEvent> events) {
        return events.filter((directory, event) -> event.kind() == kind).selectKey((directory, event) -> event.path());
    }

    /** All of its stores that can be read. */
    static List<String> stores() {
        return List.of(HOURS, BURSTS, SHORT_LIVES);
    }
}
