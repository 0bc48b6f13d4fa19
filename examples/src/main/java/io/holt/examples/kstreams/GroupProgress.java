package io.holt.examples.kstreams;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.GroupIdNotFoundException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/** Asks the broker how far an application is. */
final class GroupProgress implements AutoCloseable {

    private final Admin admin;
    private final int partitions;

    GroupProgress(String bootstrapServers, int partitions) {
        this.admin = Admin.create(Map.of(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
        this.partitions = partitions;
    }

    /** Makes the topic of the events. */
    void createEventsTopic() {
        get(admin.createTopics(List.of(new NewTopic(MetadataTopology.EVENTS, partitions, (short) 1)))
                .all());
    }

    /** How many events the application has processed and committed. */
    long committedEvents(Engine engine) {
        try {
            long events = 0;
            Map<TopicPartition, OffsetAndMetadata> committed =
                    get(admin.listConsumerGroupOffsets(Application.applicationId(engine))
                            .partitionsToOffsetAndMetadata());
            for (OffsetAndMetadata offset : committed.values()) {
                events += offset == null ? 0 : offset.offset();
            }
            return events;
        } catch (GroupIdNotFoundException e) {
            return 0;
        }
    }

    /** How many records, markers of transactions included, the changelogs of the application's stores have. */
    long changelogRecords(Engine engine) {
        Map<TopicPartition, OffsetSpec> ends = new HashMap<>();
        Map<TopicPartition, OffsetSpec> beginnings = new HashMap<>();
        for (String store : MetadataTopology.STORES) {
            for (int partition = 0; partition < partitions; partition++) {
                TopicPartition changelog =
                        new TopicPartition(Application.applicationId(engine) + "-" + store + "-changelog", partition);
                ends.put(changelog, OffsetSpec.latest());
                beginnings.put(changelog, OffsetSpec.earliest());
            }
        }
        try {
            return sum(ends) - sum(beginnings);
        } catch (UnknownTopicOrPartitionException e) {
            return 0;
        }
    }

    private long sum(Map<TopicPartition, OffsetSpec> offsets) {
        return get(admin.listOffsets(offsets).all()).values().stream()
                .mapToLong(ListOffsetsResultInfo::offset)
                .sum();
    }

    private static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException("the broker did not answer", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while the broker was asked", e);
        }
    }

    @Override
    public void close() {
        admin.close();
    }
}
