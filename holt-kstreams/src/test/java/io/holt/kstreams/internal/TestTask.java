package io.holt.kstreams.internal;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.CommitCallback;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.internals.ProcessorRecordContext;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.test.InternalMockProcessorContext;

/** A task's directory and its stores, without a topology around them. */
final class TestTask {

    static final TopicPartition CHANGELOG = new TopicPartition("app-store-changelog", 0);

    private final StoreDatabases databases;
    private final Path directory;
    private final Map<String, Object> configs = new HashMap<>();
    private final Map<String, StateRestoreCallback> restoreCallbacks = new HashMap<>();
    private InternalMockProcessorContext<?, ?> context;

    TestTask(TestEngine engine, Path directory) {
        this(engine.databases(), directory);
    }

    TestTask(StoreDatabases databases, Path directory) {
        this.databases = databases;
        this.directory = directory;
        configs.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
        configs.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:9092");
    }

    TestTask with(String option, Object value) {
        configs.put(option, value);
        return this;
    }

    TestTask exactlyOnce() {
        return with(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
    }

    StoreDatabases databases() {
        return databases;
    }

    Path directory() {
        return directory;
    }

    InternalMockProcessorContext<?, ?> context() {
        if (context == null) {
            Properties properties = new Properties();
            properties.putAll(configs);
            context = new RegisteringContext(new StreamsConfig(properties));
        }
        return context;
    }

    /** The record that is being processed is at this offset of the input topic from now on. */
    void processing(String topic, int partition, long offset) {
        context().setRecordContext(new ProcessorRecordContext(0, offset, partition, topic, new RecordHeaders()));
    }

    /** Hands records of the changelog to a store, as Kafka Streams does when it restores one. */
    void restore(String store, List<ConsumerRecord<byte[], byte[]>> records) {
        ((RecordBatchingStateRestoreCallback) restoreCallbacks.get(store)).restoreBatch(records);
    }

    private final class RegisteringContext extends InternalMockProcessorContext<Object, Object> {

        RegisteringContext(StreamsConfig config) {
            super(directory.toFile(), Serdes.Bytes(), Serdes.ByteArray(), config);
        }

        @Override
        public void register(StateStore store, StateRestoreCallback callback, CommitCallback onCommit) {
            restoreCallbacks.put(store.name(), callback);
            super.register(store, callback, onCommit);
        }
    }

    /** Opens a store of any kind in this task. */
    <S extends StateStore> S open(S store) {
        store.init(context(), store);
        return store;
    }

    HoltKeyValueStore open(String name, StoreKind kind) {
        return open((HoltKeyValueStore) new HoltKeyValueSupplier(name, kind, databases).get());
    }

    HoltKeyValueStore openPlain() {
        return open("store", StoreKind.PLAIN);
    }

    static Bytes key(String text) {
        return Bytes.wrap(text.getBytes(StandardCharsets.UTF_8));
    }

    static byte[] value(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static String text(byte[] value) {
        return value == null ? null : new String(value, StandardCharsets.UTF_8);
    }

    /** All records of a store, as {@code key=value}, in the order in which the store gives them. */
    static List<String> contents(KeyValueStore<Bytes, byte[]> store) {
        return drain(store.all());
    }

    static List<String> drain(KeyValueIterator<Bytes, byte[]> iterator) {
        List<String> records = new ArrayList<>();
        try (iterator) {
            while (iterator.hasNext()) {
                KeyValue<Bytes, byte[]> record = iterator.next();
                records.add(text(record.key.get()) + "=" + text(record.value));
            }
        }
        return records;
    }
}
