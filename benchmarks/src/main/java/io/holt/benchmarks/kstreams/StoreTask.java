package io.holt.benchmarks.kstreams;

import io.holt.kstreams.HoltStoreConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.processor.CommitCallback;
import org.apache.kafka.streams.processor.StateRestoreCallback;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.apache.kafka.test.InternalMockProcessorContext;

/** What a store takes for the task it belongs to. */
final class StoreTask extends InternalMockProcessorContext<Object, Object> {

    private static final long MEMORY_BYTES = 1L << 30;

    private StateRestoreCallback restoring;

    StoreTask(Path directory) {
        super(directory.toFile(), Serdes.Bytes(), Serdes.ByteArray(), new StreamsConfig(properties(MEMORY_BYTES)));
    }

    /** A task whose stores have so much memory, RocksDB's too. */
    StoreTask(Path directory, long memoryBytes) {
        super(directory.toFile(), Serdes.Bytes(), Serdes.ByteArray(), new StreamsConfig(bounded(memoryBytes)));
    }

    private static Properties bounded(long memoryBytes) {
        Properties properties = properties(memoryBytes);
        properties.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, BoundedRocksDb.class);
        return properties;
    }

    private static Properties properties(long memoryBytes) {
        Properties properties = new Properties();
        properties.put(StreamsConfig.APPLICATION_ID_CONFIG, "benchmark");
        properties.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, "localhost:9092");
        properties.put(HoltStoreConfig.MEMORY_BYTES_CONFIG, memoryBytes);
        return properties;
    }

    @Override
    public void register(StateStore store, StateRestoreCallback callback, CommitCallback onCommit) {
        restoring = callback;
    }

    /** Opens a store in this task. */
    <S extends StateStore> S open(S store) {
        store.init(this, store);
        return store;
    }

    /** Hands a batch of the changelog to the store opened last, as Kafka Streams does. */
    void restore(List<ConsumerRecord<byte[], byte[]>> records) {
        if (restoring instanceof RecordBatchingStateRestoreCallback batching) {
            batching.restoreBatch(records);
        } else {
            records.forEach(record -> restoring.restore(record.key(), record.value()));
        }
    }
}
