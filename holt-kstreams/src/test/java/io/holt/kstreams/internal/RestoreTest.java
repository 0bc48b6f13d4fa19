package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static io.holt.kstreams.internal.TestTask.contents;
import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.StreamsConfig.InternalConfig;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.StreamsException;
import org.apache.kafka.streams.processor.internals.ChangelogRecordDeserializationHelper;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.apache.kafka.streams.state.internals.PositionSerde;
import org.apache.kafka.streams.state.internals.WindowKeySchema;
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

    /** Both wait before they are written: what came later must win. */
    @Test
    void writesAndRestoredRecordsKeepTheirOrder() {
        HoltKeyValueStore store = task.openPlain();
        store.put(key("a"), value("1"));
        restore(List.of(record("a", "2"), record("b", "2")));
        store.put(key("b"), value("3"));
        store.put(key("c"), value("3"));
        restore(List.of(record("c", null)));
        assertThat(contents(store)).containsExactly("a=2", "b=3");
        store.close();
    }

    /** So many that the first ones are written by a thread of their own before anybody asks for them. */
    @Test
    void manyRestoredRecordsComeAfterWhatWasWritten() {
        HoltKeyValueStore store = task.openPlain();
        store.put(key("a"), value("1"));
        String large = "x".repeat(WaitingRecords.ALL_BYTES_MAX / 64);
        for (int batch = 0; batch < 2; batch++) {
            List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
            records.add(record("a", "2"));
            for (int i = 0; i < 40; i++) {
                records.add(record("large-" + batch + "-" + i, large));
            }
            restore(batch == 0 ? records : records.subList(1, records.size()));
        }
        assertThat(store.get(key("a"))).isEqualTo(value("2"));
        assertThat(store.approximateNumEntries()).isEqualTo(81);
        store.close();
    }

    /** Records wait for others of the neighbourhood; no reader and no writer may notice. */
    @Test
    void everyOperationSeesWhatWasRestored() {
        HoltKeyValueStore store = task.openPlain();
        restore(List.of(record("a", "1")));
        assertThat(store.get(key("a"))).isEqualTo(value("1"));
        restore(List.of(record("a", "2")));
        assertThat(store.putIfAbsent(key("a"), value("9"))).isEqualTo(value("2"));
        restore(List.of(record("a", "3")));
        assertThat(store.delete(key("a"))).isEqualTo(value("3"));
        restore(List.of(record("a", "4"), record("b", "4")));
        assertThat(store.approximateNumEntries()).isEqualTo(2);
        restore(List.of(record("b", null)));
        assertThat(contents(store)).containsExactly("a=4");
        restore(List.of(record("a", "5")));
        assertThat(TestTask.drain(store.range(key("a"), key("b")))).containsExactly("a=5");
        restore(List.of(record("a", "6")));
        assertThat(TestTask.drain(store.reverseAll())).containsExactly("a=6");
        restore(List.of(record("a", "7")));
        assertThat(TestTask.drain(store.prefixScan("a", new StringSerializer())))
                .containsExactly("a=7");
        restore(List.of(record("a", "8")));
        KeyQuery<Bytes, byte[]> query = KeyQuery.withKey(key("a"));
        assertThat(store.query(query, PositionBound.unbounded(), new QueryConfig(false))
                        .getResult())
                .isEqualTo(value("8"));
        restore(List.of(record("a", "9")));
        store.put(key("a"), value("10"));
        assertThat(contents(store)).containsExactly("a=10");
        store.close();
    }

    @Test
    void aCommitAndAClosingWriteWhatWaits() {
        HoltKeyValueStore store = task.openPlain();
        restore(List.of(record("a", "1")));
        store.commit(Map.of(CHANGELOG, 1L));
        restore(List.of(record("b", "1")));
        store.close();

        HoltKeyValueStore again = task.openPlain();
        assertThat(contents(again)).containsExactly("a=1", "b=1");
        assertThat(again.committedOffset(CHANGELOG)).isEqualTo(1L);
        again.close();
    }

    /** Nothing can be behind an offset that was committed, wherever the process died. */
    @Test
    void whatWaitsIsInTheCommitThatNamesItsOffset(@TempDir Path crashed) throws IOException {
        TestEngine engine = TestEngine.create();
        task = new TestTask(engine, directory);
        HoltKeyValueStore store = task.openPlain();
        restore(List.of(record("a", "1"), record("b", "1")));
        store.commit(Map.of(CHANGELOG, 2L));
        restore(List.of(record("c", "1")));

        TestTask after = new TestTask(engine, engine.afterCrash(directory, crashed));
        HoltKeyValueStore found = after.openPlain();
        assertThat(contents(found)).containsExactly("a=1", "b=1");
        assertThat(found.committedOffset(CHANGELOG)).isEqualTo(2L);
        found.close();
        store.close();
    }

    @Test
    void whatWaitsIsBoundedAndGivenUpWhenTheStoreCloses() {
        long before = WaitingRecords.allBytes();
        HoltKeyValueStore store = task.openPlain();
        String text = "v".repeat(1 << 20);
        int most = WaitingRecords.ALL_BYTES_MAX >> 20;
        long waiting = 0;
        for (int i = 0; i < most + 4; i++) {
            // One key, so that the store is not large whatever waits.
            restore(List.of(record("a", i + text)));
            waiting = Math.max(waiting, WaitingRecords.allBytes() - before);
        }
        assertThat(waiting).isBetween(1L << 20, (long) WaitingRecords.ALL_BYTES_MAX);
        assertThat(WaitingRecords.allBytes() - before).isPositive();
        store.close();
        assertThat(WaitingRecords.allBytes()).isEqualTo(before);

        HoltKeyValueStore again = task.openPlain();
        assertThat(again.get(key("a"))).isEqualTo(value(most + 3 + text));
        again.close();
    }

    @Test
    void aKeyThatNoStoreTakesIsRefusedWhenItComes() {
        HoltKeyValueStore store = task.openPlain();
        String tooLong = "k".repeat(65_536);
        assertThatThrownBy(() -> restore(List.of(record("a", "1"), record(tooLong, "1"))))
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("65535");
        assertThat(store.get(key("a"))).isEqualTo(value("1"));
        store.close();
    }

    /** Its iterators show the moment when they are asked for the first record. */
    @Test
    void windowIteratorsSeeWhatWasRestoredBeforeTheyBegan() {
        SegmentSettings segments = SegmentSettings.of(600_000);
        WindowStore<Bytes, byte[]> store = task.open(new HoltWindowSupplier(
                        "store", StoreKind.WINDOW, new WindowSettings(segments, 1_000, false), task.databases())
                .get());
        store.put(key("a"), value("1"), 1_000);
        try (WindowStoreIterator<byte[]> later = store.fetch(key("a"), 0, 1_000_000)) {
            restore(List.of(windowRecord("a", 1_000, "2"), windowRecord("a", 400_000, "3")));
            assertThat(later.next().value).isEqualTo(value("2"));
            restore(List.of(windowRecord("a", 400_000, null)));
            assertThat(later.next().value).isEqualTo(value("3"));
        }
        assertThat(store.fetch(key("a"), 400_000)).isNull();
        restore(List.of(windowRecord("b", 500_000, "1"), windowRecord("b", 5_000_000, "2")));
        try (var all = store.all()) {
            assertThat(all.next().key.window().start()).isEqualTo(5_000_000);
            assertThat(all.hasNext()).isFalse();
        }
        store.close();
    }

    private static ConsumerRecord<byte[], byte[]> windowRecord(String key, long start, String value) {
        byte[] changelogKey =
                WindowKeySchema.toStoreKeyBinary(key(key), start, 0).get();
        return new ConsumerRecord<>(
                CHANGELOG.topic(), CHANGELOG.partition(), 0, changelogKey, value == null ? null : value(value));
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
