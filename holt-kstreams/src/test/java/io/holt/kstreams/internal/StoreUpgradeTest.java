package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.CHANGELOG;
import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.holt.api.HoltDb;
import io.holt.api.HoltIoException;
import io.holt.api.MemoryBudgetException;
import io.holt.testkit.ModelDb;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.HeadersBytesStore;
import org.apache.kafka.streams.state.TimestampedBytesStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A store that an application's next version asks for as a later kind, or with other buckets, keeps its records. */
final class StoreUpgradeTest {

    private static final int MANY = 3_000;

    @TempDir
    Path directory;

    @TempDir
    Path afterCrash;

    private final TestEngine engine = TestEngine.create();

    private static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }

    @Test
    void plainBecomesTimestampedAndThenHeaders() {
        TestTask task = new TestTask(engine, directory);
        HoltKeyValueStore plain = task.openPlain();
        task.processing("input", 0, 7);
        for (int i = 0; i < MANY; i++) {
            plain.put(key("k" + i), value("v" + i));
        }
        plain.commit(Map.of(CHANGELOG, 11L));
        plain.close();

        HoltKeyValueStore stamped = task.open("store", StoreKind.TIMESTAMPED);
        assertThat(stamped.approximateNumEntries()).isEqualTo(MANY);
        assertThat(hex(stamped.get(key("k5"))))
                .isEqualTo(hex(TimestampedBytesStore.convertToTimestampedFormat(value("v5"))));
        assertThat(stamped.committedOffset(CHANGELOG)).isEqualTo(11L);
        assertThat(stamped.getPosition()).isEqualTo(Position.emptyPosition().withComponent("input", 0, 7));
        stamped.put(key("new"), value("12345678x"));
        stamped.close();

        HoltKeyValueStore headed = task.open("store", StoreKind.HEADERS);
        assertThat(hex(headed.get(key("k5"))))
                .isEqualTo(hex(HeadersBytesStore.convertFromPlainToHeaderFormat(value("v5"))));
        assertThat(hex(headed.get(key("new"))))
                .isEqualTo(hex(HeadersBytesStore.convertToHeaderFormat(value("12345678x"))));
        headed.close();
        assertThat(task.open("store", StoreKind.HEADERS).approximateNumEntries())
                .isEqualTo(MANY + 1);
    }

    @Test
    void plainBecomesHeadersAtOnce() {
        TestTask task = new TestTask(engine, directory);
        HoltKeyValueStore plain = task.openPlain();
        plain.put(key("a"), value("1"));
        plain.close();

        HoltKeyValueStore headed = task.open("store", StoreKind.HEADERS);
        assertThat(hex(headed.get(key("a"))))
                .isEqualTo(hex(HeadersBytesStore.convertFromPlainToHeaderFormat(value("1"))));
        headed.close();
    }

    private HoltWindowStore windows(StoreKind kind, SegmentSettings segments) {
        return (HoltWindowStore)
                new HoltWindowSupplier("store", kind, new WindowSettings(segments, 10, false), engine.databases())
                        .get();
    }

    @Test
    void windowsGetOtherValuesAndBucketsAndAnOrderOfTime() {
        TestTask task = new TestTask(engine, directory);
        HoltWindowStore plain = task.open(windows(StoreKind.WINDOW, new SegmentSettings(100_000, 7_000, false, false)));
        for (int i = 0; i < 500; i++) {
            plain.put(key("k" + (i % 7)), value("v" + i), i * 150L);
        }
        List<String> before = WindowedText.takeWindows(plain.fetch(key("k3"), 20_000, 40_000), 1_000);
        plain.close();

        HoltWindowStore stamped =
                task.open(windows(StoreKind.TIMESTAMPED_WINDOW, new SegmentSettings(100_000, 1_300, true, false)));
        List<String> after = WindowedText.takeWindows(stamped.fetch(key("k3"), 20_000, 40_000), 1_000);
        String unknown = new String(new byte[] {-1, -1, -1, -1, -1, -1, -1, -1}, StandardCharsets.ISO_8859_1);
        assertThat(after)
                .isEqualTo(before.stream()
                        .map(record -> record.replace("=", "=" + unknown))
                        .toList());
        assertThat(before).hasSizeGreaterThan(10);
        assertThat(WindowedText.all(stamped.fetchAll(300, 600)))
                .extracting(record -> record.substring(record.indexOf('=') + 9))
                .containsExactly("v2", "v3", "v4");
        stamped.close();

        HoltWindowStore headed =
                task.open(windows(StoreKind.HEADERS_WINDOW, new SegmentSettings(100_000, 1_300, false, false)));
        assertThat(hex(headed.fetch(key("k3"), 450)))
                .isEqualTo(hex(HeadersBytesStore.convertFromPlainToHeaderFormat(value("v3"))));
        assertThat(WindowedText.all(headed.all())).hasSize(500);
        headed.close();
    }

    @Test
    void sessionsGetHeaders() {
        TestTask task = new TestTask(engine, directory);
        SegmentSettings segments = SegmentSettings.of(100_000);
        HoltSessionStore plain =
                task.open(new HoltSessionStore("store", StoreKind.SESSION, segments, engine.databases()));
        plain.put(new Windowed<>(key("a"), new SessionWindow(5, 70_000)), value("1"));
        plain.close();

        HoltSessionStore headed =
                task.open(new HoltHeadersSessionStore("store", segments.timeIndexed(), engine.databases()));
        assertThat(hex(headed.fetchSession(key("a"), 5, 70_000)))
                .isEqualTo(hex(HeadersBytesStore.convertToHeaderFormat(value("1"))));
        assertThat(WindowedText.all(headed.findSessions(70_000L, 70_000L))).hasSize(1);
        headed.close();
    }

    @Test
    void versionsMoveToOtherBuckets() {
        TestTask task = new TestTask(engine, directory);
        HoltVersionedStore store = task.open(new HoltVersionedStore("store", 100_000, 5_000, engine.databases()));
        for (int i = 0; i < 20; i++) {
            store.put(key("a"), i % 5 == 4 ? null : value("v" + i), i * 1_000L);
        }
        store.close();

        HoltVersionedStore again = task.open(new HoltVersionedStore("store", 100_000, 700, engine.databases()));
        assertThat(again.get(key("a"), 7_500).value()).isEqualTo(value("v7"));
        assertThat(again.get(key("a"), 7_500).validTo()).hasValue(8_000L);
        assertThat(again.get(key("a"), 9_500)).isNull();
        assertThat(again.get(key("a"))).isNull();
        again.close();
    }

    /** Until it is committed, a crash finds the store as it was before, and the upgrade is done again. */
    @Test
    void aCrashAfterwardsFindsTheOldStore() throws Exception {
        TestTask task = new TestTask(engine, directory);
        HoltKeyValueStore plain = task.openPlain();
        plain.put(key("a"), value("1"));
        plain.commit(Map.of(CHANGELOG, 1L));
        plain.close();
        HoltKeyValueStore stamped = task.open("store", StoreKind.TIMESTAMPED);

        TestTask crashed = new TestTask(engine, engine.afterCrash(task.directory(), afterCrash));
        HoltKeyValueStore found = crashed.openPlain();
        assertThat(TestTask.contents(found)).containsExactly("a=1");
        found.close();
        stamped.close();
    }

    /** A copy that finds no room leaves the old records as they are, and nothing of itself. */
    @Test
    void anUpgradeThatFailsLeavesTheStoreAsItWas() {
        HoltDb db = new ModelDb();
        StoreLayout plain = StoreLayout.keyValue(StoreKind.PLAIN);
        StoreLayout stamped = StoreLayout.keyValue(StoreKind.TIMESTAMPED).after(plain);
        for (int i = 0; i < 100; i++) {
            db.tree("data").put(key("k" + i).get(), value("v"));
        }
        AtomicInteger puts = new AtomicInteger(50);
        HoltDb full = FailingTrees.of(db, (tree, method) -> {
            if (method.equals("put") && puts.getAndDecrement() == 0) {
                throw new MemoryBudgetException("a test", 1);
            }
        });
        CommitRecord commit = CommitRecord.empty(stamped);

        assertThatThrownBy(() -> new StoreUpgrade(full, plain, commit).run()).isInstanceOf(MemoryBudgetException.class);
        assertThat(db.treeNames()).containsExactly("data");
        assertThat(db.tree("data").stats().records()).isEqualTo(100);
        assertThat(new StoreUpgrade(db, plain, commit).run()).isEqualTo(100);
        assertThat(db.treeNames()).containsExactly("commit", "data.1");
        assertThat(CommitRecord.read(db)).isEqualTo(commit);
        db.close();
    }

    /** The upgrade is done, and what names the new records is durable with them: they are not copied once more. */
    @Test
    void anOpeningThatFailsAfterTheUpgradeLosesNothing() {
        TestTask task = new TestTask(engine, directory);
        HoltWindowStore plain = task.open(windows(engine.databases(), StoreKind.WINDOW));
        plain.put(key("k"), value("v"), 5);
        plain.commit(Map.of(CHANGELOG, 11L));
        plain.close();

        StoreDatabases failing = FailingTrees.of(engine.databases(), (tree, method) -> {
            if (tree.equals("data.1") && method.equals("scan")) {
                throw new HoltIoException("a read failed");
            }
        });
        TestTask unlucky = new TestTask(failing, directory);
        assertThatThrownBy(() -> unlucky.open(windows(failing, StoreKind.TIMESTAMPED_WINDOW)))
                .hasStackTraceContaining("a read failed");

        HoltWindowStore stamped = task.open(windows(engine.databases(), StoreKind.TIMESTAMPED_WINDOW));
        assertThat(WindowedText.all(stamped.all())).hasSize(1);
        assertThat(stamped.committedOffset(CHANGELOG)).isEqualTo(11L);
        stamped.close();
    }

    private static HoltWindowStore windows(StoreDatabases databases, StoreKind kind) {
        WindowSettings settings = new WindowSettings(SegmentSettings.of(100_000), 10, false);
        return (HoltWindowStore) new HoltWindowSupplier("store", kind, settings, databases).get();
    }

    @Test
    void whatAnInterruptedUpgradeLeftIsDropped() {
        HoltDb db = new ModelDb();
        StoreLayout layout =
                new StoreLayout(StoreKind.WINDOW, 1_000, true).after(StoreLayout.keyValue(StoreKind.PLAIN));
        for (String tree : List.of("commit", "data", "times", "data.1", "times.1", "data.2")) {
            db.tree(tree).put(key("k").get(), value("v"));
        }
        StoreUpgrade.dropLeftOvers(db, layout);
        assertThat(db.treeNames()).containsExactlyInAnyOrder("commit", "data.1", "times.1");
        db.close();
    }
}
