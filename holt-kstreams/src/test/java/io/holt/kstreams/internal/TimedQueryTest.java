package io.holt.kstreams.internal;

import static io.holt.kstreams.internal.TestTask.key;
import static io.holt.kstreams.internal.TestTask.value;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.KeyQuery;
import org.apache.kafka.streams.query.MultiVersionedKeyQuery;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.RangeQuery;
import org.apache.kafka.streams.query.VersionedKeyQuery;
import org.apache.kafka.streams.query.WindowKeyQuery;
import org.apache.kafka.streams.query.WindowRangeQuery;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.VersionedBytesStore;
import org.apache.kafka.streams.state.VersionedRecord;
import org.apache.kafka.streams.state.VersionedRecordIterator;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Interactive queries to window, session and versioned stores answer and fail as those to the built-in stores. */
final class TimedQueryTest {

    private static final Duration RETENTION = Duration.ofMinutes(5);
    private static final PositionBound REACHED =
            PositionBound.at(Position.emptyPosition().withComponent("input", 0, 40));
    private static final PositionBound AHEAD =
            PositionBound.at(Position.emptyPosition().withComponent("input", 0, 41));

    @TempDir
    Path holtDirectory;

    @TempDir
    Path rocksDirectory;

    private final TestEngine engine = TestEngine.create();

    /** All queries to both stores, with each bound; what came of them as text. */
    private static void compare(StateStore holt, StateStore rocks, Function<Object, Object> text, Query<?>... queries) {
        for (Query<?> query : queries) {
            for (PositionBound bound : List.of(PositionBound.unbounded(), REACHED, AHEAD)) {
                QueryResult<?> expected = rocks.query(query, bound, new QueryConfig(true));
                QueryResult<?> found = holt.query(query, bound, new QueryConfig(true));
                assertThat(found.isSuccess()).as("%s", query).isEqualTo(expected.isSuccess());
                assertThat(found.getPosition()).isEqualTo(expected.getPosition());
                assertThat(found.getExecutionInfo()).hasSameSizeAs(expected.getExecutionInfo());
                if (expected.isSuccess()) {
                    assertThat(text.apply(found.getResult())).isEqualTo(text.apply(expected.getResult()));
                } else {
                    assertThat(found.getFailureReason()).isEqualTo(expected.getFailureReason());
                }
            }
        }
        QueryResult<?> behind = holt.query(queries[0], AHEAD, new QueryConfig(false));
        assertThat(behind.getFailureReason()).isEqualTo(FailureReason.NOT_UP_TO_BOUND);
    }

    private TestTask[] tasks() {
        return new TestTask[] {new TestTask(engine, holtDirectory), new TestTask(engine, rocksDirectory)};
    }

    @Test
    void windows() {
        TestTask[] tasks = tasks();
        WindowSettings settings = new WindowSettings(SegmentSettings.of(RETENTION.toMillis()), 10, false);
        List<WindowStore<Bytes, byte[]>> stores = List.of(
                tasks[0].open(new HoltWindowSupplier("store", StoreKind.WINDOW, settings, engine.databases()).get()),
                tasks[1].open(Stores.persistentWindowStore("store", RETENTION, Duration.ofMillis(10), false)
                        .get()));
        for (int i = 0; i < 2; i++) {
            for (int n = 1; n <= 40; n++) {
                tasks[i].processing("input", 0, n);
                stores.get(i).put(key("k" + n % 4), value("v" + n), n * 10_000L);
            }
        }
        Instant from = Instant.ofEpochMilli(150_000);
        Instant to = Instant.ofEpochMilli(300_000);
        compare(
                stores.get(0),
                stores.get(1),
                TimedQueryTest::windowsText,
                WindowKeyQuery.withKeyAndWindowStartRange(key("k2"), from, to),
                WindowKeyQuery.withKeyAndWindowStartRange(key("none"), from, to),
                WindowRangeQuery.withWindowStartRange(from, to),
                WindowRangeQuery.withKey(key("k2")),
                KeyQuery.withKey(key("k2")),
                RangeQuery.withNoBounds());
        stores.forEach(StateStore::close);
    }

    @SuppressWarnings("unchecked")
    private static Object windowsText(Object result) {
        if (result instanceof WindowStoreIterator<?> windows) {
            return WindowedText.takeWindows((WindowStoreIterator<byte[]>) windows, 1_000);
        }
        return WindowedText.all((KeyValueIterator<Windowed<Bytes>, byte[]>) result);
    }

    @Test
    void sessions() {
        TestTask[] tasks = tasks();
        SegmentSettings segments = SegmentSettings.of(RETENTION.toMillis());
        List<SessionStore<Bytes, byte[]>> stores = List.of(
                tasks[0].open(new HoltSessionSupplier("store", StoreKind.SESSION, segments, engine.databases()).get()),
                tasks[1].open(Stores.persistentSessionStore("store", RETENTION).get()));
        for (int i = 0; i < 2; i++) {
            for (int n = 1; n <= 40; n++) {
                tasks[i].processing("input", 0, n);
                SessionWindow window = new SessionWindow(n * 10_000L, n * 10_000L + n);
                stores.get(i).put(new Windowed<>(key("k" + n % 4), window), value("v" + n));
            }
        }
        compare(
                stores.get(0),
                stores.get(1),
                TimedQueryTest::windowsText,
                WindowRangeQuery.withKey(key("k2")),
                WindowRangeQuery.withKey(key("none")),
                WindowRangeQuery.withWindowStartRange(Instant.EPOCH, Instant.ofEpochMilli(300_000)),
                KeyQuery.withKey(key("k2")));
        stores.forEach(StateStore::close);
    }

    @Test
    void versions() {
        TestTask[] tasks = tasks();
        List<VersionedBytesStore> stores = List.of(
                tasks[0].open((VersionedBytesStore)
                        new HoltVersionedSupplier("store", RETENTION.toMillis(), 60_000, engine.databases()).get()),
                tasks[1].open((VersionedBytesStore)
                        Stores.persistentVersionedKeyValueStore("store", RETENTION, Duration.ofSeconds(60))
                                .get()));
        for (int i = 0; i < 2; i++) {
            for (int n = 1; n <= 40; n++) {
                tasks[i].processing("input", 0, n);
                stores.get(i).put(key("k" + n % 4), n % 7 == 0 ? null : value("v" + n), n * 10_000L);
            }
        }
        Instant first = Instant.ofEpochMilli(150_000);
        Instant last = Instant.ofEpochMilli(Long.MAX_VALUE);
        compare(
                stores.get(0),
                stores.get(1),
                TimedQueryTest::versionsText,
                VersionedKeyQuery.withKey(key("k2")),
                VersionedKeyQuery.withKey(key("k2")).asOf(Instant.ofEpochMilli(250_000)),
                VersionedKeyQuery.withKey(key("k2")).asOf(Instant.ofEpochMilli(1)),
                VersionedKeyQuery.withKey(key("none")),
                MultiVersionedKeyQuery.withKey(key("k2")).fromTime(first).toTime(last),
                MultiVersionedKeyQuery.withKey(key("k3"))
                        .fromTime(first)
                        .toTime(last)
                        .withAscendingTimestamps(),
                MultiVersionedKeyQuery.withKey(key("k3"))
                        .fromTime(first)
                        .toTime(last)
                        .withDescendingTimestamps(),
                MultiVersionedKeyQuery.withKey(key("none")).fromTime(first).toTime(last));
        stores.forEach(StateStore::close);
    }

    private static Object versionsText(Object result) {
        if (result instanceof VersionedRecordIterator<?> versions) {
            List<Object> texts = new ArrayList<>();
            try (versions) {
                versions.forEachRemaining(version -> texts.add(versionText(version)));
            }
            return texts;
        }
        return result == null ? null : versionText((VersionedRecord<?>) result);
    }

    private static String versionText(VersionedRecord<?> version) {
        return version.timestamp() + ".." + version.validTo() + "=" + WindowedText.text((byte[]) version.value());
    }
}
