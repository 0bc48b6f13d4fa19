package io.holt.kstreams.internal;

import io.holt.api.HoltException;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.query.FailureReason;
import org.apache.kafka.streams.query.MultiVersionedKeyQuery;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.query.ResultOrder;
import org.apache.kafka.streams.state.VersionedKeyValueStore;
import org.apache.kafka.streams.state.VersionedRecord;
import org.apache.kafka.streams.state.VersionedRecordIterator;
import org.apache.kafka.streams.state.internals.StoreQueryUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A persistent store of the versions of its keys, as far back as its history goes. */
public final class HoltVersionedStore extends AbstractHoltStore implements VersionedKeyValueStore<Bytes, byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(HoltVersionedStore.class);

    /** How far back versions can be read, and how late a version may come. */
    private final long historyMillis;

    /** Null if the context keeps no metrics. */
    private Sensor droppedRecords;

    /** The timestamp of the newest version since the store was opened; written under the write lock. */
    private volatile long streamTime = ConsumerRecord.NO_TIMESTAMP;

    HoltVersionedStore(String name, long historyMillis, long bucketMillis, StoreDatabases databases) {
        super(name, new StoreLayout(StoreKind.VERSIONED, bucketMillis, false), databases);
        this.historyMillis = historyMillis;
    }

    @Override
    String metricsScope() {
        return HoltKeyValueSupplier.METRICS_SCOPE;
    }

    @Override
    void opened(StateStoreContext context) {
        droppedRecords = StoreMetrics.droppedRecords(context);
        streamTime = ConsumerRecord.NO_TIMESTAMP;
    }

    @Override
    void restore(OpenStore store, Collection<ConsumerRecord<byte[], byte[]>> records, boolean consistencyEnabled) {
        VersionHistory versions = new VersionHistory(store);
        store.restore(records, consistencyEnabled, waiting -> {
            store.beginRestoring();
            for (ConsumerRecord<byte[], byte[]> record : records) {
                // What was too late when it came was not taken then either.
                if (record.timestamp() >= streamTime - historyMillis) {
                    streamTime = Math.max(streamTime, record.timestamp());
                    versions.expire(streamTime - historyMillis);
                    versions.put(record.key(), record.value(), record.timestamp());
                }
            }
        });
    }

    @Override
    void writeWaiting(OpenStore store, WaitingRecords records) {
        throw new IllegalStateException("versions are not kept waiting: their order is that of the changelog");
    }

    @Override
    public long put(Bytes key, byte[] value, long timestamp) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openStore();
        try {
            synchronized (store.lock()) {
                if (isTooLate(timestamp)) {
                    LOG.warn("Skipping record for expired put.");
                    store.noteInput();
                    return PUT_RETURN_CODE_NOT_PUT;
                }
                return put(store, key, value, timestamp);
            }
        } catch (HoltException e) {
            throw failure("putting key/value into", e);
        }
    }

    private boolean isTooLate(long timestamp) {
        boolean tooLate = timestamp < streamTime - historyMillis;
        if (tooLate && droppedRecords != null) {
            droppedRecords.record();
        }
        return tooLate;
    }

    private long put(OpenStore store, Bytes key, byte[] value, long timestamp) {
        VersionHistory versions = new VersionHistory(store);
        store.beginWrite();
        streamTime = Math.max(streamTime, timestamp);
        versions.expire(streamTime - historyMillis);
        long validTo = versions.put(key.get(), value, timestamp);
        store.noteInput();
        return validTo;
    }

    @Override
    public VersionedRecord<byte[]> delete(Bytes key, long timestamp) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openStore();
        try {
            synchronized (store.lock()) {
                if (isTooLate(timestamp)) {
                    LOG.warn("Skipping record for expired delete.");
                    return null;
                }
                VersionedRecord<byte[]> present = new VersionHistory(store).get(key.get(), timestamp);
                put(store, key, null, timestamp);
                return present;
            }
        } catch (HoltException e) {
            throw failure("removing key from", e);
        }
    }

    @Override
    public VersionedRecord<byte[]> get(Bytes key) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openStore();
        return read(store, () -> new VersionHistory(store).get(key.get()));
    }

    @Override
    public VersionedRecord<byte[]> get(Bytes key, long asOfTimestamp) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openStore();
        synchronized (store.lock()) {
            VersionHistory versions = new VersionHistory(store);
            if (asOfTimestamp >= streamTime - historyMillis) {
                return read(store, () -> versions.get(key.get(), asOfTimestamp));
            }
            // The latest version never expires.
            VersionedRecord<byte[]> newest = read(store, () -> versions.latestUpTo(key.get(), asOfTimestamp));
            if (newest == null) {
                LOG.warn("Returning null for expired get.");
            }
            return newest;
        }
    }

    private <T> T read(OpenStore store, Supplier<T> reading) {
        try {
            T found = reading.get();
            store.counters().count(found != null);
            return found;
        } catch (HoltException e) {
            throw failure("getting value for key from", e);
        }
    }

    @Override
    public <R> QueryResult<R> query(Query<R> query, PositionBound positionBound, QueryConfig config) {
        if (query instanceof MultiVersionedKeyQuery<?, ?>) {
            return queryVersions(query, positionBound, config);
        }
        return super.query(query, positionBound, config);
    }

    /** As {@link StoreQueryUtils} does it, which knows no other versioned store than the built-in one. */
    private <R> QueryResult<R> queryVersions(Query<R> query, PositionBound positionBound, QueryConfig config) {
        long started = config.isCollectExecutionInfo() ? System.nanoTime() : -1L;
        QueryResult<R> result;
        synchronized (getPosition()) {
            StateStoreContext opening = context();
            if (opening == null
                    || !StoreQueryUtils.isPermitted(
                            getPosition(), positionBound, opening.taskId().partition())) {
                result = QueryResult.notUpToBound(
                        getPosition(),
                        positionBound,
                        opening == null ? null : opening.taskId().partition());
            } else {
                result = versions(query);
            }
            if (config.isCollectExecutionInfo()) {
                result.addExecutionInfo("Handled in " + getClass() + " in " + (System.nanoTime() - started) + "ns");
            }
            result.setPosition(getPosition().copy());
        }
        return result;
    }

    @SuppressWarnings("unchecked")
    private <R> QueryResult<R> versions(Query<R> query) {
        // The wrapping stores have serialized the key and filled in both times.
        MultiVersionedKeyQuery<Bytes, byte[]> wanted = (MultiVersionedKeyQuery<Bytes, byte[]>) query;
        try {
            VersionedRecordIterator<byte[]> found = get(
                    wanted.key(),
                    wanted.fromTime().orElseThrow().toEpochMilli(),
                    wanted.toTime().orElseThrow().toEpochMilli(),
                    wanted.resultOrder());
            return QueryResult.forResult((R) found);
        } catch (RuntimeException e) {
            return QueryResult.forFailure(
                    FailureReason.STORE_EXCEPTION,
                    e.getClass().getName() + ": " + e.getMessage() + " on query " + query);
        }
    }

    /** The versions of a key that were valid at any moment from one time to another, both included. */
    VersionedRecordIterator<byte[]> get(Bytes key, long fromTime, long toTime, ResultOrder order) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openStore();
        synchronized (store.lock()) {
            List<VersionedRecord<byte[]>> found = read(store, () -> {
                VersionHistory versions = new VersionHistory(store);
                if (toTime < streamTime - historyMillis) {
                    VersionedRecord<byte[]> newest = versions.latestUpTo(key.get(), toTime);
                    return newest == null ? List.of() : List.of(newest);
                }
                return versions.get(key.get(), fromTime, toTime);
            });
            return new VersionIterator(order == ResultOrder.ASCENDING ? found.reversed() : found);
        }
    }
}
