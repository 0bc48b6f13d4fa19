package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.metrics.JmxReporter;
import org.apache.kafka.common.metrics.KafkaMetric;
import org.apache.kafka.common.metrics.KafkaMetricsContext;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.processor.internals.metrics.StreamsMetricsImpl;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a store shows of itself. */
final class StoreMetricsTest {

    @TempDir
    Path directory;

    private final TestEngine engine = TestEngine.create();

    private static Object metric(StreamsMetricsImpl metrics, String name, String store) {
        List<Object> found = metrics.metrics().entrySet().stream()
                .filter(entry -> entry.getKey().name().equals(name)
                        && entry.getKey().tags().containsValue(store))
                .<Object>map(entry -> entry.getValue().metricValue())
                .toList();
        assertThat(found).as(name).hasSize(1);
        return found.getFirst();
    }

    @Test
    void gaugesFollowTheStore() {
        TestTask task = new TestTask(engine, directory);
        HoltKeyValueStore store = task.openPlain();
        StreamsMetricsImpl metrics = task.context().metrics();
        store.put(key("a"), value("1"));
        store.get(key("a"));
        store.get(key("a"));
        store.get(key("none"));
        task.restore("store", List.of(new ConsumerRecord<>(CHANGELOG.topic(), 0, 2, key("b").get(), value("1"))));
        store.commit(Map.of(CHANGELOG, 1L));
        try (var iterator = store.all()) {
            assertThat(metric(metrics, "holt-open-iterators", "store")).isEqualTo(1L);
            assertThat(iterator.hasNext()).isTrue();
        }

        assertThat(metric(metrics, "holt-get-hit-total", "store")).isEqualTo(2L);
        assertThat(metric(metrics, "holt-get-miss-total", "store")).isEqualTo(1L);
        assertThat(metric(metrics, "holt-restored-records-total", "store")).isEqualTo(1L);
        assertThat(metric(metrics, "holt-open-iterators", "store")).isEqualTo(0L);
        assertThat((Long) metric(metrics, "holt-frames", "store")).isEqualTo(2L);
        assertThat((Long) metric(metrics, "holt-memory-used-bytes", "store")).isPositive();
        assertThat((Long) metric(metrics, "holt-memory-capacity-bytes", "store"))
                .isPositive();
        assertThat((Long) metric(metrics, "holt-checkpoint-total", "store")).isPositive();
        assertThat((String) metric(metrics, "holt-io-engine", "store")).isNotEmpty();

        store.close();
        assertThat(metric(metrics, "holt-frames", "store")).isEqualTo(0L);
    }

    @Test
    void theyAreSeenInJmxAsLongAsTheStoreIsOpen() throws Exception {
        StreamsBuilder builder = new StreamsBuilder();
        builder.table(
                "table",
                Materialized.<String, String>as(
                                new HoltKeyValueSupplier("rows", StoreKind.TIMESTAMPED, engine.databases()))
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.String()));
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "metrics-test");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:9092");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
        MBeanServer server = ManagementFactory.getPlatformMBeanServer();
        ObjectName names = new ObjectName("kafka.streams:type=stream-state-metrics,holt-state-id=rows,*");
        try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), properties);
                JmxReporter reporter = new JmxReporter()) {
            reporter.contextChange(new KafkaMetricsContext("kafka.streams"));
            reporter.init(driver.metrics().values().stream()
                    .map(KafkaMetric.class::cast)
                    .toList());
            driver.createInputTopic("table", new StringSerializer(), new StringSerializer())
                    .pipeInput("a", "1", Duration.ofSeconds(1).toMillis());
            ObjectName bean = server.queryNames(names, null).iterator().next();
            assertThat((Long) server.getAttribute(bean, "holt-frames")).isPositive();
            assertThat((String) server.getAttribute(bean, "holt-io-engine")).isNotEmpty();
        }
        assertThat(server.queryNames(names, null)).isEmpty();
    }
}
