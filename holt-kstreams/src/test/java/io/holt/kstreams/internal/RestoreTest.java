package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static io.holt.kstreams.internal.TestTask.contents;
import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.streams.StreamsConfig.InternalConfig;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.internals.ChangelogRecordDeserializationHelper;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.internals.PositionSerde;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the changelog's records do to a store. */
final class RestoreTest {

    @TempDir
    Path directory;

    private TestTask task;

    @BeforeEach
    void makeTask() {
        task = new TestTask(TestEngine.create(), directory);
    }

    private void restore(List<ConsumerRecord<byte[], byte[]>> records) {
        task.restore("store", records);
    }

    private static ConsumerRecord<byte[], byte[]> record(String key, String value, Headers headers) {
        return new ConsumerRecord<>(
                CHANGELOG.topic(),
                CHANGELOG.partition(),
                0,
                0,
                TimestampType.CREATE_TIME,
                0,
                0,
                key(key).get(),
                value == null ? null : value(value),
                headers,
                Optional.empty());
    }

    private static ConsumerRecord<byte[], byte[]> record(String key, String value) {
        return record(key, value, new RecordHeaders());
    }

    private static Headers reflecting(Position position) {
        Headers headers = new RecordHeaders();
        headers.add(ChangelogRecordDeserializationHelper.CHANGELOG_VERSION_HEADER_RECORD_CONSISTENCY);
        headers.add(
                ChangelogRecordDeserializationHelper.CHANGELOG_POSITION_HEADER_KEY,
                PositionSerde.serialize(position).array());
        return headers;
    }

    @Test
    void laterRecordsWinAndTombstonesDelete() {
        HoltKeyValueStore store = task.openPlain();
        restore(List.of(record("a", "1"), record("b", "1"), record("a", "2"), record("c", "1")));
        restore(List.of(record("b", null), record("absent", null), record("d", "1")));

        assertThat(contents(store)).containsExactly("a=2", "c=1", "d=1");
        assertThat(store.approximateNumEntries()).isEqualTo(3);
        store.close();
    }

    @Test
    void anOpenIteratorDoesNotSeeWhatIsRestored() {
        HoltKeyValueStore store = task.openPlain();
        store.put(key("a"), value("1"));
        store.put(key("b"), value("1"));
        try (var iterator = store.all()) {
            restore(List.of(record("a", "2"), record("b", null), record("c", "1")));
            assertThat(TestTask.drain(iterator)).containsExactly("a=1", "b=1");
        }
        store.close();
    }

    @Test
    void consistencyVectorsMoveThePosition() {
        task.with(InternalConfig.IQ_CONSISTENCY_OFFSET_VECTOR_ENABLED, true);
        HoltKeyValueStore store = task.openPlain();
        Position first = Position.emptyPosition().withComponent("input", 0, 5);
        Position second = Position.emptyPosition().withComponent("input", 0, 3).withComponent("other", 0, 1);
        restore(List.of(record("a", "1", reflecting(first)), record("a", "2", reflecting(second))));
        restore(List.of(record("a", "3")));

        assertThat(store.getPosition())
                .isEqualTo(Position.emptyPosition().withComponent("input", 0, 5).withComponent("other", 0, 1));
        assertThat(contents(store)).containsExactly("a=3");
        store.close();
    }

    @Test
    void consistencyVectorsAreIgnoredUnlessEnabled() {
        HoltKeyValueStore store = task.openPlain();
        Position reflected = Position.emptyPosition().withComponent("input", 0, 5);
        restore(List.of(record("a", "1", reflecting(reflected))));

        assertThat(store.getPosition()).isEqualTo(Position.emptyPosition());
        store.close();
    }

    @Test
    void aRecordThatLacksItsConsistencyVectorIsRefused() {
        task.with(InternalConfig.IQ_CONSISTENCY_OFFSET_VECTOR_ENABLED, true);
        HoltKeyValueStore store = task.openPlain();
        Headers versionOnly = new RecordHeaders();
        versionOnly.add(ChangelogRecordDeserializationHelper.CHANGELOG_VERSION_HEADER_RECORD_CONSISTENCY);

        assertThatThrownBy(() -> restore(List.of(record("a", "1", versionOnly))))
                .isInstanceOf(StreamsException.class);
        store.close();
    }
}
