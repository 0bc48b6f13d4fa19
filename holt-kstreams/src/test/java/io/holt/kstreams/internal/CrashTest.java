package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static io.holt.kstreams.internal.TestTask.contents;
import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.errors.TaskCorruptedException;
import org.apache.kafka.streams.processor.TaskId;
import org.apache.kafka.streams.query.Position;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A store whose process dies opens as it was at its last commit: data, offsets and position, all of them or none. */
final class CrashTest {

    @TempDir
    Path directory;

    @TempDir
    Path afterCrash;

    private final TestEngine engine = TestEngine.create();

    private TestTask crash(TestTask task) throws IOException {
        return new TestTask(engine, engine.afterCrash(task.directory(), afterCrash));
    }

    @Test
    void whatCameAfterTheLastCommitIsGone() throws IOException {
        TestTask task = new TestTask(engine, directory);
        HoltKeyValueStore store = task.openPlain();
        task.processing("input", 0, 10);
        store.put(key("kept"), value("1"));
        store.put(key("changed"), value("1"));
        store.put(key("deleted"), value("1"));
        store.commit(Map.of(CHANGELOG, 3L));
        task.processing("input", 0, 20);
        store.put(key("changed"), value("2"));
        store.put(key("new"), value("2"));
        store.delete(key("deleted"));

        HoltKeyValueStore found = crash(task).openPlain();
        assertThat(contents(found)).containsExactly("changed=1", "deleted=1", "kept=1");
        assertThat(found.committedOffset(CHANGELOG)).isEqualTo(3L);
        assertThat(found.getPosition()).isEqualTo(Position.emptyPosition().withComponent("input", 0, 10));
        found.close();
        store.close();
    }

    @Test
    void aStoreThatWasNeverCommittedIsEmpty() throws IOException {
        TestTask task = new TestTask(engine, directory);
        HoltKeyValueStore store = task.openPlain();
        store.put(key("a"), value("1"));

        HoltKeyValueStore found = crash(task).openPlain();
        assertThat(contents(found)).isEmpty();
        assertThat(found.committedOffset(CHANGELOG)).isNull();
        found.close();
        store.close();
    }

    /** The promise in numbers: after any crash the data are those of the changelog up to the offset. */
    @ParameterizedTest
    @ValueSource(longs = {3, 33, 333})
    void dataAndOffsetNeverPart(long seed, @TempDir Path crashes) throws IOException {
        SplittableRandom random = new SplittableRandom(seed);
        TestTask task = new TestTask(engine, directory).exactlyOnce();
        HoltKeyValueStore store = task.openPlain();
        TreeMap<String, String> current = new TreeMap<>();
        TreeMap<Long, TreeMap<String, String>> byOffset = new TreeMap<>();
        long offset = 0;
        for (int crash = 0; crash < 12; crash++) {
            for (int i = random.nextInt(400); i > 0; i--) {
                String key = "k" + random.nextInt(60);
                if (random.nextInt(3) == 0) {
                    store.delete(key(key));
                    current.remove(key);
                } else {
                    String written = "v" + offset;
                    store.put(key(key), value(written));
                    current.put(key, written);
                }
                offset++;
                if (random.nextInt(70) == 0) {
                    store.commit(Map.of(CHANGELOG, offset));
                    byOffset.put(offset, new TreeMap<>(current));
                }
            }
            TestTask found = new TestTask(
                    engine, engine.afterCrash(task.directory(), Files.createDirectory(crashes.resolve("c" + crash))));
            HoltKeyValueStore reopened = found.exactlyOnce().openPlain();
            Long committed = reopened.committedOffset(CHANGELOG);
            TreeMap<String, String> expected = committed == null ? new TreeMap<>() : byOffset.get(committed);
            assertThat(committed).isEqualTo(byOffset.isEmpty() ? null : byOffset.lastKey());
            assertThat(contents(reopened))
                    .isEqualTo(expected.entrySet().stream()
                            .map(entry -> entry.getKey() + "=" + entry.getValue())
                            .toList());
            store.close();
            task = found;
            store = reopened;
            current = new TreeMap<>(expected);
            offset = committed == null ? 0 : committed;
        }
        store.close();
    }

    @Test
    void underExactlyOnceWritesThatNoCommitSettledAreNotTakenForCommitted() {
        TestTask task = new TestTask(engine, directory).exactlyOnce();
        HoltKeyValueStore store = task.openPlain();
        store.commit(Map.of(CHANGELOG, 1L));
        store.put(key("a"), value("perhaps aborted"));
        store.close();

        assertThatThrownBy(task::openPlain)
                .isInstanceOfSatisfying(
                        TaskCorruptedException.class,
                        e -> assertThat(e.corruptedTasks()).isEqualTo(Set.of(new TaskId(0, 0))))
                .cause()
                .isInstanceOf(ProcessorStateException.class)
                .hasMessageContaining("store");
    }

    @Test
    void underExactlyOnceASettledStoreOpensWithoutComplaint() {
        TestTask task = new TestTask(engine, directory).exactlyOnce();
        HoltKeyValueStore store = task.openPlain();
        store.put(key("a"), value("1"));
        store.commit(Map.of(CHANGELOG, 1L));
        store.close();

        store = task.openPlain();
        assertThat(contents(store)).containsExactly("a=1");
        store.close();
    }

    /** Records of the changelog are committed ones, so restoring leaves nothing that could be aborted. */
    @Test
    void underExactlyOnceRestoredRecordsNeedNoSettling() {
        TestTask task = new TestTask(engine, directory).exactlyOnce();
        HoltKeyValueStore store = task.openPlain();
        store.commit(Map.of(CHANGELOG, 1L));
        task.restore("store", List.of(new ConsumerRecord<>(CHANGELOG.topic(), 0, 2, key("a").get(), value("1"))));
        store.close();

        store = task.openPlain();
        assertThat(contents(store)).containsExactly("a=1");
        assertThat(store.committedOffset(CHANGELOG)).isEqualTo(1L);
        store.close();
    }

    @Test
    void underAtLeastOnceClosingKeepsWhatWasWritten() {
        TestTask task = new TestTask(engine, directory);
        HoltKeyValueStore store = task.openPlain();
        store.commit(Map.of(CHANGELOG, 1L));
        task.processing("input", 0, 5);
        store.put(key("a"), value("1"));
        store.close();

        store = task.openPlain();
        assertThat(contents(store)).containsExactly("a=1");
        assertThat(store.committedOffset(CHANGELOG)).isEqualTo(1L);
        assertThat(store.getPosition()).isEqualTo(Position.emptyPosition().withComponent("input", 0, 5));
        store.close();
    }
}
