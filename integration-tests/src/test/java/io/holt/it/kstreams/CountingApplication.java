package io.holt.it.kstreams;

import io.holt.kstreams.HoltConfigSetter;
import io.holt.kstreams.HoltStoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.kstream.KGroupedStream;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.SessionWindows;
import org.apache.kafka.streams.kstream.TimeWindows;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.BuiltInDslStoreSuppliers.RocksDBDslStoreSuppliers;
import org.apache.kafka.streams.state.DslStoreSuppliers;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreType;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.SessionStore;

/**
 * Counts events by key, by key and window, and by key and session, all in stores of one engine. It is led as
 * {@link StreamsProcess} says, and obeys {@code dump FILE}, {@code dump-with-standbys FILE} and {@code opened}.
 */
final class CountingApplication {

    static final String INPUT = "events";

    private static final long MEMORY_BYTES = 128L << 20;
    private static final int SESSION_MILLIS = 6_000;

    /** So long that a process that is killed has mostly something that was not committed. */
    private static final int COMMIT_MILLIS = 1_000;

    /** So short that it has mostly committed something too, which is then restored. */
    private static final int TRANSACTION_MILLIS = 200;

    /** What the stores are made of. */
    enum Engine {
        HOLT(ObservedStores.class),
        ROCKSDB(RocksDBDslStoreSuppliers.class);

        private final Class<? extends DslStoreSuppliers> suppliers;

        Engine(Class<? extends DslStoreSuppliers> suppliers) {
            this.suppliers = suppliers;
        }
    }

    /** How often a store was opened. */
    private static final AtomicLong OPENED = new AtomicLong();

    private final KafkaStreams streams;

    private CountingApplication(KafkaStreams streams) {
        this.streams = streams;
    }

    /**
     * What {@link #main} takes.
     *
     * @param guarantee of processing
     * @param name by which it is known again when it is started again
     * @param standbys how many copies of each store the applications of this guarantee and engine keep beside the
     *     active one
     */
    static List<String> arguments(
            String guarantee,
            String bootstrapServers,
            String stateDirectory,
            String name,
            int standbys,
            Engine engine) {
        return List.of(guarantee, bootstrapServers, stateDirectory, name, String.valueOf(standbys), engine.name());
    }

    /** Takes {@link #arguments}. */
    public static void main(String[] arguments) throws IOException {
        try {
            KafkaStreams streams = new KafkaStreams(topology(), configuration(arguments));
            StreamsProcess.run(streams, new CountingApplication(streams)::obey);
        } catch (RuntimeException e) {
            StreamsProcess.fail(e);
        }
    }

    static Topology topology() {
        StreamsBuilder builder = new StreamsBuilder();
        KGroupedStream<String, String> events =
                builder.<String, String>stream(INPUT).groupByKey();
        events.count(Materialized.as("counts"));
        events.windowedBy(TimeWindows.ofSizeAndGrace(Duration.ofSeconds(10), Duration.ofDays(1)))
                .count(Materialized.as("windows"));
        events.windowedBy(SessionWindows.ofInactivityGapAndGrace(Duration.ofMillis(500), Duration.ofDays(1)))
                .count(Materialized.<String, Long, SessionStore<Bytes, byte[]>>as("sessions")
                        // The cache looks for the sessions of a key in every segment since 1970.
                        .withCachingDisabled());
        return builder.build();
    }

    private static Properties configuration(String[] arguments) {
        Engine engine = Engine.valueOf(arguments[5]);
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "counting-" + arguments[0] + "-" + engine);
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, arguments[1]);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, arguments[2]);
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, arguments[0]);
        boolean isTransactional = arguments[0].equals(StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, isTransactional ? TRANSACTION_MILLIS : COMMIT_MILLIS);
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DSL_STORE_SUPPLIERS_CLASS_CONFIG, engine.suppliers);
        properties.put(HoltStoreConfig.MEMORY_BYTES_CONFIG, MEMORY_BYTES);
        properties.put(HoltStoreConfig.CONFIG_SETTER_CONFIG, (HoltConfigSetter)
                (store, settings, configs) -> OPENED.incrementAndGet());
        properties.put(StreamsConfig.NUM_STANDBY_REPLICAS_CONFIG, arguments[4]);
        // A process that comes back gets its tasks at once, not when it is probed minutes later.
        properties.put(StreamsConfig.ACCEPTABLE_RECOVERY_LAG_CONFIG, Long.MAX_VALUE / 1_000);
        // A static member takes its place again at once, where a new one would wait until the killed one times out.
        properties.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), arguments[3]);
        properties.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.SESSION_TIMEOUT_MS_CONFIG), SESSION_MILLIS);
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return properties;
    }

    private void obey(String[] command) throws IOException {
        if (command[0].equals("opened")) {
            StreamsProcess.say("opened " + OPENED.get());
            return;
        }
        Path file = Path.of(command[1]);
        try {
            dump(file, command[0].equals("dump-with-standbys"));
        } catch (InvalidStateStoreException e) {
            // The tasks are on their way to this process or from it: nothing is to be seen now.
            Files.write(file, List.of());
        }
        StreamsProcess.say("dumped");
    }

    private <T> T store(String name, QueryableStoreType<T> type, boolean standbys) {
        StoreQueryParameters<T> parameters = StoreQueryParameters.fromNameAndType(name, type);
        return streams.store(standbys ? parameters.enableStaleStores() : parameters);
    }

    /** Writes what the stores hold, read from this thread by interactive queries. */
    private void dump(Path file, boolean standbys) throws IOException {
        List<String> lines = new ArrayList<>();
        try (KeyValueIterator<String, Long> counts = store(
                        "counts", QueryableStoreTypes.<String, Long>keyValueStore(), standbys)
                .all()) {
            counts.forEachRemaining(record -> lines.add("counts " + record.key + " " + record.value));
        }
        try (KeyValueIterator<Windowed<String>, Long> windows = store(
                        "windows", QueryableStoreTypes.<String, Long>windowStore(), standbys)
                .fetchAll(Instant.EPOCH, Instant.ofEpochMilli(Long.MAX_VALUE / 2))) {
            windows.forEachRemaining(record -> lines.add("windows " + record.key.key() + " " + record.value));
        }
        List<String> keys = lines.stream()
                .filter(line -> line.startsWith("counts "))
                .map(line -> line.split(" ")[1])
                .toList();
        for (String key : keys) {
            try (KeyValueIterator<Windowed<String>, Long> sessions = store(
                            "sessions", QueryableStoreTypes.<String, Long>sessionStore(), standbys)
                    .fetch(key)) {
                sessions.forEachRemaining(record -> lines.add("sessions " + key + " " + record.value));
            }
        }
        Files.write(file, lines);
    }
}
