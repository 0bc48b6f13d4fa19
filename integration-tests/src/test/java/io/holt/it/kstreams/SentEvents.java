package io.holt.it.kstreams;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/** The events that were sent to {@link CountingApplication}, and so the counts that its stores must have in the end. */
final class SentEvents implements AutoCloseable {

    /** How many different keys there are. */
    static final int KEYS = 500;

    private static final List<String> STORES = List.of("counts", "windows", "sessions");
    private static final int PARTITIONS = 2;
    private static final int MILLIS_BETWEEN = 5;

    private final KafkaProducer<String, String> producer;
    private final Map<String, Long> sent = new TreeMap<>();

    /** Of this day: brokers delete what is older than the retention of a changelog by the clock on the wall. */
    private final long firstMillis = System.currentTimeMillis();

    private int count;

    /** Makes the topic. */
    SentEvents(String bootstrapServers) throws InterruptedException, ExecutionException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.createTopics(List.of(new NewTopic(CountingApplication.INPUT, PARTITIONS, (short) 1)))
                    .all()
                    .get();
        }
        producer = new KafkaProducer<>(
                Map.of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers, ProducerConfig.ACKS_CONFIG, "all"),
                new StringSerializer(),
                new StringSerializer());
    }

    /** Sends events; returns when the broker has them. */
    void send(int events) throws InterruptedException, ExecutionException {
        List<Future<?>> acknowledged = new ArrayList<>();
        for (int i = 0; i < events; i++) {
            String key = "key-" + (count * 7_919L % KEYS);
            long time = firstMillis + (long) count * MILLIS_BETWEEN;
            acknowledged.add(
                    producer.send(new ProducerRecord<>(CountingApplication.INPUT, null, time, key, "event-" + count)));
            sent.merge(key, 1L, Long::sum);
            count++;
        }
        producer.flush();
        for (Future<?> one : acknowledged) {
            one.get();
        }
    }

    /** Whether each store has counted all events, at least once. */
    boolean areIn(Map<String, Map<String, Long>> counted) {
        return STORES.stream()
                .allMatch(store -> sent.entrySet().stream()
                        .allMatch(entry -> counted.getOrDefault(store, Map.of()).getOrDefault(entry.getKey(), 0L)
                                >= entry.getValue()));
    }

    /** Compares the counts of each key in each store. */
    void verify(Map<String, Map<String, Long>> counted, boolean exactly) {
        for (String store : STORES) {
            Map<String, Long> found = counted.getOrDefault(store, Map.of());
            if (exactly) {
                assertThat(found).as(store).isEqualTo(sent);
            } else {
                Map<String, String> tooFew = new TreeMap<>();
                sent.forEach((key, events) -> {
                    long ofKey = found.getOrDefault(key, 0L);
                    if (ofKey < events) {
                        tooFew.put(key, ofKey + " of " + events);
                    }
                });
                assertThat(tooFew).as("keys of which %s has too few", store).isEmpty();
                assertThat(found.keySet()).as(store).isEqualTo(sent.keySet());
            }
        }
    }

    /** Reads the lines of a dump: of each store, the events counted by key. */
    static Map<String, Map<String, Long>> parse(List<String> lines) {
        Map<String, Map<String, Long>> counted = new TreeMap<>();
        for (String line : lines) {
            String[] words = line.split(" ");
            counted.computeIfAbsent(words[0], unused -> new TreeMap<>())
                    .merge(words[1], Long.parseLong(words[2]), Long::sum);
        }
        return counted;
    }

    @Override
    public void close() {
        producer.close();
    }
}
