package io.holt.examples.kstreams;

import io.holt.examples.fs.EventCodec;
import io.holt.examples.fs.FileSystemEvent;
import io.holt.examples.fs.FileSystemEvents;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.LongConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes the stream of events to its topic. */
final class EventLoader {

    private EventLoader() {}

    /**
     * Returns when the broker has all events, each directory's in order.
     *
     * @param progress told from time to time how many were sent
     * @throws IllegalStateException if the broker refused one
     */
    @SuppressWarnings("FutureReturnValueIgnored") // The callback is told of each failure.
    static void load(String bootstrapServers, FileSystemEvents events, LongConsumer progress) {
        Map<String, Object> configs = Map.of(
                ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                ProducerConfig.BATCH_SIZE_CONFIG,
                256 * 1024,
                ProducerConfig.LINGER_MS_CONFIG,
                20);
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(configs, new ByteArraySerializer(), new ByteArraySerializer())) {
            long sent = 0;
            for (FileSystemEvent event : events) {
                byte[] key = event.directory().getBytes(StandardCharsets.UTF_8);
                var record = new ProducerRecord<>(
                        MetadataTopology.EVENTS, null, event.timestampMillis(), key, EventCodec.encode(event));
                producer.send(record, (metadata, e) -> {
                    if (e != null) {
                        failure.compareAndSet(null, e);
                    }
                });
                sent++;
                if ((sent & 0x3FFF) == 0) {
                    progress.accept(sent);
                }
            }
            producer.flush();
        }
        if (failure.get() != null) {
            throw new IllegalStateException("the broker did not take all events", failure.get());
        }
    }
}
