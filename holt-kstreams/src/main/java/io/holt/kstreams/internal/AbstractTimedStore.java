package io.holt.kstreams.internal;

import io.holt.api.HoltException;
import java.util.Arrays;
import java.util.Collection;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.metrics.Sensor;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What window and session stores have in common: records have a time, lie in buckets of time and expire.
 *
 * <p>Invariants: all records of a bucket are dropped together, when the newest of them has expired; an expired record
 * whose bucket is still there can't be read. So answers are those of the built-in stores, bucket for segment.
 */
abstract class AbstractTimedStore extends AbstractHoltStore {

    private static final Logger LOG = LoggerFactory.getLogger(AbstractTimedStore.class);
    private static final byte[] NOTHING = {};

    private final SegmentSettings segments;
    private final TimedKeyFormat keys;

    /** Null if the context keeps no metrics. */
    private Sensor droppedRecords;

    /** The time of the newest record since the store was opened; written under the write lock. */
    private volatile long streamTime = ConsumerRecord.NO_TIMESTAMP;

    AbstractTimedStore(
            String name, StoreKind kind, SegmentSettings segments, TimedKeyFormat keys, StoreDatabases databases) {
        super(name, segments.layout(kind), databases);
        this.segments = segments;
        this.keys = keys;
    }

    @Override
    final void opened(StateStoreContext context) {
        droppedRecords = StoreMetrics.droppedRecords(context);
        streamTime = ConsumerRecord.NO_TIMESTAMP;
    }

    /**
     * Sets or, if the value is null, deletes a record, unless its bucket has expired.
     *
     * @param key a key of the tree of data whose bucket is yet to be set
     */
    final void putRecord(byte[] key, byte[] value) {
        OpenStore store = openStore();
        long time = keys.time(key);
        try {
            synchronized (store.lock()) {
                advance(time);
                if (isDropped(store.buckets(), time)) {
                    dropped();
                    return;
                }
                store.beginWrite();
                store.noteInput();
                dropExpired(store);
                write(store, key, time, value);
            }
        } catch (HoltException e) {
            throw failure("putting key/value into", e);
        }
    }

    private void dropped() {
        if (segments.isTimeIndexed()) {
            // As the built-in stores that keep keys in order of time do; the others only count.
            LOG.warn("Skipping record for expired segment.");
        }
        if (droppedRecords != null) {
            droppedRecords.record();
        }
    }

    /** Deletes a record if it is there. */
    final void removeRecord(byte[] key) {
        OpenStore store = openStore();
        long time = keys.time(key);
        try {
            synchronized (store.lock()) {
                advance(time);
                if (!isDropped(store.buckets(), time)) {
                    store.beginWrite();
                    write(store, key, time, null);
                }
            }
        } catch (HoltException e) {
            throw failure("removing key from", e);
        }
    }

    /** Reads a record, unless it has expired. */
    final byte[] getRecord(byte[] key) {
        OpenStore store = openStore();
        long time = keys.time(key);
        try {
            if (time < firstLive()) {
                return store.counters().read(null);
            }
            BucketKey.putPrefix(key, store.buckets().of(time));
            return store.counters().read(store.data().get(key));
        } catch (HoltException e) {
            throw failure("getting value for key from", e);
        }
    }

    @Override
    final void restore(
            OpenStore store, Collection<ConsumerRecord<byte[], byte[]>> records, boolean consistencyEnabled) {
        synchronized (store.lock()) {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                advance(keys.time(record.key()));
            }
            store.restore(records, consistencyEnabled, waiting -> {
                for (ConsumerRecord<byte[], byte[]> record : records) {
                    long time = keys.time(record.key());
                    if (!isDropped(store.buckets(), time)) {
                        byte[] key = BucketKey.of(store.buckets().of(time), record.key());
                        waiting.add(key, record.value());
                    }
                }
            });
        }
    }

    /** What expired while it waited is dropped with its bucket. */
    @Override
    final void writeWaiting(OpenStore store, WaitingRecords records) {
        records.writeTo(store.data(), store.db().stats().frames());
        records.forEach(new WaitingRecords.Target() {
            @Override
            public void put(byte[] array, int keyOffset, int keyBytes, int valueOffset, int valueBytes) {
                store.buckets().add(BucketKey.bucket(array, keyOffset));
                index(array, keyOffset, keyBytes, NOTHING);
            }

            @Override
            public void delete(byte[] array, int keyOffset, int keyBytes) {
                index(array, keyOffset, keyBytes, null);
            }

            private void index(byte[] array, int keyOffset, int keyBytes, byte[] value) {
                if (store.side() != null) {
                    byte[] key = Arrays.copyOfRange(array, keyOffset, keyOffset + keyBytes);
                    OpenStore.write(store.side(), keys.toTimes(key), value);
                }
            }
        });
        dropExpired(store);
    }

    private void advance(long time) {
        if (time > streamTime) {
            streamTime = time;
        }
    }

    private boolean isDropped(Buckets buckets, long time) {
        return buckets.of(time) < buckets.of(streamTime - segments.retentionMillis());
    }

    private void dropExpired(OpenStore store) {
        long first = store.buckets().of(streamTime - segments.retentionMillis());
        if (store.buckets().hasBefore(first)) {
            store.buckets().dropBefore(first, store.side());
        }
    }

    private void write(OpenStore store, byte[] key, long time, byte[] value) {
        long bucket = store.buckets().of(time);
        BucketKey.putPrefix(key, bucket);
        if (store.side() != null) {
            OpenStore.write(store.side(), keys.toTimes(key), value == null ? null : NOTHING);
        }
        OpenStore.write(store.data(), key, value);
        if (value != null) {
            store.buckets().add(bucket);
        }
    }

    /** The earliest time that can still be read. */
    final long firstLive() {
        return segments.firstLive(streamTime);
    }
}
