package io.holt.kstreams.internal;

import java.util.Objects;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.kstream.Windowed;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.WindowStore;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.apache.kafka.streams.state.internals.WindowKeySchema;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A persistent store of windows. Iterators give records by bucket, then key, then time; those over times of a store
 * that is indexed by time, by time and then key.
 */
public class HoltWindowStore extends AbstractTimedStore implements WindowStore<Bytes, byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(HoltWindowStore.class);
    private static final WindowKeySchema SCHEMA = new WindowKeySchema();

    private final WindowSettings settings;
    private final KeyReader<Windowed<Bytes>> reader;
    private final KeyReader<Windowed<Bytes>> timesReader;

    /** The number of the newest duplicate. As in the changelog, they are counted from 1 after each start. */
    private int sequence;

    HoltWindowStore(String name, StoreKind kind, WindowSettings settings, StoreDatabases databases) {
        super(name, kind, settings.segments(), WindowKey.FORMAT, databases);
        this.settings = settings;
        this.reader = WindowKey.reader(settings.windowMillis());
        this.timesReader = WindowKey.readerOfTimes(settings.windowMillis());
    }

    @Override
    final String metricsScope() {
        return HoltWindowSupplier.METRICS_SCOPE;
    }

    @Override
    public void put(Bytes key, byte[] value, long windowStartTimestamp) {
        Objects.requireNonNull(key, "key cannot be null");
        if (settings.retainsDuplicates()) {
            if (value == null) {
                return;
            }
            sequence = (sequence + 1) & Integer.MAX_VALUE;
        }
        putRecord(WindowKey.of(key.get(), windowStartTimestamp, sequence), value);
    }

    @Override
    public byte[] fetch(Bytes key, long timestamp) {
        Objects.requireNonNull(key, "key cannot be null");
        return getRecord(WindowKey.of(key.get(), timestamp, sequence));
    }

    @Override
    public WindowStoreIterator<byte[]> fetch(Bytes key, long timeFrom, long timeTo) {
        return fetchKey(key, timeFrom, timeTo, false);
    }

    @Override
    public WindowStoreIterator<byte[]> backwardFetch(Bytes key, long timeFrom, long timeTo) {
        return fetchKey(key, timeFrom, timeTo, true);
    }

    private WindowStoreIterator<byte[]> fetchKey(Bytes key, long timeFrom, long timeTo, boolean reverse) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openStore();
        long from = Math.max(timeFrom, firstLive());
        if (timeTo < from) {
            return new EmptyIterator.OfWindows();
        }
        byte[] low = SCHEMA.lowerRangeFixedSize(key, from).get();
        byte[] high = SCHEMA.upperRangeFixedSize(key, timeTo).get();
        RecordFilter filter = WindowKey.filter(key, key, from, timeTo);
        return store.iterateWindowsLater(() -> plan(store, from, timeTo, low, high, reverse, filter));
    }

    private static Walk plan(
            OpenStore store,
            long timeFrom,
            long timeTo,
            byte[] low,
            byte[] high,
            boolean reverse,
            RecordFilter filter) {
        long[] buckets = bucketsOf(store, timeFrom, timeTo);
        return buckets.length == 0
                ? null
                : Walk.over(store.data(), BucketScans.of(buckets, low, high, reverse), filter);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> fetch(Bytes keyFrom, Bytes keyTo, long timeFrom, long timeTo) {
        return fetchKeys(keyFrom, keyTo, timeFrom, timeTo, false);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> backwardFetch(
            Bytes keyFrom, Bytes keyTo, long timeFrom, long timeTo) {
        return fetchKeys(keyFrom, keyTo, timeFrom, timeTo, true);
    }

    private KeyValueIterator<Windowed<Bytes>, byte[]> fetchKeys(
            Bytes keyFrom, Bytes keyTo, long timeFrom, long timeTo, boolean reverse) {
        if (keyFrom != null && keyTo != null && keyFrom.compareTo(keyTo) > 0) {
            LOG.warn(INVALID_RANGE_WARNING);
            return new EmptyIterator<>();
        }
        OpenStore store = openStore();
        long from = Math.max(timeFrom, firstLive());
        if (timeTo < from) {
            return new EmptyIterator<>();
        }
        byte[] low = keyFrom == null ? null : SCHEMA.lowerRange(keyFrom, from).get();
        byte[] high = keyTo == null ? null : SCHEMA.upperRange(keyTo, timeTo).get();
        RecordFilter filter = WindowKey.filter(keyFrom, keyTo, from, timeTo);
        return store.iterateLater(() -> plan(store, from, timeTo, low, high, reverse, filter), reader);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> all() {
        return fetchTimes(0, Long.MAX_VALUE, false);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> backwardAll() {
        return fetchTimes(0, Long.MAX_VALUE, true);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> fetchAll(long timeFrom, long timeTo) {
        return fetchTimes(timeFrom, timeTo, false);
    }

    @Override
    public KeyValueIterator<Windowed<Bytes>, byte[]> backwardFetchAll(long timeFrom, long timeTo) {
        return fetchTimes(timeFrom, timeTo, true);
    }

    private KeyValueIterator<Windowed<Bytes>, byte[]> fetchTimes(long timeFrom, long timeTo, boolean reverse) {
        OpenStore store = openStore();
        long from = Math.max(timeFrom, firstLive());
        if (timeTo < Math.max(from, 0)) {
            return new EmptyIterator<>();
        }
        if (store.side() == null) {
            RecordFilter filter = WindowKey.filter(null, null, from, timeTo);
            return store.iterateLater(() -> plan(store, from, timeTo, null, null, reverse, filter), reader);
        }
        return store.iterateLater(
                () -> {
                    long[] buckets = bucketsOf(store, from, timeTo);
                    return buckets.length == 0
                            ? null
                            : Walk.overIndex(
                                    store.side(),
                                    BucketScans.ofTimes(buckets, from, timeTo, reverse),
                                    store.data(),
                                    WindowKey::fromTimes);
                },
                timesReader);
    }

    private static long[] bucketsOf(OpenStore store, long from, long to) {
        return store.buckets().between(store.buckets().of(from), store.buckets().of(to));
    }
}
