package io.holt.it.kstreams;

import io.holt.kstreams.HoltStoreConfig;
import io.holt.kstreams.HoltStores;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.api.ContextualProcessor;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.QueryableStoreType;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.state.ValueTimestampHeaders;

/**
 * Keeps the newest record of each key of one topic in a store of the Processor API, and those of another one in a
 * global store, both on Holt and of a kind that is given. It is led as {@link StreamsProcess} says, and obeys
 * {@code dump FILE}: a line for each record that a store has.
 */
final class TablesApplication {

    /** Of the store in tasks, and of its topic. */
    static final String TABLE = "table";

    /** Of the global store, and of its topic. */
    static final String GLOBAL = "global";

    private static final long MEMORY_BYTES = 64L << 20;
    private static final Serde<String> TEXT = Serdes.String();

    /** What the stores keep of a record. */
    enum Kind {
        PLAIN,
        TIMESTAMPED,
        HEADERS;

        private KeyValueBytesStoreSupplier supplier(String name) {
            return switch (this) {
                case PLAIN -> HoltStores.persistentKeyValueStore(name);
                case TIMESTAMPED -> HoltStores.persistentTimestampedKeyValueStore(name);
                case HEADERS -> HoltStores.persistentTimestampedKeyValueStoreWithHeaders(name);
            };
        }

        private StoreBuilder<?> builder(String name) {
            return switch (this) {
                case PLAIN -> Stores.keyValueStoreBuilder(supplier(name), TEXT, TEXT);
                case TIMESTAMPED -> Stores.timestampedKeyValueStoreBuilder(supplier(name), TEXT, TEXT);
                case HEADERS -> Stores.timestampedKeyValueStoreWithHeadersBuilder(supplier(name), TEXT, TEXT);
            };
        }

        private Object kept(Record<String, String> record) {
            return switch (this) {
                case PLAIN -> record.value();
                case TIMESTAMPED -> ValueAndTimestamp.make(record.value(), record.timestamp());
                case HEADERS -> ValueTimestampHeaders.make(record.value(), record.timestamp(), record.headers());
            };
        }

        private QueryableStoreType<? extends ReadOnlyKeyValueStore<String, ?>> type() {
            return switch (this) {
                case PLAIN -> QueryableStoreTypes.<String, String>keyValueStore();
                case TIMESTAMPED -> QueryableStoreTypes.<String, String>timestampedKeyValueStore();
                case HEADERS -> QueryableStoreTypes.<String, String>timestampedKeyValueStoreWithHeaders();
            };
        }
    }

    private final KafkaStreams streams;
    private final Kind kind;

    private TablesApplication(KafkaStreams streams, Kind kind) {
        this.streams = streams;
        this.kind = kind;
    }

    /** Arguments: the kind of the stores, the bootstrap servers, the state directory. */
    public static void main(String[] arguments) throws IOException {
        try {
            Kind kind = Kind.valueOf(arguments[0]);
            KafkaStreams streams = new KafkaStreams(topology(kind), configuration(arguments[1], arguments[2]));
            StreamsProcess.run(streams, new TablesApplication(streams, kind)::obey);
        } catch (RuntimeException e) {
            StreamsProcess.fail(e);
        }
    }

    private static Topology topology(Kind kind) {
        StreamsBuilder builder = new StreamsBuilder();
        builder.globalTable(
                GLOBAL,
                Materialized.<String, String>as(kind.supplier(GLOBAL))
                        .withKeySerde(TEXT)
                        .withValueSerde(TEXT));
        builder.addStateStore(kind.builder(TABLE));
        builder.<String, String>stream(TABLE).process(() -> new Keeper(kind), TABLE);
        return builder.build();
    }

    private static Properties configuration(String bootstrapServers, String stateDirectory) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "tables");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 200);
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(HoltStoreConfig.MEMORY_BYTES_CONFIG, MEMORY_BYTES);
        // A static member takes its place again at once, where a new one would wait until the killed one times out.
        properties.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), "only");
        properties.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), 6_000);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return properties;
    }

    private void obey(String[] words) throws IOException {
        List<String> lines = new ArrayList<>();
        dump(TABLE, lines);
        dump(GLOBAL, lines);
        Files.write(Path.of(words[1]), lines);
        StreamsProcess.say("dumped");
    }

    private void dump(String name, List<String> lines) {
        ReadOnlyKeyValueStore<String, ?> store = streams.store(StoreQueryParameters.fromNameAndType(name, kind.type()));
        try (KeyValueIterator<String, ?> records = store.all()) {
            records.forEachRemaining(record -> lines.add(line(name, record.key, record.value)));
        }
    }

    private static String line(String store, String key, Object kept) {
        return switch (kept) {
            case ValueAndTimestamp<?> value -> line(store, key, value.value(), value.timestamp());
            case ValueTimestampHeaders<?> value ->
                line(store, key, value.value(), value.timestamp()) + " " + text(value.headers());
            default -> store + " " + key + " " + kept;
        };
    }

    private static String line(String store, String key, Object value, long timestamp) {
        return store + " " + key + " " + value + " " + timestamp;
    }

    private static String text(Headers headers) {
        return StreamSupport.stream(headers.spliterator(), false)
                .map(header -> header.key() + "=" + new String(header.value(), StandardCharsets.UTF_8))
                .collect(Collectors.joining(",", "[", "]"));
    }

    /** Puts each record into the store, as much of it as the store keeps. */
    private static final class Keeper extends ContextualProcessor<String, String, Void, Void> {

        private final Kind kind;

        Keeper(Kind kind) {
            this.kind = kind;
        }

        @Override
        public void process(Record<String, String> record) {
            KeyValueStore<String, Object> store = context().getStateStore(TABLE);
            store.put(record.key(), record.value() == null ? null : kind.kept(record));
        }
    }
}
