package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.holt.kstreams.internal.PeerStores.Kind;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.StreamsConfig.InternalConfig;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.internals.ChangelogRecordDeserializationHelper;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.internals.PositionSerde;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Positions of stores of all kinds, as records and consistency vectors move them, are those of the built-in stores. */
final class ConsistencyVectorTest {

    private static final long TIME = 1_000_000;
    private static final long EXPIRED = TIME - 2 * PeerStores.RETENTION.toMillis();

    @TempDir
    Path holtDirectory;

    @TempDir
    Path rocksDirectory;

    private PeerStores<?> stores;

    @AfterEach
    void closeStores() {
        stores.close();
    }

    private void open(Kind kind, boolean isEnabled) {
        stores = PeerStores.open(
                kind,
                holtDirectory,
                rocksDirectory,
                task -> task.with(InternalConfig.IQ_CONSISTENCY_OFFSET_VECTOR_ENABLED, isEnabled));
    }

    private static ConsumerRecord<byte[], byte[]> record(Kind kind, String value, long time, Headers headers) {
        byte[] key = PeerStores.changelogKey(kind, "k", time);
        return new ConsumerRecord<>(
                CHANGELOG.topic(),
                CHANGELOG.partition(),
                0,
                time,
                TimestampType.CREATE_TIME,
                key.length,
                0,
                key,
                value == null ? null : value(value),
                headers,
                Optional.empty());
    }

    private static Headers reflecting(Position position) {
        Headers headers = new RecordHeaders();
        headers.add(ChangelogRecordDeserializationHelper.CHANGELOG_VERSION_HEADER_RECORD_CONSISTENCY);
        headers.add(
                ChangelogRecordDeserializationHelper.CHANGELOG_POSITION_HEADER_KEY,
                PositionSerde.serialize(position).array());
        return headers;
    }

    private static Position at(String topic, int partition, long offset) {
        return Position.emptyPosition().withComponent(topic, partition, offset);
    }

    private void restore(List<ConsumerRecord<byte[], byte[]>> records) {
        stores.holtTask.restore("store", records);
        stores.rocksTask.restore("store", records);
    }

    private void assertPositions(Position expected) {
        assertThat(stores.rocks.getPosition()).isEqualTo(expected);
        assertThat(stores.holt.getPosition()).isEqualTo(expected);
    }

    /** Of one topic or more, forward and back, and of deletions. */
    @ParameterizedTest
    @EnumSource
    void restoredVectorsMoveThePosition(Kind kind) {
        open(kind, true);
        restore(List.of(
                record(kind, "1", TIME, reflecting(at("input", 0, 5))),
                record(kind, "2", TIME, reflecting(at("input", 0, 3).withComponent("other", 1, 1)))));
        assertPositions(at("input", 0, 5).withComponent("other", 1, 1));
        restore(List.of(record(kind, null, TIME, reflecting(at("other", 1, 8)))));
        assertPositions(at("input", 0, 5).withComponent("other", 1, 8));
        restore(List.of(record(kind, "4", TIME + 1, new RecordHeaders())));
        assertPositions(at("input", 0, 5).withComponent("other", 1, 8));
    }

    /** Its position is that of the store that wrote it. The built-in stores pass over it with the record. */
    @ParameterizedTest
    @EnumSource
    void vectorsOfExpiredRecordsCount(Kind kind) {
        open(kind, true);
        restore(List.of(
                record(kind, "1", TIME, reflecting(at("input", 0, 5))),
                record(kind, "2", EXPIRED, reflecting(at("input", 0, 5).withComponent("late", 0, 2)))));
        assertThat(stores.holt.getPosition()).isEqualTo(at("input", 0, 5).withComponent("late", 0, 2));
    }

    @ParameterizedTest
    @EnumSource
    void vectorsAreIgnoredUnlessEnabled(Kind kind) {
        open(kind, false);
        restore(List.of(record(kind, "1", TIME, reflecting(at("input", 0, 5)))));
        assertPositions(Position.emptyPosition());
    }

    @ParameterizedTest
    @EnumSource
    void aRecordThatLacksItsVectorIsRefused(Kind kind) {
        open(kind, true);
        Headers versionOnly = new RecordHeaders();
        versionOnly.add(ChangelogRecordDeserializationHelper.CHANGELOG_VERSION_HEADER_RECORD_CONSISTENCY);
        List<ConsumerRecord<byte[], byte[]>> records = List.of(record(kind, "1", TIME, versionOnly));
        for (TestTask task : List.of(stores.holtTask, stores.rocksTask)) {
            assertThat(catchThrowable(() -> task.restore("store", records))).isInstanceOf(StreamsException.class);
        }
    }

    /** What the store's changelog says of each record: the position after it. The last but one has expired. */
    @ParameterizedTest
    @EnumSource
    void writesMoveThePosition(Kind kind) {
        open(kind, true);
        List<Position> expected = write(stores.rocksTask, stores.rocks);
        assertThat(expected.getLast()).isEqualTo(at("input", 0, 7).withComponent("input", 1, 2));
        assertThat(write(stores.holtTask, stores.holt)).isEqualTo(expected);
    }

    private static List<Position> write(TestTask task, StateStore store) {
        List<Position> positions = new ArrayList<>();
        task.processing("input", 0, 6);
        PeerStores.put(store, "k", "1", TIME);
        positions.add(store.getPosition().copy());
        task.processing("input", 1, 2);
        PeerStores.put(store, "k", null, TIME);
        positions.add(store.getPosition().copy());
        task.processing("input", 0, 4);
        PeerStores.put(store, "other", "1", TIME);
        positions.add(store.getPosition().copy());
        task.processing("input", 0, 7);
        PeerStores.put(store, "late", "1", EXPIRED);
        positions.add(store.getPosition().copy());
        task.processing("input", 0, 7);
        PeerStores.put(store, "k", "2", TIME + 1);
        positions.add(store.getPosition().copy());
        return positions;
    }

    /** Holt only: the built-in stores keep theirs in a file that Kafka Streams writes. */
    @ParameterizedTest
    @EnumSource
    void aRestoredPositionIsThereAfterAStart(Kind kind) {
        open(kind, true);
        restore(List.of(record(kind, "1", TIME, reflecting(at("input", 0, 5)))));
        stores.holt.commit(Map.of(CHANGELOG, 1L));
        stores.holt.close();
        stores.holtTask.open(stores.holt);
        assertThat(stores.holt.getPosition()).isEqualTo(at("input", 0, 5));
    }
}
