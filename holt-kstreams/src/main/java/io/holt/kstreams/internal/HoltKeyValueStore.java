package io.holt.kstreams.internal;

import io.holt.api.HoltException;
import io.holt.api.Scan;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A persistent key-value store of bytes. */
public class HoltKeyValueStore extends AbstractHoltStore implements KeyValueStore<Bytes, byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(HoltKeyValueStore.class);

    HoltKeyValueStore(String name, StoreKind kind, StoreDatabases databases) {
        super(name, StoreLayout.keyValue(kind), databases);
    }

    @Override
    String metricsScope() {
        return HoltKeyValueSupplier.METRICS_SCOPE;
    }

    @Override
    void restore(OpenStore store, Collection<ConsumerRecord<byte[], byte[]>> records, boolean consistencyEnabled) {
        store.restore(records, consistencyEnabled, waiting -> {
            for (ConsumerRecord<byte[], byte[]> record : records) {
                waiting.add(record.key(), record.value());
            }
        });
    }

    @Override
    void writeWaiting(OpenStore store, WaitingRecords records) {
        records.writeTo(store.data(), store.db().stats().frames());
    }

    @Override
    public byte[] get(Bytes key) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openRestored();
        try {
            return store.counters().read(store.get(key.get()));
        } catch (HoltException e) {
            throw failure("getting value for key from", e);
        }
    }

    @Override
    public void put(Bytes key, byte[] value) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openRestored();
        try {
            synchronized (store.lock()) {
                store.put(key.get(), value);
            }
        } catch (HoltException e) {
            throw failure("putting key/value into", e);
        }
    }

    private static void put(OpenStore store, Bytes key, byte[] value) {
        store.beginWrite();
        OpenStore.write(store.data(), key.get(), value);
        store.noteInput();
    }

    @Override
    public byte[] putIfAbsent(Bytes key, byte[] value) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openStore();
        try {
            synchronized (store.lock()) {
                byte[] present = store.data().get(key.get());
                if (present == null && value != null) {
                    put(store, key, value);
                }
                return present;
            }
        } catch (HoltException e) {
            throw failure("putting key/value into", e);
        }
    }

    /** Checks all keys before it writes the first record. */
    @Override
    public void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        for (KeyValue<Bytes, byte[]> entry : entries) {
            Objects.requireNonNull(entry.key, "key cannot be null");
        }
        OpenStore store = openStore();
        try {
            synchronized (store.lock()) {
                store.beginWrite();
                for (KeyValue<Bytes, byte[]> entry : entries) {
                    OpenStore.write(store.data(), entry.key.get(), entry.value);
                }
                store.noteInput();
            }
        } catch (HoltException e) {
            throw failure("batch writing to", e);
        }
    }

    @Override
    public byte[] delete(Bytes key) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openStore();
        try {
            synchronized (store.lock()) {
                store.beginWrite();
                byte[] present = store.data().getAndDelete(key.get());
                store.noteInput();
                return present;
            }
        } catch (HoltException e) {
            throw failure("removing key from", e);
        }
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to) {
        return range(from, to, false);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> reverseRange(Bytes from, Bytes to) {
        return range(from, to, true);
    }

    private KeyValueIterator<Bytes, byte[]> range(Bytes from, Bytes to, boolean reverse) {
        if (from != null && to != null && from.compareTo(to) > 0) {
            LOG.warn(INVALID_RANGE_WARNING);
            return new EmptyIterator<>();
        }
        return iterate(Scans.range(from == null ? null : from.get(), to == null ? null : to.get()), reverse);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> all() {
        return iterate(Scan.all(), false);
    }

    @Override
    public KeyValueIterator<Bytes, byte[]> reverseAll() {
        return iterate(Scan.all(), true);
    }

    @Override
    public <PS extends Serializer<P>, P> KeyValueIterator<Bytes, byte[]> prefixScan(P prefix, PS prefixKeySerializer) {
        Objects.requireNonNull(prefix, "prefix cannot be null");
        Objects.requireNonNull(prefixKeySerializer, "prefixKeySerializer cannot be null");
        byte[] prefixBytes = prefixKeySerializer.serialize(null, prefix);
        Objects.requireNonNull(prefixBytes, "the prefix must not be serialized to null");
        return iterate(Scan.prefix(prefixBytes), false);
    }

    private KeyValueIterator<Bytes, byte[]> iterate(Scan scan, boolean reverse) {
        OpenStore store = openStore();
        try {
            return store.iterate(Walk.over(store.data(), reverse ? scan.reversed() : scan), HoltKeyValueStore::readKey);
        } catch (HoltException e) {
            throw failure("iterating over", e);
        }
    }

    private static Bytes readKey(byte[] array, int offset, int length) {
        return Bytes.wrap(Arrays.copyOfRange(array, offset, offset + length));
    }

    /** The exact number of keys. Takes time in proportion to the store's frames of 512 KiB. */
    @Override
    public long approximateNumEntries() {
        OpenStore store = openStore();
        try {
            return store.data().stats().records();
        } catch (HoltException e) {
            throw failure("counting the keys of", e);
        }
    }
}
