package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.SplittableRandom;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.SessionBytesStoreSupplier;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Stores with and without Kafka Streams' cache and changelog around them: the same input gives what it gives with the
 * built-in stores, and the same records in the changelogs.
 */
final class CachingAndLoggingTest {

    private static final Duration RETENTION = Duration.ofMinutes(10);
    private static final Duration WINDOW = Duration.ofMinutes(1);
    private static final Duration GAP = Duration.ofSeconds(2);

    @TempDir
    Path holtDirectory;

    @TempDir
    Path rocksDirectory;

    private final TestEngine engine = TestEngine.create();

    /** Makes the stores of one engine. */
    private record Engine(
            KeyValueBytesStoreSupplier counts, WindowBytesStoreSupplier windows, SessionBytesStoreSupplier sessions) {}

    private Engine holt() {
        WindowSettings windows = new WindowSettings(SegmentSettings.of(RETENTION.toMillis()), WINDOW.toMillis(), false);
        return new Engine(
                new HoltKeyValueSupplier("counts", StoreKind.TIMESTAMPED, engine.databases()),
                new HoltWindowSupplier("windows", StoreKind.TIMESTAMPED_WINDOW, windows, engine.databases()),
                new HoltSessionSupplier(
                        "sessions", StoreKind.SESSION, SegmentSettings.of(RETENTION.toMillis()), engine.databases()));
    }

    private static Engine rocks() {
        return new Engine(
                Stores.persistentTimestampedKeyValueStore("counts"),
                Stores.persistentTimestampedWindowStore("windows", RETENTION, WINDOW, false),
                Stores.persistentSessionStore("sessions", RETENTION));
    }

    @ParameterizedTest
    @CsvSource({"true, true", "true, false", "false, true", "false, false"})
    void answersAreThoseOfTheBuiltInStores(boolean caching, boolean logging) {
        List<String> expected = run(rocks(), rocksDirectory, caching, logging);
        assertThat(expected).hasSizeGreaterThan(100);
        assertThat(run(holt(), holtDirectory, caching, logging)).isEqualTo(expected);
    }

    private static <S extends StateStore> Materialized<String, Long, S> set(
            Materialized<String, Long, S> store, boolean caching, boolean logging) {
        Materialized<String, Long, S> cached = caching ? store.withCachingEnabled() : store.withCachingDisabled();
        return (logging ? cached : cached.withLoggingDisabled()).withKeySerde(Serdes.String());
    }

    /** What the stores hold in the end, and which changelogs were written. */
    private static List<String> run(Engine stores, Path directory, boolean caching, boolean logging) {
        StreamsBuilder builder = new StreamsBuilder();
        KGroupedStream<String, String> events =
                builder.<String, String>stream("events").groupByKey();
        events.count(set(Materialized.as(stores.counts()), caching, logging));
        events.windowedBy(TimeWindows.ofSizeAndGrace(WINDOW, Duration.ofMinutes(5)))
                .count(set(Materialized.as(stores.windows()), caching, logging));
        events.windowedBy(SessionWindows.ofInactivityGapAndGrace(GAP, Duration.ofMinutes(5)))
                .count(set(Materialized.as(stores.sessions()), caching, logging));
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:9092");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), properties, Instant.EPOCH)) {
            TestInputTopic<String, String> topic =
                    driver.createInputTopic("events", new StringSerializer(), new StringSerializer());
            SplittableRandom random = new SplittableRandom(6);
            for (int i = 0; i < 400; i++) {
                topic.pipeInput("k" + random.nextInt(9), "v", i * 700L + random.nextInt(5_000));
            }
            List<String> found = new ArrayList<>(
                    driver.producedTopicNames().stream().sorted().toList());
            assertThat(found).hasSize(logging ? 3 : 0);
            contents(driver, found);
            return found;
        }
    }

    private static void contents(TopologyTestDriver driver, List<String> found) {
        drain(driver.<String, Long>getTimestampedKeyValueStore("counts").all(), found);
        drain(driver.<String, Long>getTimestampedWindowStore("windows").all(), found);
        SessionStore<String, Long> sessions = driver.getSessionStore("sessions");
        for (int i = 0; i < 9; i++) {
            drain(sessions.fetch("k" + i), found);
        }
    }

    private static <K, V> void drain(KeyValueIterator<K, V> iterator, List<String> found) {
        try (iterator) {
            while (iterator.hasNext()) {
                KeyValue<K, V> record = iterator.next();
                found.add(record.key + "=" + record.value);
            }
        }
    }
}
