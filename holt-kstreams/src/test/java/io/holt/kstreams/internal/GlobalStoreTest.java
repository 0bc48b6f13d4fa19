package io.holt.kstreams.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.TopologyTestDriver;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that every instance has whole: of all partitions of a topic. */
final class GlobalStoreTest {

    @TempDir
    Path directory;

    private final TestEngine engine = TestEngine.create();

    @Test
    void aStreamIsJoinedToAGlobalTable() {
        StreamsBuilder builder = new StreamsBuilder();
        GlobalKTable<String, String> owners = builder.globalTable(
                "owners",
                Materialized.<String, String>as(
                                new HoltKeyValueSupplier("owners", StoreKind.TIMESTAMPED, engine.databases()))
                        .withKeySerde(Serdes.String())
                        .withValueSerde(Serdes.String()));
        builder.<String, String>stream("visits")
                .join(owners, (page, visit) -> page, (visit, owner) -> owner + " " + visit)
                .to("joined");
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "global-store-test");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:9092");
        properties.put(StreamsConfig.STATE_DIR_CONFIG, directory.toString());
        properties.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        properties.put(StreamsConfig.DEFAULT_KEY_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        properties.put(StreamsConfig.DEFAULT_VALUE_SERDE_CLASS_CONFIG, Serdes.StringSerde.class);
        try (TopologyTestDriver driver = new TopologyTestDriver(builder.build(), properties)) {
            driver.createInputTopic("owners", new StringSerializer(), new StringSerializer())
                    .pipeInput("page", "owner");
            driver.createInputTopic("visits", new StringSerializer(), new StringSerializer())
                    .pipeInput("page", "visit");
            assertThat(driver.createOutputTopic("joined", new StringDeserializer(), new StringDeserializer())
                            .readValue())
                    .isEqualTo("owner visit");
        }
    }

    /** What a global store restores comes from several partitions, each with an offset of its own. */
    @Test
    void eachPartitionHasItsOffset() {
        TestTask task = new TestTask(engine, directory).exactlyOnce();
        HoltKeyValueStore store = task.openPlain();
        Map<TopicPartition, Long> offsets = new HashMap<>();
        for (int partition = 0; partition < 5; partition++) {
            byte[] key = TestTask.key("k" + partition).get();
            task.restore("store", List.of(new ConsumerRecord<>("rows", partition, 9, key, TestTask.value("v"))));
            offsets.put(new TopicPartition("rows", partition), 10L + partition);
        }
        store.commit(offsets);
        store.close();

        store = task.openPlain();
        assertThat(store.approximateNumEntries()).isEqualTo(5);
        for (Map.Entry<TopicPartition, Long> offset : offsets.entrySet()) {
            assertThat(store.committedOffset(offset.getKey())).isEqualTo(offset.getValue());
        }
        store.close();
    }
}
