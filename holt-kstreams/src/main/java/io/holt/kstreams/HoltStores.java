package io.holt.kstreams;

import io.holt.kstreams.internal.HoltKeyValueSupplier;
import io.holt.kstreams.internal.HoltSessionSupplier;
import io.holt.kstreams.internal.HoltVersionedSupplier;
import io.holt.kstreams.internal.HoltWindowSupplier;
import io.holt.kstreams.internal.ProcessDatabases;
import io.holt.kstreams.internal.SegmentSettings;
import io.holt.kstreams.internal.StoreKind;
import io.holt.kstreams.internal.WindowSettings;
import java.time.Duration;
import java.util.Objects;
import org.apache.kafka.streams.state.KeyValueBytesStoreSupplier;
import org.apache.kafka.streams.state.SessionBytesStoreSupplier;
import org.apache.kafka.streams.state.VersionedBytesStoreSupplier;
import org.apache.kafka.streams.state.WindowBytesStoreSupplier;

/**
 * Suppliers of state stores that keep their records in Holt, named as their counterparts in
 * {@link org.apache.kafka.streams.state.Stores} are: a topology changes its stores by changing the class it takes
 * them from. {@link HoltDslStoreSuppliers} does it for all stores of the DSL by one option.
 *
 * <p>All stores of a process share one off-heap memory budget, see {@link HoltStoreConfig#MEMORY_BYTES_CONFIG}. Each
 * store and task has a database of its own in {@code <task directory>/holt/<store name>}.
 *
 * <p>Durations must be representable in milliseconds and not negative, else an {@link IllegalArgumentException} says
 * which is not.
 */
public final class HoltStores {

    private HoltStores() {}

    /**
     * Supplies persistent key-value stores for {@code Stores.keyValueStoreBuilder}.
     *
     * <p>In the DSL, which keeps a timestamp with each value, use {@link #persistentTimestampedKeyValueStore}: with
     * this one the timestamps are lost, as they are with the built-in store of the same name.
     *
     * @param name the store's name, as the topology knows it
     */
    public static KeyValueBytesStoreSupplier persistentKeyValueStore(String name) {
        return new HoltKeyValueSupplier(name, StoreKind.PLAIN, ProcessDatabases.instance());
    }

    /**
     * Supplies persistent stores of timestamped values, for {@code Stores.timestampedKeyValueStoreBuilder} and for
     * {@code Materialized.as} in the DSL.
     *
     * @param name the store's name, as the topology knows it
     */
    public static KeyValueBytesStoreSupplier persistentTimestampedKeyValueStore(String name) {
        return new HoltKeyValueSupplier(name, StoreKind.TIMESTAMPED, ProcessDatabases.instance());
    }

    /**
     * Supplies persistent stores of timestamped values with the headers of their records, for
     * {@code Stores.timestampedKeyValueStoreWithHeadersBuilder} and for {@code Materialized.as} in the DSL.
     *
     * @param name the store's name, as the topology knows it
     */
    public static KeyValueBytesStoreSupplier persistentTimestampedKeyValueStoreWithHeaders(String name) {
        return new HoltKeyValueSupplier.WithHeaders(name, ProcessDatabases.instance());
    }

    /**
     * Supplies persistent stores of the versions of keys, for {@code Stores.versionedKeyValueStoreBuilder} and for
     * {@code Materialized.as} in the DSL.
     *
     * @param name the store's name, as the topology knows it
     * @param historyRetention how far back versions can be read, and how late a version may come
     */
    public static VersionedBytesStoreSupplier persistentVersionedKeyValueStore(String name, Duration historyRetention) {
        long historyMillis = Durations.millis("historyRetention", historyRetention);
        return versioned(name, historyMillis, HoltVersionedSupplier.defaultBucketMillis(historyMillis));
    }

    /**
     * As {@link #persistentVersionedKeyValueStore(String, Duration)}, with old versions dropped in pieces of a given
     * length.
     *
     * @param segmentInterval the time that is dropped at once, at least 1 ms
     */
    public static VersionedBytesStoreSupplier persistentVersionedKeyValueStore(
            String name, Duration historyRetention, Duration segmentInterval) {
        long historyMillis = Durations.millis("historyRetention", historyRetention);
        long bucketMillis = Durations.millis("segmentInterval", segmentInterval);
        if (bucketMillis < 1) {
            throw new IllegalArgumentException("segmentInterval cannot be zero or negative");
        }
        return versioned(name, historyMillis, bucketMillis);
    }

    private static VersionedBytesStoreSupplier versioned(String name, long historyMillis, long bucketMillis) {
        return new HoltVersionedSupplier(name, historyMillis, bucketMillis, ProcessDatabases.instance());
    }

    /**
     * Supplies persistent window stores for {@code Stores.windowStoreBuilder} and for joins of streams.
     *
     * @param name the store's name, as the topology knows it
     * @param retentionPeriod how far behind the newest window a window may start before it expires; not less than
     *     {@code windowSize}
     * @param windowSize the length of a window
     * @param retainDuplicates whether records of the same key and window are kept beside one another; then null
     *     values are ignored
     */
    public static WindowBytesStoreSupplier persistentWindowStore(
            String name, Duration retentionPeriod, Duration windowSize, boolean retainDuplicates) {
        WindowSettings settings = windows(name, retentionPeriod, windowSize, retainDuplicates);
        return new HoltWindowSupplier(name, StoreKind.WINDOW, settings, ProcessDatabases.instance());
    }

    /**
     * Supplies persistent stores of windows with timestamped values, for {@code Stores.timestampedWindowStoreBuilder}
     * and for {@code Materialized.as} in the DSL. The parameters are those of {@link #persistentWindowStore}.
     */
    public static WindowBytesStoreSupplier persistentTimestampedWindowStore(
            String name, Duration retentionPeriod, Duration windowSize, boolean retainDuplicates) {
        WindowSettings settings = windows(name, retentionPeriod, windowSize, retainDuplicates);
        return new HoltWindowSupplier(name, StoreKind.TIMESTAMPED_WINDOW, settings, ProcessDatabases.instance());
    }

    /**
     * Supplies persistent stores of windows with timestamped values and headers, for
     * {@code Stores.timestampedWindowStoreWithHeadersBuilder} and for {@code Materialized.as} in the DSL. The
     * parameters are those of {@link #persistentWindowStore}.
     */
    public static WindowBytesStoreSupplier persistentTimestampedWindowStoreWithHeaders(
            String name, Duration retentionPeriod, Duration windowSize, boolean retainDuplicates) {
        WindowSettings settings = windows(name, retentionPeriod, windowSize, retainDuplicates);
        return new HoltWindowSupplier.WithHeaders(name, settings, ProcessDatabases.instance());
    }

    private static WindowSettings windows(
            String name, Duration retentionPeriod, Duration windowSize, boolean retainDuplicates) {
        Durations windows = Durations.of(name, retentionPeriod, windowSize);
        return new WindowSettings(
                SegmentSettings.of(windows.retentionMillis()), windows.windowMillis(), retainDuplicates);
    }

    /**
     * Supplies persistent session stores for {@code Stores.sessionStoreBuilder} and for {@code Materialized.as} in
     * the DSL.
     *
     * @param name the store's name, as the topology knows it
     * @param retentionPeriod how far behind the newest session a session may end before it expires
     */
    public static SessionBytesStoreSupplier persistentSessionStore(String name, Duration retentionPeriod) {
        Objects.requireNonNull(name, "name cannot be null");
        SegmentSettings segments = SegmentSettings.of(Durations.millis("retentionPeriod", retentionPeriod));
        return new HoltSessionSupplier(name, StoreKind.SESSION, segments, ProcessDatabases.instance());
    }

    /**
     * As {@link #persistentSessionStore}, for values with the headers of their records, for
     * {@code Stores.sessionStoreWithHeadersBuilder}.
     */
    public static SessionBytesStoreSupplier persistentSessionStoreWithHeaders(String name, Duration retentionPeriod) {
        Objects.requireNonNull(name, "name cannot be null");
        SegmentSettings segments = SegmentSettings.of(Durations.millis("retentionPeriod", retentionPeriod));
        return new HoltSessionSupplier.WithHeaders(name, segments, ProcessDatabases.instance());
    }
}
