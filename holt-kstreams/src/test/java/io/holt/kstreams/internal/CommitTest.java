package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static io.holt.kstreams.internal.TestTask.contents;
import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.query.Position;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of offsets, data and position when a store is committed, closed and opened again. */
final class CommitTest {

    /** The sentinel that Kafka Streams commits for a changelog whose offset it does not know. */
    private static final long OFFSET_UNKNOWN = -4L;

    private static final TopicPartition SECOND = new TopicPartition("other-changelog", 3);

    @TempDir
    Path directory;

    private final TestEngine engine = TestEngine.create();
    private TestTask task;

    @BeforeEach
    void makeTask() {
        task = new TestTask(engine, directory);
    }

    @Test
    void managesItsOffsets() {
        HoltKeyValueStore store = task.openPlain();

        assertThat(managesOffsets(store)).isTrue();
        assertThat(store.persistent()).isTrue();
        assertThat(store.committedOffset(CHANGELOG)).isNull();
        store.close();
    }

    @SuppressWarnings("deprecation")
    private static boolean managesOffsets(HoltKeyValueStore store) {
        return store.managesOffsets();
    }

    @Test
    void offsetsAreThereAfterReopening() {
        HoltKeyValueStore store = task.openPlain();
        store.put(key("a"), value("1"));
        store.commit(Map.of(CHANGELOG, 41L, SECOND, OFFSET_UNKNOWN));
        store.close();

        store = task.openPlain();
        assertThat(store.committedOffset(CHANGELOG)).isEqualTo(41L);
        assertThat(store.committedOffset(SECOND)).isEqualTo(OFFSET_UNKNOWN);
        assertThat(store.committedOffset(new TopicPartition(CHANGELOG.topic(), 1)))
                .isNull();
        assertThat(contents(store)).containsExactly("a=1");
        store.close();
    }

    @Test
    void offsetsOfPartitionsThatAreNotNamedStay() {
        HoltKeyValueStore store = task.openPlain();
        store.commit(Map.of(CHANGELOG, 1L));
        store.commit(Map.of(SECOND, 2L));
        store.commit(Map.of(CHANGELOG, 3L));

        assertThat(store.committedOffset(CHANGELOG)).isEqualTo(3L);
        assertThat(store.committedOffset(SECOND)).isEqualTo(2L);
        store.close();
    }

    @Test
    void nullTakesOneOffsetAway() {
        HoltKeyValueStore store = task.openPlain();
        store.commit(Map.of(CHANGELOG, 1L, SECOND, 2L));
        Map<TopicPartition, Long> update = new HashMap<>();
        update.put(CHANGELOG, null);
        store.commit(update);

        assertThat(store.committedOffset(CHANGELOG)).isNull();
        assertThat(store.committedOffset(SECOND)).isEqualTo(2L);
        store.close();

        store = task.openPlain();
        assertThat(store.committedOffset(CHANGELOG)).isNull();
        assertThat(store.committedOffset(SECOND)).isEqualTo(2L);
        store.close();
    }

    @Test
    void theEmptyMapTakesAllOffsetsAwayAndKeepsTheData() {
        HoltKeyValueStore store = task.openPlain();
        store.put(key("a"), value("1"));
        store.commit(Map.of(CHANGELOG, 1L, SECOND, 2L));
        store.commit(Map.of());

        assertThat(store.committedOffset(CHANGELOG)).isNull();
        store.close();

        store = task.openPlain();
        assertThat(store.committedOffset(CHANGELOG)).isNull();
        assertThat(store.committedOffset(SECOND)).isNull();
        assertThat(contents(store)).containsExactly("a=1");
        store.close();
    }

    @Test
    void thePositionIsKeptWithTheData() {
        HoltKeyValueStore store = task.openPlain();
        task.processing("input", 0, 7);
        store.put(key("a"), value("1"));
        task.processing("other", 0, 9);
        store.put(key("b"), value("2"));
        Position expected =
                Position.emptyPosition().withComponent("input", 0, 7).withComponent("other", 0, 9);
        assertThat(store.getPosition()).isEqualTo(expected);
        store.commit(Map.of(CHANGELOG, 1L));
        store.close();

        store = task.openPlain();
        assertThat(store.getPosition()).isEqualTo(expected);
        store.close();
    }

    @Test
    void aCommitThatChangesNothingWritesNothing() {
        SimulatedDisk disk = SimulatedDisk.ofModels();
        HoltKeyValueStore store = new TestTask(disk.databases(), directory).openPlain();
        store.put(key("a"), value("1"));
        store.commit(Map.of(CHANGELOG, 1L));
        int checkpoints = disk.checkpoints();

        store.commit(Map.of(CHANGELOG, 1L));
        assertThat(disk.checkpoints()).isEqualTo(checkpoints);

        store.commit(Map.of(CHANGELOG, 2L));
        assertThat(disk.checkpoints()).isEqualTo(checkpoints + 1);
        store.close();
    }

    @Test
    void aCommitThatFailsLeavesTheOffsetsAsTheyWereAndIsDoneAgain() {
        SimulatedDisk disk = SimulatedDisk.ofModels();
        HoltKeyValueStore store = new TestTask(disk.databases(), directory).openPlain();
        store.commit(Map.of(CHANGELOG, 1L));
        store.put(key("a"), value("1"));
        disk.failCheckpoints(true);

        assertThatThrownBy(() -> store.commit(Map.of(CHANGELOG, 2L)))
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("committing store store")
                // The wrapping stores put the message through String.format.
                .hasMessageContaining("100%%");
        assertThat(store.committedOffset(CHANGELOG)).isEqualTo(1L);

        disk.failCheckpoints(false);
        store.commit(Map.of(CHANGELOG, 2L));
        assertThat(store.committedOffset(CHANGELOG)).isEqualTo(2L);
        store.close();
    }

    @Test
    void aClosedStoreHasNoOffsetsAndCommitsNothing() {
        HoltKeyValueStore store = task.openPlain();
        store.close();

        store.commit(Map.of(CHANGELOG, 5L));
        assertThatThrownBy(() -> store.committedOffset(CHANGELOG))
                .isInstanceOf(InvalidStateStoreException.class)
                .hasMessage("Store store is currently closed");

        HoltKeyValueStore again = task.openPlain();
        assertThat(again.committedOffset(CHANGELOG)).isNull();
        again.close();
    }
}
