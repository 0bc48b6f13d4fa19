package io.holt.kstreams.internal;

import io.holt.api.HoltClosedException;
import io.holt.api.HoltException;
import io.holt.api.Scan;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.errors.ProcessorStateException;
import org.apache.kafka.streams.processor.StateStore;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.internals.RecordBatchingStateRestoreCallback;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.query.PositionBound;
import org.apache.kafka.streams.query.Query;
import org.apache.kafka.streams.query.QueryConfig;
import org.apache.kafka.streams.query.QueryResult;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.internals.StoreQueryUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A persistent key-value store of bytes. It keeps its own changelog offsets: after a crash it opens as it was at its
 * last commit, with the offsets of that commit.
 *
 * <p>Threads: the thread that runs the task writes, commits and closes; any thread may read meanwhile. An iterator
 * shows the store as it was when the iterator was made.
 */
public class HoltKeyValueStore implements KeyValueStore<Bytes, byte[]> {

    private static final Logger LOG = LoggerFactory.getLogger(HoltKeyValueStore.class);

    private final String name;
    private final StoreKind kind;
    private final StoreDatabases databases;

    /** Null while the store is closed. */
    private volatile OpenStore open;

    private volatile Position position = Position.emptyPosition();
    private volatile StateStoreContext context;

    HoltKeyValueStore(String name, StoreKind kind, StoreDatabases databases) {
        this.name = name;
        this.kind = kind;
        this.databases = databases;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized void init(StateStoreContext stateStoreContext, StateStore root) {
        if (open != null) {
            throw new IllegalStateException("Store " + name + " is already open");
        }
        open = new StoreOpening(name, kind, databases).open(stateStoreContext);
        context = stateStoreContext;
        position = open.position();
        boolean consistencyEnabled = StreamsConfig.InternalConfig.getBoolean(
                stateStoreContext.appConfigs(),
                StreamsConfig.InternalConfig.IQ_CONSISTENCY_OFFSET_VECTOR_ENABLED,
                false);
        stateStoreContext.register(
                root, (RecordBatchingStateRestoreCallback) records -> restore(records, consistencyEnabled));
    }

    private void restore(Collection<ConsumerRecord<byte[], byte[]>> records, boolean consistencyEnabled) {
        OpenStore store = openStore();
        try {
            store.restore(records, consistencyEnabled);
        } catch (HoltException e) {
            throw failure("restoring batch to", e);
        }
    }

    @Override
    public boolean persistent() {
        return true;
    }

    @Override
    public boolean isOpen() {
        return open != null;
    }

    @Override
    @SuppressWarnings("deprecation")
    public boolean managesOffsets() {
        return true;
    }

    /** Makes data, offsets and position durable in one step; does nothing if the store is closed. */
    @Override
    public synchronized void commit(Map<TopicPartition, Long> changelogOffsets) {
        OpenStore store = open;
        if (store != null) {
            try {
                store.commit(changelogOffsets);
            } catch (HoltException e) {
                throw failure("committing", e);
            }
        }
    }

    @Override
    public Long committedOffset(TopicPartition partition) {
        return openStore().committedOffset(partition);
    }

    @Override
    public Position getPosition() {
        return position;
    }

    @Override
    public <R> QueryResult<R> query(Query<R> query, PositionBound positionBound, QueryConfig config) {
        return StoreQueryUtils.handleBasicQueries(query, positionBound, config, this, position, context);
    }

    @Override
    public byte[] get(Bytes key) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openStore();
        try {
            return store.get(key);
        } catch (HoltException e) {
            throw failure("getting value for key from", e);
        }
    }

    @Override
    public void put(Bytes key, byte[] value) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openStore();
        try {
            store.put(key, value);
        } catch (HoltException e) {
            throw failure("putting key/value into", e);
        }
    }

    @Override
    public byte[] putIfAbsent(Bytes key, byte[] value) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openStore();
        try {
            return store.putIfAbsent(key, value);
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
            store.putAll(entries);
        } catch (HoltException e) {
            throw failure("batch writing to", e);
        }
    }

    @Override
    public byte[] delete(Bytes key) {
        Objects.requireNonNull(key, "key cannot be null");
        OpenStore store = openStore();
        try {
            return store.delete(key);
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
            LOG.warn("Returning empty iterator for fetch with invalid key range: from > to."
                    + " This may be due to range arguments set in the wrong order,"
                    + " or serdes that don't preserve ordering when lexicographically comparing the serialized bytes."
                    + " Note that the built-in numerical serdes do not follow this for negative numbers");
            return EmptyIterator.INSTANCE;
        }
        Scan scan = Scan.all();
        if (from != null) {
            scan = scan.from(from.get(), true);
        }
        if (to != null) {
            scan = scan.to(to.get(), true);
        }
        return iterate(scan, reverse);
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
            return store.iterate(reverse ? scan.reversed() : scan);
        } catch (HoltException e) {
            throw failure("iterating over", e);
        }
    }

    /** The exact number of keys. Takes time in proportion to the store's frames of 512 KiB. */
    @Override
    public long approximateNumEntries() {
        OpenStore store = openStore();
        try {
            return store.records();
        } catch (HoltException e) {
            throw failure("counting the keys of", e);
        }
    }

    @Override
    public synchronized void close() {
        OpenStore store = open;
        if (store == null) {
            return;
        }
        open = null;
        try {
            store.close();
        } catch (HoltException e) {
            throw failure("closing", e);
        }
    }

    private OpenStore openStore() {
        OpenStore store = open;
        if (store == null) {
            throw closed(null);
        }
        return store;
    }

    private InvalidStateStoreException closed(Throwable cause) {
        return new InvalidStateStoreException("Store " + name + " is currently closed", cause);
    }

    private RuntimeException failure(String action, HoltException cause) {
        if (cause instanceof HoltClosedException) {
            return closed(cause);
        }
        // The wrapping stores use this message as a format string.
        String reason = String.valueOf(cause.getMessage()).replace("%", "%%");
        return new ProcessorStateException("Error while " + action + " store " + name + ": " + reason, cause);
    }
}
