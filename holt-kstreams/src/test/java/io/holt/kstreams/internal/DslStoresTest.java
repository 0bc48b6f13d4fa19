package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.kstreams.HoltDslStoreSuppliers;
import io.holt.kstreams.HoltStoreConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.SplittableRandom;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.DslStoreFormat;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.kstream.JoinWindows;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.KStream;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.SlidingWindows;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers.RocksDBDslStoreSuppliers;
import org.apache.kafka.streams.state.DslKeyValueParams;
import org.apache.kafka.streams.state.DslSessionParams;
import org.apache.kafka.streams.state.DslStoreSuppliers;
import org.apache.kafka.streams.state.DslWindowParams;
import org.apache.kafka.streams.state.HeadersBytesStore;
import org.apache.kafka.streams.state.TimestampedBytesStore;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;
import org.apache.kafka.streams.test.TestRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All stores of the DSL made Holt's by one option: the same program and input as with RocksDB's. */
final class DslStoresTest {

    private static final int RECORDS = 120;
    private static final Duration SECOND = Duration.ofSeconds(1);
    private static final List<String> OUTPUTS = List.of(
            "counts",
            "windows",
            "final-windows",
            "final-hopping",
            "final-sliding",
            "sessions",
            "final-sessions",
            "joined");

    @TempDir
    Path holtDirectory;

    @TempDir
    Path rocksDirectory;

    private static Topology topology() {
        StreamsBuilder builder = new StreamsBuilder();
        KStream<String, String> events = builder.stream("events");
        KGroupedStream<String, String> grouped = events.groupByKey();
        EmitStrategy onClose = EmitStrategy.onWindowClose();
        TimeWindows windows = TimeWindows.ofSizeAndGrace(Duration.ofSeconds(10), Duration.ofSeconds(5));
        SlidingWindows sliding = SlidingWindows.ofTimeDifferenceAndGrace(Duration.ofSeconds(4), Duration.ofSeconds(20));
        SessionWindows sessions = SessionWindows.ofInactivityGapAndGrace(Duration.ofSeconds(2), Duration.ofSeconds(20));
        grouped.count().toStream().mapValues(String::valueOf).to("counts");
        send(grouped.windowedBy(windows).count().toStream(), "windows");
        send(grouped.windowedBy(windows).emitStrategy(onClose).count().toStream(), "final-windows");
        send(
                grouped.windowedBy(windows.advanceBy(Duration.ofSeconds(3)))
                        .emitStrategy(onClose)
                        .count()
                        .toStream(),
                "final-hopping");
        send(grouped.windowedBy(sliding).emitStrategy(onClose).count().toStream(), "final-sliding");
        send(grouped.windowedBy(sessions).count().toStream(), "sessions");
        send(grouped.windowedBy(sessions).emitStrategy(onClose).count().toStream(), "final-sessions");
        events.join(
                        builder.<String, String>stream("others"),
                        (event, other) -> event + "+" + other,
                        JoinWindows.ofTimeDifferenceAndGrace(Duration.ofSeconds(3), Duration.ofSeconds(5)))
                .to("joined");
        return builder.build();
    }

    private static void send(KStream<Windowed<String>, Long> counts, String topic) {
        counts.selectKey((window, count) -> window.key() + "@" + window.window().start() + ".."
                        + window.window().end())
                .mapValues(String::valueOf)
                .to(topic);
    }

    private static Properties properties(
            Class<? extends DslStoreSuppliers> suppliers, Path directory, String format, boolean cached) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "dsl-stores-test");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:9092");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, cached ? 2_000 : 0);
        properties.put(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, suppliers);
        properties.put(StreamsConfig.DSL_STORE_FORMAT_CONFIG, format);
        properties.put(StreamsConfig.InternalConfig.EMIT_INTERVAL_MS_KSTREAMS_WINDOWED_AGGREGATION, 0L);
        properties.put(HoltStoreConfig.MEMORY_BYTES_CONFIG, 128L << 20);
        return properties;
    }

    @ParameterizedTest
    @CsvSource({"DEFAULT, false", "DEFAULT, true", "HEADERS, false"})
    void outputsAreThoseOfTheBuiltInStores(String format, boolean cached) {
        List<List<String>> onHolt = run(properties(HoltDslStoreSuppliers.class, holtDirectory, format, cached));
        List<List<String>> onRocks = run(properties(RocksDBDslStoreSuppliers.class, rocksDirectory, format, cached));

        for (int i = 0; i < OUTPUTS.size(); i++) {
            assertThat(onRocks.get(i)).as(OUTPUTS.get(i)).isNotEmpty();
            assertThat(onHolt.get(i)).as(OUTPUTS.get(i)).containsExactlyInAnyOrderElementsOf(onRocks.get(i));
        }
    }

    /** What each output topic got. */
    private static List<List<String>> run(Properties properties) {
        List<List<String>> seen = new ArrayList<>();
        OUTPUTS.forEach(unused -> seen.add(new ArrayList<>()));
        SplittableRandom random = new SplittableRandom(11);
        try (TopologyTestDriver driver = new TopologyTestDriver(topology(), properties, Instant.EPOCH)) {
            TestInputTopic<String, String> events = input(driver, "events");
            TestInputTopic<String, String> others = input(driver, "others");
            Instant now = Instant.ofEpochSecond(100);
            for (int i = 0; i < RECORDS; i++) {
                now = now.plusMillis(random.nextInt(900));
                TestRecord<String, String> record = new TestRecord<>(
                        "key-" + random.nextInt(6),
                        "value-" + i,
                        new RecordHeaders().add("number", new byte[] {(byte) i}),
                        now.minusMillis(random.nextInt(6) == 0 ? 4_000 : 0));
                (random.nextInt(5) == 0 ? others : events).pipeInput(record);
            }
            for (int i = 0; i < OUTPUTS.size(); i++) {
                List<String> records = seen.get(i);
                driver.createOutputTopic(OUTPUTS.get(i), new StringDeserializer(), new StringDeserializer())
                        .readRecordsToList()
                        .forEach(record -> records.add(record.toString()));
            }
        }
        return seen;
    }

    private static TestInputTopic<String, String> input(TopologyTestDriver driver, String topic) {
        return driver.createInputTopic(topic, new StringSerializer(), new StringSerializer(), Instant.EPOCH, SECOND);
    }

    @Test
    void paramsAreHonoured() {
        HoltDslStoreSuppliers suppliers = new HoltDslStoreSuppliers();
        EmitStrategy update = EmitStrategy.onWindowUpdate();
        Duration hour = Duration.ofHours(1);

        assertMarkers(
                suppliers
                        .keyValueStore(new DslKeyValueParams("a", DslStoreFormat.PLAIN))
                        .get(),
                false,
                false);
        assertMarkers(
                suppliers
                        .keyValueStore(new DslKeyValueParams("a", DslStoreFormat.TIMESTAMPED))
                        .get(),
                true,
                false);
        assertMarkers(
                suppliers
                        .keyValueStore(new DslKeyValueParams("a", DslStoreFormat.HEADERS))
                        .get(),
                false,
                true);

        WindowBytesStoreSupplier windows = suppliers.windowStore(
                new DslWindowParams("w", hour, SECOND, true, update, false, DslStoreFormat.HEADERS));
        assertThat(windows.name()).isEqualTo("w");
        assertThat(windows.retentionPeriod()).isEqualTo(3_600_000);
        assertThat(windows.windowSize()).isEqualTo(1_000);
        assertThat(windows.retainDuplicates()).isTrue();
        assertMarkers(windows.get(), true, true);
        for (DslStoreFormat format : new DslStoreFormat[] {DslStoreFormat.PLAIN, DslStoreFormat.TIMESTAMPED}) {
            boolean timestamped = format == DslStoreFormat.TIMESTAMPED;
            assertMarkers(
                    suppliers
                            .windowStore(new DslWindowParams("w", hour, SECOND, false, update, false, format))
                            .get(),
                    timestamped,
                    false);
        }
        DslSessionParams plain = new DslSessionParams("s", hour, update, DslStoreFormat.PLAIN);
        DslSessionParams headers = new DslSessionParams("s", hour, update, DslStoreFormat.HEADERS);
        assertMarkers(suppliers.sessionStore(plain).get(), false, false);
        assertMarkers(suppliers.sessionStore(headers).get(), false, true);
        assertThat(suppliers.sessionStore(headers).retentionPeriod()).isEqualTo(3_600_000);
    }

    private static void assertMarkers(StateStore store, boolean timestamped, boolean headers) {
        assertThat(store instanceof TimestampedBytesStore).isEqualTo(timestamped);
        assertThat(store instanceof HeadersBytesStore).isEqualTo(headers);
    }
}
