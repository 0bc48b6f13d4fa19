package io.holt.it.kstreams;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An application on Holt is killed with {@code SIGKILL} under load, again and again, on a real broker. In the end its
 * stores have counted every event exactly once under exactly-once, and at least once under at-least-once.
 *
 * <p>{@code -Dholt.it.kills=20} kills it as often; the default keeps the test short.
 */
@Timeout(1_200)
final class KilledApplicationIT {

    private static final Logger LOG = LoggerFactory.getLogger(KilledApplicationIT.class);

    private static final int KILLS = Integer.getInteger("holt.it.kills", 2);
    private static final int EVENTS_PER_LIFE = 15_000;
    private static final int KEYS = 500;
    private static final int PARTITIONS = 2;
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(120);

    @TempDir
    Path directory;

    private final Map<String, Long> sent = new TreeMap<>();
    private int events;

    @ParameterizedTest
    @ValueSource(strings = {StreamsConfig.AT_LEAST_ONCE, StreamsConfig.EXACTLY_ONCE_V2})
    void countsSurviveKilling(String guarantee) throws Exception {
        SplittableRandom random = new SplittableRandom(guarantee.hashCode());
        try (TestBroker broker = TestBroker.start(Files.createDirectory(directory.resolve("broker")));
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
                KafkaProducer<String, String> producer = producer(broker)) {
            admin.createTopics(List.of(new NewTopic(CountingApplication.INPUT, PARTITIONS, (short) 1)))
                    .all()
                    .get();
            for (int kill = 0; kill < KILLS; kill++) {
                try (Life life = new Life(broker, guarantee, "only", 0)) {
                    LOG.info("{} life {}: running after {}", guarantee, kill, life.awaitRunning());
                    send(producer, EVENTS_PER_LIFE);
                    Thread.sleep(random.nextInt(2_500));
                    life.kill();
                }
            }
            try (Life life = new Life(broker, guarantee, "only", 0)) {
                LOG.info("{} last life: running after {}", guarantee, life.awaitRunning());
                send(producer, EVENTS_PER_LIFE);
                verify(life, guarantee.equals(StreamsConfig.EXACTLY_ONCE_V2));
                life.stop();
            }
            try (Life life = new Life(broker, guarantee, "only", 0)) {
                String running = life.awaitRunning();
                LOG.info("{} after a stop: running after {}", guarantee, running);
                assertThat(running).as("nothing is restored after a clean stop").endsWith(" 0 restored");
                verify(life, guarantee.equals(StreamsConfig.EXACTLY_ONCE_V2));
                life.stop();
            }
        }
    }

    /**
     * Two processes keep standbys for one another. When one is killed the other turns its standbys into active tasks,
     * with what they hold, and counts on.
     *
     * <p>By property until it has passed as a whole.
     */
    @Test
    @EnabledIfSystemProperty(named = "holt.it.kstreams.standby", matches = "true")
    void aStandbyTakesOver() throws Exception {
        String guarantee = StreamsConfig.EXACTLY_ONCE_V2;
        try (TestBroker broker = TestBroker.start(Files.createDirectory(directory.resolve("broker")));
                Admin admin = Admin.create(Map.of("bootstrap.servers", broker.bootstrapServers()));
                KafkaProducer<String, String> producer = producer(broker)) {
            admin.createTopics(List.of(new NewTopic(CountingApplication.INPUT, PARTITIONS, (short) 1)))
                    .all()
                    .get();
            try (Life first = new Life(broker, guarantee, "first", 1);
                    Life second = new Life(broker, guarantee, "second", 1)) {
                first.awaitRunning();
                second.awaitRunning();
                send(producer, EVENTS_PER_LIFE);
                Thread.sleep(2_000);
                first.kill();
                send(producer, EVENTS_PER_LIFE);
                verify(second, true);
                second.stop();
            }
        }
    }

    private static KafkaProducer<String, String> producer(TestBroker broker) {
        return new KafkaProducer<>(
                Map.of(
                        ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                        broker.bootstrapServers(),
                        ProducerConfig.ACKS_CONFIG,
                        "all"),
                new StringSerializer(),
                new StringSerializer());
    }

    private void send(KafkaProducer<String, String> producer, int count) {
        Future<RecordMetadata> last = null;
        for (int i = 0; i < count; i++) {
            String key = "key-" + (events * 7_919L % KEYS);
            last = producer.send(
                    new ProducerRecord<>(CountingApplication.INPUT, null, events * 5L, key, "event-" + events));
            sent.merge(key, 1L, Long::sum);
            events++;
        }
        producer.flush();
        assertThat(last).isDone();
    }

    /** Waits until all events are counted, then compares the counts of each key in each store. */
    private void verify(Life life, boolean exactly) throws Exception {
        long deadline = System.nanoTime() + PATIENCE_NANOS;
        Map<String, Map<String, Long>> counted = life.dump();
        while (!hasAll(counted) && System.nanoTime() < deadline) {
            Thread.sleep(200);
            counted = life.dump();
        }
        for (String store : List.of("counts", "windows", "sessions")) {
            Map<String, Long> found = counted.getOrDefault(store, Map.of());
            if (exactly) {
                assertThat(found).as(store).isEqualTo(sent);
            } else {
                assertThat(found.keySet()).as(store).isEqualTo(sent.keySet());
                sent.forEach((key, count) ->
                        assertThat(found.get(key)).as("%s of %s", key, store).isGreaterThanOrEqualTo(count));
            }
        }
    }

    private boolean hasAll(Map<String, Map<String, Long>> counted) {
        return List.of("counts", "windows", "sessions").stream()
                .allMatch(store -> sent.entrySet().stream()
                        .allMatch(entry -> counted.getOrDefault(store, Map.of()).getOrDefault(entry.getKey(), 0L)
                                >= entry.getValue()));
    }

    /** One process of the application. */
    private final class Life implements AutoCloseable {
        private final Process process;
        private final BufferedReader said;
        private final BufferedWriter commands;

        Life(TestBroker broker, String guarantee, String name, int standbys) throws IOException {
            File errors = directory.resolve("application.log").toFile();
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "--enable-native-access=ALL-UNNAMED",
                            "-Xmx256m",
                            "-XX:+UseSerialGC",
                            "-XX:TieredStopAtLevel=1",
                            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
                            "-cp",
                            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                            CountingApplication.class.getName(),
                            guarantee,
                            broker.bootstrapServers(),
                            directory.resolve("state-of-" + name).toString(),
                            name,
                            String.valueOf(standbys))
                    .redirectError(ProcessBuilder.Redirect.appendTo(errors))
                    .start();
            said = process.inputReader(StandardCharsets.UTF_8);
            commands = process.outputWriter(StandardCharsets.UTF_8);
        }

        /** What it said of its start. */
        String awaitRunning() throws IOException {
            String[] words = await("running ").split(" ");
            return String.format(Locale.ROOT, "%.1f s, %s restored", Long.parseLong(words[1]) / 1e3, words[2]);
        }

        private String await(String beginning) throws IOException {
            String line = said.readLine();
            while (line != null && !line.startsWith(beginning)) {
                line = said.readLine();
            }
            if (line == null) {
                throw new AssertionError(
                        "the application ended: " + Files.readString(directory.resolve("application.log")));
            }
            return line;
        }

        private void command(String line) throws IOException {
            commands.write(line + "\n");
            commands.flush();
        }

        /** Of each store, the events counted by key. */
        Map<String, Map<String, Long>> dump() throws IOException {
            Path file = directory.resolve("dump.txt");
            command("dump " + file);
            await("dumped");
            Map<String, Map<String, Long>> counted = new TreeMap<>();
            for (String line : Files.readAllLines(file)) {
                String[] words = line.split(" ");
                counted.computeIfAbsent(words[0], unused -> new TreeMap<>())
                        .merge(words[1], Long.parseLong(words[2]), Long::sum);
            }
            return counted;
        }

        void stop() throws IOException, InterruptedException {
            command("stop");
            await("stopped");
            assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        }

        /** As {@code kill -9} does. */
        void kill() throws InterruptedException {
            process.destroyForcibly().waitFor();
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
