package io.holt.it.kstreams;

import static org.assertj.core.api.Assertions.assertThat;

import io.holt.broker.LocalBroker;
import io.holt.it.kstreams.TablesApplication.Kind;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * On a real broker, a table of a topic of two partitions and a global one of a topic of three, through lives of one
 * application: killed, restarted, and started with a later kind of stores on the same directory, from plain to
 * timestamped to those with headers. What a store holds must be what was sent, as much of it as the kind of that time
 * kept; a store that was closed is taken over without a record of its changelog.
 */
@Timeout(1_200)
final class TablesIT {

    private static final Logger LOG = LoggerFactory.getLogger(TablesIT.class);

    private static final String HEADER = "trace";
    private static final String NOTHING_RESTORED = " 0 restored";
    private static final long PATIENCE_NANOS = TimeUnit.MINUTES.toNanos(5);
    private static final int KEYS = 700;

    /** More than Kafka Streams lets come before it commits a global store. */
    private static final int FIRST_RECORDS = 12_000;

    private static final int MORE_RECORDS = 500;
    private static final String NO_TIME = "-1";

    /** What was sent last for a key. */
    private record Sent(String value, long timestamp, String header, Kind kind) {

        /** The line of a dump, of a store that is now of a kind. */
        String line(String store, String key, Kind now) {
            String line = store + " " + key + " " + value;
            if (now == Kind.PLAIN) {
                return line;
            }
            line += " " + (kind == Kind.PLAIN ? NO_TIME : timestamp);
            // Kafka Streams puts no headers into a global table while it runs, but does when it restores one.
            if (now == Kind.TIMESTAMPED || store.equals(TablesApplication.GLOBAL)) {
                return line;
            }
            return line + (kind == Kind.HEADERS ? " [" + HEADER + "=" + header + "]" : " []");
        }
    }

    @TempDir
    Path directory;

    private final SplittableRandom random = new SplittableRandom(43);
    private final long now = System.currentTimeMillis();
    private final Map<String, Map<String, Sent>> sent =
            Map.of(TablesApplication.TABLE, new TreeMap<>(), TablesApplication.GLOBAL, new TreeMap<>());
    private int count;

    @Test
    void tablesSurviveKillsAndChangesOfKind() throws Exception {
        try (LocalBroker broker = LocalBroker.start(Files.createDirectory(directory.resolve("broker")));
                KafkaProducer<String, String> producer = producer(broker)) {
            try (ApplicationProcess life = start(broker, Kind.PLAIN)) {
                life.awaitRunning();
                send(producer, FIRST_RECORDS, Kind.PLAIN);
                awaitAll(life, Kind.PLAIN);
                life.kill();
            }
            send(producer, MORE_RECORDS, Kind.PLAIN);
            try (ApplicationProcess life = start(broker, Kind.PLAIN)) {
                LOG.info("after a kill running after {}", life.awaitRunning());
                assertThat(global(life)).as("global store before it runs again").isEqualTo(global(Kind.PLAIN));
                awaitAll(life, Kind.PLAIN);
                life.stop();
            }
            try (ApplicationProcess life = start(broker, Kind.TIMESTAMPED)) {
                assertThat(life.awaitRunning()).as("plain to timestamped").endsWith(NOTHING_RESTORED);
                verify(life, Kind.TIMESTAMPED);
                send(producer, MORE_RECORDS, Kind.TIMESTAMPED);
                awaitAll(life, Kind.TIMESTAMPED);
                life.stop();
            }
            try (ApplicationProcess life = start(broker, Kind.HEADERS)) {
                assertThat(life.awaitRunning()).as("timestamped to headers").endsWith(NOTHING_RESTORED);
                verify(life, Kind.HEADERS);
                send(producer, MORE_RECORDS, Kind.HEADERS);
                awaitAll(life, Kind.HEADERS);
                life.kill();
            }
            try (ApplicationProcess life = start(broker, Kind.HEADERS)) {
                LOG.info("after another kill running after {}", life.awaitRunning());
                assertThat(global(life)).as("global store with headers").isEqualTo(global(Kind.HEADERS));
                awaitAll(life, Kind.HEADERS);
                life.stop();
            }
        }
    }

    private static KafkaProducer<String, String> producer(LocalBroker broker) throws Exception {
        String servers = broker.bootstrapServers();
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.createTopics(List.of(
                            new NewTopic(TablesApplication.TABLE, 2, (short) 1),
                            new NewTopic(TablesApplication.GLOBAL, 3, (short) 1)))
                    .all()
                    .get();
        }
        return new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, servers, ProducerConfig.ACKS_CONFIG, "all"),
                new StringSerializer(),
                new StringSerializer());
    }

    /** Sends as many records to each topic, a tenth of them deletions; returns when the broker has them. */
    private void send(KafkaProducer<String, String> producer, int records, Kind kind) throws Exception {
        List<Future<?>> acknowledged = new ArrayList<>();
        for (int i = 0; i < records; i++) {
            for (String store : List.of(TablesApplication.TABLE, TablesApplication.GLOBAL)) {
                String key = "key-" + random.nextInt(KEYS);
                Sent next = random.nextInt(10) == 0
                        ? null
                        : new Sent("value-" + count, now + count, "trace-" + count, kind);
                var record = new ProducerRecord<>(store, null, now + count, key, next == null ? null : next.value());
                record.headers().add(HEADER, ("trace-" + count).getBytes(StandardCharsets.UTF_8));
                acknowledged.add(producer.send(record));
                if (next == null) {
                    sent.get(store).remove(key);
                } else {
                    sent.get(store).put(key, next);
                }
                count++;
            }
        }
        for (Future<?> one : acknowledged) {
            one.get();
        }
    }

    private ApplicationProcess start(LocalBroker broker, Kind kind) throws IOException {
        return new ApplicationProcess(
                directory,
                TablesApplication.class,
                List.of(
                        kind.name(),
                        broker.bootstrapServers(),
                        directory.resolve("state").toString()));
    }

    private TreeSet<String> expected(Kind kind) {
        TreeSet<String> lines = new TreeSet<>();
        sent.forEach((store, records) -> records.forEach((key, last) -> lines.add(last.line(store, key, kind))));
        return lines;
    }

    private TreeSet<String> global(Kind kind) {
        return global(expected(kind));
    }

    private static TreeSet<String> global(ApplicationProcess life) throws IOException, InterruptedException {
        return global(found(life));
    }

    private static TreeSet<String> found(ApplicationProcess life) throws IOException, InterruptedException {
        TreeSet<String> lines = new TreeSet<>();
        for (String line : life.dumpLines()) {
            boolean isGlobal = line.startsWith(TablesApplication.GLOBAL);
            lines.add(isGlobal ? line.replaceFirst(" \\[.*", "") : line);
        }
        return lines;
    }

    private static TreeSet<String> global(TreeSet<String> lines) {
        return new TreeSet<>(lines.subSet(TablesApplication.GLOBAL, TablesApplication.TABLE));
    }

    private void verify(ApplicationProcess life, Kind kind) throws IOException, InterruptedException {
        assertThat(found(life)).isEqualTo(expected(kind));
    }

    /** Waits until both stores have all that was sent. */
    private void awaitAll(ApplicationProcess life, Kind kind) throws IOException, InterruptedException {
        TreeSet<String> expected = expected(kind);
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        while (!expected.equals(found(life)) && System.nanoTime() - deadline < 0) {
            Thread.sleep(100);
        }
        verify(life, kind);
    }
}
