package io.holt.examples.kstreams;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.examples.fs.DirectoryState;
import io.holt.examples.fs.ExpectedState;
import io.holt.examples.fs.FileListing;
import io.holt.examples.fs.FileSystemEvent;
import io.holt.examples.fs.FileSystemEvents;
import io.holt.examples.fs.FileSystemState;
import io.holt.examples.fs.FileVersion;
import io.holt.examples.fs.ListedFile;
import io.holt.examples.fs.Rules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The program itself, without a broker: the stores hold what the independent computation says. */
final class MetadataTopologyTest {

    private static final int LIST_EVERY = 7;

    /** Few, because the driver commits after each of them. */
    private static final int EVENTS = 600;

    @TempDir
    Path stateDirectory;

    @Test
    void storesHoldWhatIsComputedApartFromThem() {
        FileSystemEvents events = new FileSystemEvents(listing(), 9, EVENTS);
        FileSystemState expected = ExpectedState.compute(events.iterator(), new Rules(Rules.NEVER, LIST_EVERY));
        FileSystemState actual = new FileSystemState();
        try (TopologyTestDriver driver =
                new TopologyTestDriver(MetadataTopology.build(Engine.HOLT, LIST_EVERY), properties())) {
            TestInputTopic<String, FileSystemEvent> input = driver.createInputTopic(
                    MetadataTopology.EVENTS,
                    new StringSerializer(),
                    Formats.events().serializer());
            for (FileSystemEvent event : events) {
                input.pipeInput(event.directory(), event, event.timestampMillis());
            }
            collect(driver, actual);
            ActivityCounts activity = ActivityCounts.read(
                    driver.getTimestampedWindowStore(ActivityTopology.HOURS),
                    driver.getSessionStore(ActivityTopology.BURSTS),
                    driver.getTimestampedKeyValueStore(ActivityTopology.SHORT_LIVES));
            assertThat(activity.differencesFrom(ActivityCounts.compute(events), 5))
                    .isEmpty();
            assertThat(activity.of(ActivityTopology.HOURS)).isPositive();
            assertThat(activity.of(ActivityTopology.BURSTS)).isPositive();
        }

        assertThat(actual.files()).isPositive();
        assertThat(actual.differencesFrom(expected, 5)).isEmpty();
        assertThat(actual.digest()).isEqualTo(expected.digest());
    }

    private static FileListing listing() {
        List<ListedFile> files = new ArrayList<>();
        for (int i = 0; i < 24; i++) {
            files.add(ListedFile.of("/m" + i % 3 + "/d" + i % 5 + (i % 2 == 0 ? "" : "/sub") + "/f" + i, i * 100L));
        }
        return FileListing.of(files);
    }

    private Properties properties() {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "metadata-topology-test");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:9092");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
        return properties;
    }

    private static void collect(TopologyTestDriver driver, FileSystemState state) {
        var activity = driver.<String, Long>getTimestampedKeyValueStore(MetadataTopology.ACTIVITY);
        try (KeyValueIterator<String, DirectoryTotals> directories = driver.<String, DirectoryTotals>getKeyValueStore(
                        MetadataTopology.DIRECTORIES)
                .all()) {
            directories.forEachRemaining(entry -> state.add(new DirectoryState(
                    entry.key,
                    entry.value.files(),
                    entry.value.bytes(),
                    activity.get(entry.key).value(),
                    entry.value.lastEventMillis(),
                    entry.value.listingDigest())));
        }
        try (KeyValueIterator<String, ValueAndTimestamp<FileEntry>> files = driver.<String, FileEntry>
                        getTimestampedKeyValueStore(MetadataTopology.FILES)
                .all()) {
            files.forEachRemaining(entry -> state.add(new FileVersion(
                    Formats.path(entry.key),
                    entry.value.value().version(),
                    entry.value.value().size(),
                    entry.value.timestamp())));
        }
    }
}
