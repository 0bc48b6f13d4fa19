package io.holt.kstreams.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.kstream.internals.SessionWindow;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.SessionStore;
import org.apache.kafka.streams.state.StoreBuilder;
import org.apache.kafka.streams.state.Stores;
import org.apache.kafka.streams.state.TimestampedKeyValueStore;
import org.apache.kafka.streams.state.TimestampedKeyValueStoreWithHeaders;
import org.apache.kafka.streams.state.TimestampedWindowStore;
import org.apache.kafka.streams.state.ValueAndTimestamp;
import org.apache.kafka.streams.state.ValueTimestampHeaders;
import org.apache.kafka.streams.state.VersionedKeyValueStore;
import org.apache.kafka.streams.state.WindowStore;

/** A topology that keeps each record in stores of all kinds: each kind is there on Holt and on RocksDB. */
final class QueriedStores {

    static final Duration RETENTION = Duration.ofMinutes(5);
    static final Duration WINDOW = Duration.ofSeconds(10);
    static final String HOLT = "holt-";
    static final String ROCKS = "rocks-";

    private static final long SESSION_MILLIS = 500;
    private static final List<String> KINDS = List.of(
            "plain", "timestamped", "cached", "headers", "windows", "timestamped-windows", "sessions", "versions");

    private final StoreDatabases databases;

    QueriedStores(StoreDatabases databases) {
        this.databases = databases;
    }

    Topology topology(String topic) {
        Topology topology = new Topology();
        topology.addSource("source", topic);
        topology.addProcessor("keeper", Keeper::new, "source");
        for (String kind : KINDS) {
            topology.addStateStore(holt(HOLT + kind, kind), "keeper");
            topology.addStateStore(rocks(ROCKS + kind, kind), "keeper");
        }
        return topology;
    }

    private StoreBuilder<?> holt(String name, String kind) {
        SegmentSettings segments = SegmentSettings.of(RETENTION.toMillis());
        WindowSettings settings = new WindowSettings(segments, WINDOW.toMillis(), false);
        return switch (kind) {
            case "plain" ->
                Stores.keyValueStoreBuilder(
                        new HoltKeyValueSupplier(name, StoreKind.PLAIN, databases), Serdes.String(), Serdes.String());
            case "headers" ->
                Stores.timestampedKeyValueStoreWithHeadersBuilder(
                        new HoltKeyValueSupplier.WithHeaders(name, databases), Serdes.String(), Serdes.String());
            case "windows" ->
                Stores.windowStoreBuilder(
                        new HoltWindowSupplier(name, StoreKind.WINDOW, settings, databases),
                        Serdes.String(),
                        Serdes.String());
            case "timestamped-windows" ->
                Stores.timestampedWindowStoreBuilder(
                        new HoltWindowSupplier(name, StoreKind.TIMESTAMPED_WINDOW, settings, databases),
                        Serdes.String(),
                        Serdes.String());
            case "sessions" ->
                Stores.sessionStoreBuilder(
                        new HoltSessionSupplier(name, StoreKind.SESSION, segments, databases),
                        Serdes.String(),
                        Serdes.String());
            case "versions" ->
                Stores.versionedKeyValueStoreBuilder(
                        new HoltVersionedSupplier(name, RETENTION.toMillis(), 60_000, databases),
                        Serdes.String(),
                        Serdes.String());
            default ->
                timestamped(
                        kind,
                        Stores.timestampedKeyValueStoreBuilder(
                                new HoltKeyValueSupplier(name, StoreKind.TIMESTAMPED, databases),
                                Serdes.String(),
                                Serdes.String()));
        };
    }

    private static StoreBuilder<?> rocks(String name, String kind) {
        return switch (kind) {
            case "plain" ->
                Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore(name), Serdes.String(), Serdes.String());
            case "headers" ->
                Stores.timestampedKeyValueStoreWithHeadersBuilder(
                        Stores.persistentTimestampedKeyValueStoreWithHeaders(name), Serdes.String(), Serdes.String());
            case "windows" ->
                Stores.windowStoreBuilder(
                        Stores.persistentWindowStore(name, RETENTION, WINDOW, false), Serdes.String(), Serdes.String());
            case "timestamped-windows" ->
                Stores.timestampedWindowStoreBuilder(
                        Stores.persistentTimestampedWindowStore(name, RETENTION, WINDOW, false),
                        Serdes.String(),
                        Serdes.String());
            case "sessions" ->
                Stores.sessionStoreBuilder(
                        Stores.persistentSessionStore(name, RETENTION), Serdes.String(), Serdes.String());
            case "versions" ->
                Stores.versionedKeyValueStoreBuilder(
                        Stores.persistentVersionedKeyValueStore(name, RETENTION, Duration.ofSeconds(60)),
                        Serdes.String(),
                        Serdes.String());
            default ->
                timestamped(
                        kind,
                        Stores.timestampedKeyValueStoreBuilder(
                                Stores.persistentTimestampedKeyValueStore(name), Serdes.String(), Serdes.String()));
        };
    }

    private static StoreBuilder<?> timestamped(String kind, StoreBuilder<?> builder) {
        return kind.equals("cached") ? builder.withCachingEnabled() : builder;
    }

    /** Writes each record to all stores. */
    private static final class Keeper implements Processor<String, String, Void, Void> {

        private final List<StateStore> stores = new ArrayList<>();

        @Override
        public void init(ProcessorContext<Void, Void> context) {
            for (String kind : KINDS) {
                stores.add(context.getStateStore(HOLT + kind));
                stores.add(context.getStateStore(ROCKS + kind));
            }
        }

        @Override
        public void process(Record<String, String> record) {
            stores.forEach(store -> put(store, record));
        }

        @SuppressWarnings("unchecked")
        private static void put(StateStore store, Record<String, String> record) {
            String key = record.key();
            String value = record.value();
            long time = record.timestamp();
            long start = time - time % WINDOW.toMillis();
            switch (store) {
                case TimestampedKeyValueStore<?, ?> some ->
                    ((TimestampedKeyValueStore<String, String>) some).put(key, ValueAndTimestamp.make(value, time));
                case TimestampedKeyValueStoreWithHeaders<?, ?> some ->
                    ((TimestampedKeyValueStoreWithHeaders<String, String>) some)
                            .put(key, ValueTimestampHeaders.make(value, time, record.headers()));
                case TimestampedWindowStore<?, ?> some ->
                    ((TimestampedWindowStore<String, String>) some)
                            .put(key, ValueAndTimestamp.make(value, time), start);
                case WindowStore<?, ?> some -> ((WindowStore<String, String>) some).put(key, value, start);
                case SessionStore<?, ?> some ->
                    ((SessionStore<String, String>) some)
                            .put(new Windowed<>(key, new SessionWindow(time, time + SESSION_MILLIS)), value);
                case VersionedKeyValueStore<?, ?> some ->
                    ((VersionedKeyValueStore<String, String>) some).put(key, value, time);
                case KeyValueStore<?, ?> some -> ((KeyValueStore<String, String>) some).put(key, value);
                default -> throw new AssertionError("unexpected " + store);
            }
        }
    }
}
