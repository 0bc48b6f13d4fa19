package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.broker.LocalBroker;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.CloseOptions;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.MultiVersionedKeyQuery;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.RangeQuery;
import org.apache.kafka.streams.query.StateQueryRequest;
import org.apache.kafka.streams.query.StateQueryResult;
import org.apache.kafka.streams.query.TimestampedKeyQuery;
import org.apache.kafka.streams.query.TimestampedRangeQuery;
import org.apache.kafka.streams.query.VersionedKeyQuery;
import org.apache.kafka.streams.query.WindowKeyQuery;
import org.apache.kafka.streams.query.WindowRangeQuery;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Interactive queries as applications make them, through {@link KafkaStreams#query} on a real broker: each store must
 * answer as the built-in one beside it, in the same task.
 */
@Timeout(1_200)
final class KafkaStreamsQueryTest {

    private static final String TOPIC = "events";
    private static final Set<Integer> PARTITIONS = Set.of(0, 1);
    private static final int RECORDS = 120;
    private static final long TIME = 1_700_000_000_000L;
    private static final Instant FROM = Instant.ofEpochMilli(TIME + 20_000);
    private static final Instant TO = Instant.ofEpochMilli(TIME + 90_000);
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);

    @TempDir
    Path directory;

    private final QueriedStores stores = new QueriedStores(TestEngine.create().databases());
    private Position sent = Position.emptyPosition();
    private KafkaStreams streams;
    private int successes;
    private int failures;

    @Test
    void answersAreThoseOfTheBuiltInStores() throws Exception {
        try (LocalBroker broker = LocalBroker.start(Files.createDirectory(directory.resolve("broker")))) {
            send(broker);
            start(broker);
            compareAll();
            compareVersions();
            close();
        }
    }

    private void send(LocalBroker broker) throws Exception {
        Map<String, Object> client = Map.of("bootstrap.servers", broker.bootstrapServers());
        try (Admin admin = Admin.create(client);
                KafkaProducer<String, String> producer =
                        new KafkaProducer<>(client, new StringSerializer(), new StringSerializer())) {
            admin.createTopics(List.of(new NewTopic(TOPIC, PARTITIONS.size(), (short) 1)))
                    .all()
                    .get();
            for (int i = 0; i < RECORDS; i++) {
                // Both partitions have all keys.
                int partition = i % 5 % 2;
                String value = i % 9 == 8 ? null : "value-" + i;
                var record = new ProducerRecord<>(TOPIC, partition, TIME + i * 1_000L, "key-" + i % 7, value);
                record.headers().add("number", new byte[] {(byte) i});
                long offset = producer.send(record).get().offset();
                sent = sent.withComponent(TOPIC, partition, offset);
            }
        }
    }

    private Properties properties(LocalBroker broker) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "queries");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrapServers());
        properties.put(
                StreamsConfig.STATE_DIR_CONFIG, directory.resolve("state").toString());
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 200);
        properties.put("auto.offset.reset", "earliest");
        properties.put(StreamsConfig.InternalConfig.IQ_CONSISTENCY_OFFSET_VECTOR_ENABLED, true);
        return properties;
    }

    private void start(LocalBroker broker) {
        streams = new KafkaStreams(stores.topology(TOPIC), properties(broker));
        streams.start();
    }

    private void close() {
        streams.close(CloseOptions.timeout(Duration.ofSeconds(60))
                .withGroupMembershipOperation(CloseOptions.GroupMembershipOperation.LEAVE_GROUP));
    }

    private void compareAll() throws InterruptedException {
        successes = 0;
        failures = 0;
        compareKeyValues();
        compareTimestamped();
        compareWindows();
        compareSessions();
        agree("versions", VersionedKeyQuery.<String, String>withKey("key-3"));
        agree("versions", VersionedKeyQuery.<String, String>withKey("none"));
        assertThat(successes).as("answers with a record").isGreaterThan(40);
        assertThat(failures).as("refused queries").isGreaterThan(20);
    }

    private void compareKeyValues() throws InterruptedException {
        for (String key : List.of("key-1", "key-5", "none")) {
            agree("plain", KeyQuery.<String, String>withKey(key));
        }
        for (RangeQuery<String, String> range : List.of(
                RangeQuery.<String, String>withRange("key-2", "key-4"),
                RangeQuery.<String, String>withLowerBound("key-5"),
                RangeQuery.<String, String>withUpperBound("key-3"),
                RangeQuery.<String, String>withNoBounds(),
                RangeQuery.<String, String>withRange("key-4", "key-2"))) {
            agree("plain", range);
            agree("plain", range.withAscendingKeys());
            agree("plain", range.withDescendingKeys());
        }
        agree("plain", TimestampedKeyQuery.<String, String>withKey("key-1"));
        agree("plain", WindowKeyQuery.<String, String>withKeyAndWindowStartRange("key-1", FROM, TO));
    }

    private void compareTimestamped() throws InterruptedException {
        for (String key : List.of("key-1", "key-5", "none")) {
            agree("timestamped", KeyQuery.<String, Object>withKey(key));
            agree("timestamped", TimestampedKeyQuery.<String, String>withKey(key));
            agree("cached", KeyQuery.<String, Object>withKey(key));
            agree("cached", KeyQuery.<String, Object>withKey(key).skipCache());
            // RocksDB's store with headers refuses all queries.
            agree("headers", "timestamped", TimestampedKeyQuery.<String, String>withKey(key));
        }
        TimestampedRangeQuery<String, String> range = TimestampedRangeQuery.withRange("key-2", "key-4");
        for (TimestampedRangeQuery<String, String> one :
                List.of(range, range.withDescendingKeys(), TimestampedRangeQuery.<String, String>withNoBounds())) {
            agree("timestamped", one);
            agree("headers", "timestamped", one);
        }
        agree("timestamped", RangeQuery.<String, Object>withNoBounds().withDescendingKeys());
        agree("timestamped", VersionedKeyQuery.<String, String>withKey("key-1"));
    }

    private void compareWindows() throws InterruptedException {
        for (String kind : List.of("windows", "timestamped-windows")) {
            agree(kind, WindowKeyQuery.<String, Object>withKeyAndWindowStartRange("key-3", FROM, TO));
            agree(kind, WindowKeyQuery.<String, Object>withKeyAndWindowStartRange("none", FROM, TO));
            agree(kind, WindowKeyQuery.<String, Object>withKeyAndWindowStartRange("key-3", TO, FROM));
            agree(kind, WindowRangeQuery.<String, Object>withWindowStartRange(FROM, TO));
            agree(kind, WindowRangeQuery.<String, Object>withKey("key-3"));
            agree(kind, KeyQuery.<String, Object>withKey("key-3"));
        }
    }

    private void compareSessions() throws InterruptedException {
        agree("sessions", WindowRangeQuery.<String, String>withKey("key-3"));
        agree("sessions", WindowRangeQuery.<String, String>withKey("none"));
        agree("sessions", WindowRangeQuery.<String, String>withWindowStartRange(FROM, TO));
        agree("sessions", KeyQuery.<String, String>withKey("key-3"));
    }

    private void compareVersions() throws InterruptedException {
        for (String key : List.of("key-3", "key-6")) {
            VersionedKeyQuery<String, String> latest = VersionedKeyQuery.withKey(key);
            agree("versions", latest.asOf(FROM));
            agree("versions", latest.asOf(TO));
            agree("versions", latest.asOf(Instant.EPOCH));
            MultiVersionedKeyQuery<String, String> versions = MultiVersionedKeyQuery.withKey(key);
            agree("versions", versions);
            agree("versions", versions.fromTime(FROM).withAscendingTimestamps());
            agree("versions", versions.fromTime(FROM).withDescendingTimestamps());
        }
    }

    private <R> void agree(String kind, Query<R> query) throws InterruptedException {
        agree(kind, kind, query);
    }

    /** The same query to both stores, of any age, as new as all that was sent, and newer than that. */
    private <R> void agree(String kind, String peer, Query<R> query) throws InterruptedException {
        Position next = sent.copy();
        PARTITIONS.forEach(partition -> next.withComponent(
                TOPIC, partition, sent.getPartitionPositions(TOPIC).get(partition) + 1));
        PositionBound reached = PositionBound.at(sent);
        compare(ask(QueriedStores.HOLT + kind, query, reached), ask(QueriedStores.ROCKS + peer, query, reached));
        for (PositionBound bound : List.of(PositionBound.unbounded(), PositionBound.at(next))) {
            compare(
                    request(QueriedStores.HOLT + kind, query, bound),
                    request(QueriedStores.ROCKS + peer, query, bound));
        }
    }

    private <R> StateQueryResult<R> request(String store, Query<R> query, PositionBound bound) {
        return streams.query(StateQueryRequest.inStore(store)
                .withQuery(query)
                .withPositionBound(bound)
                .withPartitions(PARTITIONS)
                .enableExecutionInfo());
    }

    /** Asks until all partitions are there and up to the bound, as applications do. */
    private <R> StateQueryResult<R> ask(String store, Query<R> query, PositionBound bound) throws InterruptedException {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (true) {
            if (streams.state() == KafkaStreams.State.RUNNING) {
                StateQueryResult<R> result = request(store, query, bound);
                if (result.getPartitionResults().keySet().equals(PARTITIONS)
                        && result.getPartitionResults().values().stream().noneMatch(KafkaStreamsQueryTest::isEarly)) {
                    return result;
                }
                // Closes what the partitions that are up to the bound have answered.
                result.getPartitionResults().values().forEach(KafkaStreamsQueryTest::text);
            }
            assertThat(System.nanoTime() - deadline)
                    .as("%s of %s", query, store)
                    .isNegative();
            Thread.sleep(50);
        }
    }

    private static boolean isEarly(QueryResult<?> result) {
        return result.isFailure()
                && (result.getFailureReason() == FailureReason.NOT_UP_TO_BOUND
                        || result.getFailureReason() == FailureReason.NOT_PRESENT
                        || result.getFailureReason() == FailureReason.NOT_ACTIVE);
    }

    private void compare(StateQueryResult<?> found, StateQueryResult<?> expected) {
        assertThat(found.getPosition()).isEqualTo(expected.getPosition());
        assertThat(found.getPartitionResults().keySet()).isEqualTo(PARTITIONS);
        for (int partition : PARTITIONS) {
            QueryResult<?> one = found.getPartitionResults().get(partition);
            QueryResult<?> other = expected.getPartitionResults().get(partition);
            String expectedText = text(other);
            assertThat(text(one)).isEqualTo(expectedText);
            successes += expectedText.contains("value-") ? 1 : 0;
            failures += other.isFailure() ? 1 : 0;
            assertThat(one.getPosition()).isEqualTo(other.getPosition());
            assertThat(one.getExecutionInfo()).hasSameSizeAs(other.getExecutionInfo());
        }
    }

    /** What came of a query to one partition; closes the iterator if there is one. */
    private static String text(QueryResult<?> result) {
        if (result.isFailure()) {
            return result.getFailureReason().toString();
        } else if (result.getResult() instanceof Iterator<?> records) {
            List<String> texts = new ArrayList<>();
            records.forEachRemaining(record -> texts.add(record.toString()));
            Utils.closeQuietly((AutoCloseable) records, "iterator");
            return texts.toString();
        }
        return String.valueOf(result.getResult());
    }
}
