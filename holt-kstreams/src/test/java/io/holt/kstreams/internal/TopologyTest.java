package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.SplittableRandom;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TestInputTopic;
import org.apache.kafka.streams.TestOutputTopic;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Grouped;
import org.apache.kafka.streams.kstream.KTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.state.internals.RecordConverters;
import org.apache.kafka.streams.state.internals.WrappedStateStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Whole topologies: the same program and the same input on Holt stores and on the built-in ones. */
final class TopologyTest {

    @TempDir
    Path holtDirectory;

    @TempDir
    Path rocksDirectory;

    @TempDir
    Path taskDirectory;

    private final TestEngine engine = TestEngine.create();

    /** Makes the stores of one engine. */
    private interface Engine {
        KeyValueBytesStoreSupplier store(String name, StoreKind kind);
    }

    private KeyValueBytesStoreSupplier holt(String name, StoreKind kind) {
        return new HoltKeyValueSupplier(name, kind, engine.databases());
    }

    private static KeyValueBytesStoreSupplier rocks(String name, StoreKind kind) {
        return kind == StoreKind.PLAIN
                ? Stores.persistentKeyValueStore(name)
                : Stores.persistentTimestampedKeyValueStore(name);
    }

    private static Materialized<String, String, KeyValueStore<Bytes, byte[]>> strings(Engine stores, String name) {
        return Materialized.<String, String>as(stores.store(name, StoreKind.TIMESTAMPED))
                .withKeySerde(Serdes.String())
                .withValueSerde(Serdes.String());
    }

    /** A table, a count, a sum by another key with take-backs, a join, and a processor with a store of its own. */
    private static Topology topology(Engine stores) {
        StreamsBuilder builder = new StreamsBuilder();
        KTable<String, String> owners = builder.table("owners", strings(stores, "owners"));
        KTable<String, Long> counts = builder.<String, String>stream("visits")
                .groupByKey()
                .count(Materialized.<String, Long>as(stores.store("counts", StoreKind.TIMESTAMPED))
                        .withKeySerde(Serdes.String()));
        owners.groupBy((page, owner) -> KeyValue.pair(owner, page), Grouped.with(Serdes.String(), Serdes.String()))
                .count(Materialized.<String, Long>as(stores.store("pages", StoreKind.TIMESTAMPED))
                        .withKeySerde(Serdes.String()))
                .toStream()
                .mapValues(String::valueOf)
                .to("pages");
        counts.join(owners, (count, owner) -> owner + ":" + count, strings(stores, "joined"))
                .toStream()
                .to("joined");
        builder.addStateStore(
                Stores.keyValueStoreBuilder(stores.store("recent", StoreKind.PLAIN), Serdes.String(), Serdes.String()));
        builder.<String, String>stream("visits")
                .process(RecentPages::new, "recent")
                .to("recent");
        return builder.build();
    }

    /** Keeps the last value of each key and forgets the smallest key when there are more than twenty. */
    private static final class RecentPages implements Processor<String, String, String, String> {
        private ProcessorContext<String, String> context;
        private KeyValueStore<String, String> recent;

        @Override
        public void init(ProcessorContext<String, String> processorContext) {
            context = processorContext;
            recent = context.getStateStore("recent");
        }

        @Override
        public void process(Record<String, String> visit) {
            recent.put(visit.key(), visit.value());
            try (KeyValueIterator<String, String> pages = recent.reverseAll()) {
                for (int i = 0; pages.hasNext(); i++) {
                    String page = pages.next().key;
                    if (i >= 20) {
                        recent.delete(page);
                    }
                }
            }
            List<String> near = new ArrayList<>();
            try (KeyValueIterator<String, String> pages = recent.reverseRange(null, visit.key())) {
                while (pages.hasNext() && near.size() < 3) {
                    near.add(pages.next().value);
                }
            }
            context.forward(visit.withValue(String.join(",", near)));
        }
    }

    private static Properties properties(Path directory, boolean cached) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "topology-test");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:9092");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, cached ? 10_000 : 0);
        return properties;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void outputsAndStoresAreThoseOfTheBuiltInStores(boolean cached) {
        List<String> onHolt = run(this::holt, holtDirectory, cached);
        List<String> onRocks = run(TopologyTest::rocks, rocksDirectory, cached);

        assertThat(onRocks).hasSizeGreaterThan(500);
        assertThat(onHolt).isEqualTo(onRocks);
    }

    private static List<String> run(Engine stores, Path directory, boolean cached) {
        List<String> seen = new ArrayList<>();
        SplittableRandom random = new SplittableRandom(5);
        try (TopologyTestDriver driver =
                new TopologyTestDriver(topology(stores), properties(directory, cached), Instant.EPOCH)) {
            TestInputTopic<String, String> owners = input(driver, "owners");
            TestInputTopic<String, String> visits = input(driver, "visits");
            for (int i = 0; i < 400; i++) {
                String page = "page-" + random.nextInt(60);
                if (random.nextInt(3) == 0) {
                    owners.pipeInput(page, random.nextInt(5) == 0 ? null : "owner-" + random.nextInt(5));
                } else {
                    visits.pipeInput(page, "visit-" + i);
                }
                for (String topic : List.of("pages", "joined", "recent")) {
                    output(driver, topic).readRecordsToList().forEach(record -> seen.add(topic + " " + record));
                }
            }
            for (String name : List.of("owners", "counts", "pages", "joined")) {
                collect(
                        name,
                        driver.<String, Object>getTimestampedKeyValueStore(name).all(),
                        seen);
            }
            collect("recent", driver.<String, String>getKeyValueStore("recent").all(), seen);
        }
        return seen;
    }

    private static void collect(String name, KeyValueIterator<String, ?> records, List<String> seen) {
        try (records) {
            records.forEachRemaining(record -> seen.add(name + " " + record));
        }
    }

    private static TestInputTopic<String, String> input(TopologyTestDriver driver, String topic) {
        return driver.createInputTopic(
                topic, new StringSerializer(), new StringSerializer(), Instant.EPOCH, Duration.ofSeconds(1));
    }

    private static TestOutputTopic<String, String> output(TopologyTestDriver driver, String topic) {
        return driver.createOutputTopic(topic, new StringDeserializer(), new StringDeserializer());
    }

    /** The changelog of a timestamped store has the timestamp beside the value, the store has it inside. */
    @Test
    void restoredTimestampsArrive() {
        TestTask task = new TestTask(engine, taskDirectory);
        TimestampedKeyValueStore<Bytes, byte[]> store = Stores.timestampedKeyValueStoreBuilder(
                        holt("store", StoreKind.TIMESTAMPED), Serdes.Bytes(), Serdes.ByteArray())
                .build();
        store.init(task.context(), store);
        assertThat(WrappedStateStore.isTimestamped(store))
                .as("Kafka Streams converts records for it")
                .isTrue();
        ConsumerRecord<byte[], byte[]> logged = new ConsumerRecord<>(
                "log",
                0,
                0,
                1_234L,
                TimestampType.CREATE_TIME,
                0,
                0,
                new byte[] {'k'},
                new byte[] {'v'},
                new RecordHeaders(),
                Optional.empty());
        task.restore(
                "store", List.of(RecordConverters.rawValueToTimestampedValue().convert(logged)));

        ValueAndTimestamp<byte[]> restored = store.get(Bytes.wrap(new byte[] {'k'}));
        assertThat(restored.timestamp()).isEqualTo(1_234L);
        assertThat(restored.value()).containsExactly('v');
        store.close();
    }
}
