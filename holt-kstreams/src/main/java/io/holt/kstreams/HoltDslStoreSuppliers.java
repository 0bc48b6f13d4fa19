package io.holt.kstreams;

import io.holt.kstreams.internal.HoltSessionSupplier;
import io.holt.kstreams.internal.HoltWindowSupplier;
import io.holt.kstreams.internal.ProcessDatabases;
import io.holt.kstreams.internal.SegmentSettings;
import io.holt.kstreams.internal.StoreKind;
import io.holt.kstreams.internal.WindowSettings;
import org.apache.kafka.streams.kstream.EmitStrategy;
import org.apache.kafka.streams.state.DslKeyValueParams;
import org.apache.kafka.streams.state.DslSessionParams;
import org.apache.kafka.streams.state.DslStoreSuppliers;
import org.apache.kafka.streams.state.DslWindowParams;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.SessionBytesStoreSupplier;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;

/**
 * Makes Holt's stores those of the DSL, by one line of configuration:
 *
 * <pre>{@code dsl.store.suppliers.class=io.holt.kstreams.HoltDslStoreSuppliers}</pre>
 *
 * <p>The format of the values follows {@code dsl.store.format}. Stores of aggregations that emit when a window closes
 * are laid out for that: sliding windows and sessions are kept in order of time as well, other windows in buckets of
 * the length of a window.
 */
public final class HoltDslStoreSuppliers implements DslStoreSuppliers {

    /** Made by Kafka Streams, by the name of the class. */
    public HoltDslStoreSuppliers() {}

    @Override
    public KeyValueBytesStoreSupplier keyValueStore(DslKeyValueParams params) {
        return switch (params.dslStoreFormat()) {
            case HEADERS -> HoltStores.persistentTimestampedKeyValueStoreWithHeaders(params.name());
            case TIMESTAMPED -> HoltStores.persistentTimestampedKeyValueStore(params.name());
            case PLAIN -> HoltStores.persistentKeyValueStore(params.name());
        };
    }

    @Override
    public WindowBytesStoreSupplier windowStore(DslWindowParams params) {
        Durations durations = Durations.of(params.name(), params.retentionPeriod(), params.windowSize());
        WindowSettings settings =
                new WindowSettings(segments(params, durations), durations.windowMillis(), params.retainDuplicates());
        ProcessDatabases databases = ProcessDatabases.instance();
        return switch (params.dslStoreFormat()) {
            case HEADERS -> new HoltWindowSupplier.WithHeaders(params.name(), settings, databases);
            case PLAIN -> new HoltWindowSupplier(params.name(), plainKind(params), settings, databases);
            case null, default ->
                new HoltWindowSupplier(params.name(), StoreKind.TIMESTAMPED_WINDOW, settings, databases);
        };
    }

    /** The built-in stores of results that are emitted on close are timestamped ones, whatever was asked for. */
    private static StoreKind plainKind(DslWindowParams params) {
        return emitsOnClose(params.emitStrategy()) ? StoreKind.TIMESTAMPED_WINDOW : StoreKind.WINDOW;
    }

    private static SegmentSettings segments(DslWindowParams params, Durations durations) {
        if (!emitsOnClose(params.emitStrategy())) {
            return SegmentSettings.of(durations.retentionMillis());
        }
        return params.isSlidingWindow()
                ? SegmentSettings.of(durations.retentionMillis()).timeIndexed().emittingOnClose()
                : SegmentSettings.ofWindows(durations.retentionMillis(), durations.windowMillis());
    }

    @Override
    public SessionBytesStoreSupplier sessionStore(DslSessionParams params) {
        SegmentSettings kept = SegmentSettings.of(Durations.millis("retentionPeriod", params.retentionPeriod()));
        SegmentSettings segments = emitsOnClose(params.emitStrategy()) ? kept.timeIndexed() : kept;
        ProcessDatabases databases = ProcessDatabases.instance();
        return switch (params.storeFormat()) {
            case HEADERS -> new HoltSessionSupplier.WithHeaders(params.name(), segments, databases);
            case null, default -> new HoltSessionSupplier(params.name(), StoreKind.SESSION, segments, databases);
        };
    }

    private static boolean emitsOnClose(EmitStrategy strategy) {
        return strategy.type() == EmitStrategy.StrategyType.ON_WINDOW_CLOSE;
    }
}
