package io.holt.examples.kstreams;

import io.holt.examples.fs.DirectoryState;
import io.holt.examples.fs.FileVersion;
import io.holt.kstreams.HoltStoreConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.processor.StateRestoreListener;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;

/**
 * The application, in a process of its own so that it can be killed. It tells what happens to it in lines on its
 * standard output and takes commands, a word a line, from its standard input; see {@link ApplicationProcess}.
 */
final class Application {

    /** Off-heap memory of all stores together. */
    static final long MEMORY_BYTES = 512L << 20;

    private static final long COMMIT_INTERVAL_MILLIS = 1_000;
    private static final int THREADS = 2;
    private static final int BATCH_BYTES = 128 * 1024;

    private final KafkaStreams streams;
    private final AtomicBoolean isReady = new AtomicBoolean();

    private Application(KafkaStreams streams) {
        this.streams = streams;
    }

    /** Arguments: the engine's name, the bootstrap servers, the state directory, and after how many events to list. */
    public static void main(String[] arguments) throws IOException {
        Engine engine = Engine.valueOf(arguments[0]);
        Application application = new Application(new KafkaStreams(
                MetadataTopology.build(engine, Integer.parseInt(arguments[3])),
                configuration(engine, arguments[1], Path.of(arguments[2]))));
        application.run();
    }

    static String applicationId(Engine engine) {
        return "file-system-on-" + engine.label();
    }

    private static Properties configuration(Engine engine, String bootstrapServers, Path stateDirectory) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, applicationId(engine));
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers);
        properties.put(StreamsConfig.STATE_DIR_CONFIG, stateDirectory.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_INTERVAL_MILLIS);
        properties.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, THREADS);
        // The events are of a fixed past. The broker goes by today's date when it cuts the changelogs of windows, and
        // an
        // engine that starts again from its changelog would miss what was cut.
        properties.put(
                StreamsConfig.WINDOW_STORE_CHANGE_LOG_ADDITIONAL_RETENTION_MS_CONFIG,
                Duration.ofDays(36_500).toMillis());
        properties.put(StreamsConfig.producerPrefix(ProducerConfig.BATCH_SIZE_CONFIG), BATCH_BYTES);
        properties.put(HoltStoreConfig.MEMORY_BYTES_CONFIG, MEMORY_BYTES);
        // A static member takes its place again at once, where a new one would wait until the killed one times out.
        properties.put(StreamsConfig.mainConsumerPrefix(ConsumerConfig.GROUP_INSTANCE_ID_CONFIG), "only");
        properties.put(StreamsConfig.consumerPrefix(ConsumerConfig.AUTO_OFFSET_RESET_CONFIG), "earliest");
        return properties;
    }

    private void run() throws IOException {
        streams.setGlobalStateRestoreListener(new RestoreReport());
        streams.setUncaughtExceptionHandler(e -> {
            e.printStackTrace();
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        streams.setStateListener((now, before) -> {
            if (now == KafkaStreams.State.RUNNING && isReady.compareAndSet(false, true)) {
                say("running " + ManagementFactory.getRuntimeMXBean().getUptime());
            } else if (now == KafkaStreams.State.ERROR) {
                say("failed");
            }
        });
        streams.start();
        try (QueryServer queries = QueryServer.start(streams)) {
            say("http " + queries.port());
            obey();
        }
        streams.close();
    }

    private void obey() throws IOException {
        BufferedReader commands = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        String command = commands.readLine();
        while (command != null && !command.equals("stop")) {
            if (command.equals("commits")) {
                say("commits " + commits());
            } else {
                dump(Path.of(command.substring("dump ".length())));
                say("dumped");
            }
            command = commands.readLine();
        }
    }

    /** How often the threads committed. */
    private long commits() {
        double commits = 0;
        for (var metric : streams.metrics().entrySet()) {
            MetricName name = metric.getKey();
            if (name.group().equals("stream-thread-metrics") && name.name().equals("commit-total")) {
                commits += (double) metric.getValue().metricValue();
            }
        }
        return (long) commits;
    }

    /** Reads the stores by interactive queries and writes what they hold. */
    private void dump(Path file) throws IOException {
        ReadOnlyKeyValueStore<String, ValueAndTimestamp<Long>> activity =
                streams.store(StoreQueryParameters.fromNameAndType(
                        MetadataTopology.ACTIVITY, QueryableStoreTypes.timestampedKeyValueStore()));
        ReadOnlyKeyValueStore<String, DirectoryTotals> directories = streams.store(StoreQueryParameters.fromNameAndType(
                MetadataTopology.DIRECTORIES, QueryableStoreTypes.keyValueStore()));
        ReadOnlyKeyValueStore<String, ValueAndTimestamp<FileEntry>> files =
                streams.store(StoreQueryParameters.fromNameAndType(
                        MetadataTopology.FILES, QueryableStoreTypes.timestampedKeyValueStore()));
        try (OutcomeFile.Writer out = new OutcomeFile.Writer(file);
                KeyValueIterator<String, DirectoryTotals> directory = directories.all();
                KeyValueIterator<String, ValueAndTimestamp<FileEntry>> entry = files.all()) {
            while (directory.hasNext()) {
                var next = directory.next();
                ValueAndTimestamp<Long> events = activity.get(next.key);
                out.write(new DirectoryState(
                        next.key,
                        next.value.files(),
                        next.value.bytes(),
                        events == null ? 0 : events.value(),
                        next.value.lastEventMillis(),
                        next.value.listingDigest()));
            }
            while (entry.hasNext()) {
                var next = entry.next();
                out.write(new FileVersion(
                        Formats.path(next.key),
                        next.value.value().version(),
                        next.value.value().size(),
                        next.value.timestamp()));
            }
        }
        ActivityCounts.read(
                        streams.store(StoreQueryParameters.fromNameAndType(
                                ActivityTopology.HOURS, QueryableStoreTypes.timestampedWindowStore())),
                        streams.store(StoreQueryParameters.fromNameAndType(
                                ActivityTopology.BURSTS, QueryableStoreTypes.sessionStore())),
                        streams.store(StoreQueryParameters.fromNameAndType(
                                ActivityTopology.SHORT_LIVES, QueryableStoreTypes.timestampedKeyValueStore())))
                .write(activityFile(file));
    }

    /** The file beside that of the other stores in which a dump has {@link ActivityCounts}. */
    static Path activityFile(Path file) {
        return file.resolveSibling(file.getFileName() + ".activity");
    }

    private static void say(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private static final class RestoreReport implements StateRestoreListener {

        @Override
        public void onRestoreStart(TopicPartition partition, String store, long from, long to) {
            // told at the end
        }

        @Override
        public void onBatchRestored(TopicPartition partition, String store, long to, long records) {
            // told at the end
        }

        @Override
        public void onRestoreEnd(TopicPartition partition, String store, long records) {
            say("restored " + records);
        }
    }
}
