package io.holt.kstreams.internal;

import io.holt.api.CorruptDataException;
import io.holt.api.HoltClosedException;
import io.holt.api.HoltException;
import io.holt.api.MemoryBudgetException;
import io.holt.api.StoreFormatException;
import io.holt.kstreams.HoltStoreConfig;
import java.util.Collection;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
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
import org.apache.kafka.streams.state.internals.StoreQueryUtils;

/**
 * What all persistent stores of bytes have in common. A store keeps its own changelog offsets: after a crash it opens
 * as it was at its last commit, with the offsets of that commit.
 *
 * <p>Threads: the thread that runs the task writes, commits and closes; any thread may read meanwhile. An iterator
 * shows the store as it was when the iterator was made.
 */
abstract class AbstractHoltStore implements StateStore {

    /** What the built-in stores warn of when a range ends before it begins. */
    static final String INVALID_RANGE_WARNING = "Returning empty iterator for fetch with invalid key range: from > to."
            + " This may be due to range arguments set in the wrong order,"
            + " or serdes that don't preserve ordering when lexicographically comparing the serialized bytes."
            + " Note that the built-in numerical serdes do not follow this for negative numbers";

    private final String name;
    private final StoreLayout layout;
    private final StoreDatabases databases;

    /** Null while the store is closed. */
    private volatile OpenStore open;

    private volatile Position position = Position.emptyPosition();
    private volatile StateStoreContext context;

    AbstractHoltStore(String name, StoreLayout layout, StoreDatabases databases) {
        this.name = name;
        this.layout = layout;
        this.databases = databases;
    }

    @Override
    public final String name() {
        return name;
    }

    @Override
    public final synchronized void init(StateStoreContext stateStoreContext, StateStore root) {
        if (open != null) {
            throw new IllegalStateException("Store " + name + " is already open");
        }
        OpenStore store = new StoreOpening(name, layout, databases).open(stateStoreContext, this::writeWaiting);
        context = stateStoreContext;
        position = store.position();
        open = store;
        opened(stateStoreContext);
        StoreMetrics.register(stateStoreContext, metricsScope(), name, this::openOrNull);
        boolean consistencyEnabled = StreamsConfig.InternalConfig.getBoolean(
                stateStoreContext.appConfigs(),
                StreamsConfig.InternalConfig.IQ_CONSISTENCY_OFFSET_VECTOR_ENABLED,
                false);
        stateStoreContext.register(
                root, (RecordBatchingStateRestoreCallback) records -> restore(records, consistencyEnabled));
    }

    /** Called when the store was opened, before anything is written or restored. */
    void opened(StateStoreContext stateStoreContext) {}

    /** The word that stands for the engine and kind of store in the names of metrics. */
    abstract String metricsScope();

    /** Writes records of the changelog that were kept waiting. A write has begun. */
    abstract void writeWaiting(OpenStore store, WaitingRecords records);

    /** Takes a batch of the changelog by {@link OpenStore#restore}. */
    abstract void restore(
            OpenStore store, Collection<ConsumerRecord<byte[], byte[]>> records, boolean consistencyEnabled);

    private void restore(Collection<ConsumerRecord<byte[], byte[]>> records, boolean consistencyEnabled) {
        OpenStore store = opened();
        try {
            restore(store, records, consistencyEnabled);
        } catch (HoltException e) {
            throw failure("restoring batch to", e);
        }
    }

    @Override
    public final boolean persistent() {
        return true;
    }

    @Override
    public final boolean isOpen() {
        return open != null;
    }

    @Override
    @SuppressWarnings("deprecation")
    public final boolean managesOffsets() {
        return true;
    }

    /** Makes data, offsets and position durable in one step; does nothing if the store is closed. */
    @Override
    public final synchronized void commit(Map<TopicPartition, Long> changelogOffsets) {
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
    public final Long committedOffset(TopicPartition partition) {
        return opened().committedOffset(partition);
    }

    @Override
    public final Position getPosition() {
        return position;
    }

    @Override
    public <R> QueryResult<R> query(Query<R> query, PositionBound positionBound, QueryConfig config) {
        return StoreQueryUtils.handleBasicQueries(query, positionBound, config, this, position, context);
    }

    @Override
    public final synchronized void close() {
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

    /** The context the store was opened with, or null. */
    final StateStoreContext context() {
        return context;
    }

    private OpenStore openOrNull() {
        return open;
    }

    /**
     * The open database, with all records of the changelog that were restored in its trees.
     *
     * @throws InvalidStateStoreException if the store is closed
     */
    final OpenStore openRestored() {
        OpenStore store = opened();
        if (store.areRestoredWaiting()) {
            writeWaiting(store);
        }
        return store;
    }

    /** As {@link #openRestored}, with all that was written in its trees too. */
    final OpenStore openStore() {
        OpenStore store = opened();
        if (store.isWaiting()) {
            writeWaiting(store);
        }
        return store;
    }

    private void writeWaiting(OpenStore store) {
        try {
            store.writeWaiting();
        } catch (HoltException e) {
            throw failure("writing to", e);
        }
    }

    private OpenStore opened() {
        OpenStore store = open;
        if (store == null) {
            throw closed(name, null);
        }
        return store;
    }

    private static InvalidStateStoreException closed(String name, Throwable cause) {
        return new InvalidStateStoreException("Store " + name + " is currently closed", cause);
    }

    /** What Kafka Streams expects of a store that could not do something. */
    final RuntimeException failure(String action, HoltException cause) {
        return failure(name, action, cause);
    }

    static RuntimeException failure(String name, String action, HoltException cause) {
        if (cause instanceof HoltClosedException) {
            return closed(name, cause);
        }
        // The wrapping stores use this message as a format string.
        String reason = String.valueOf(cause.getMessage()).replace("%", "%%");
        return new ProcessorStateException(
                "Error while " + action + " store " + name + ": " + reason + remedy(cause), cause);
    }

    /** What to do in an application; the engine's own message is for programs that open databases and have backups. */
    static String remedy(Exception cause) {
        if (cause instanceof MemoryBudgetException) {
            return "; all Holt stores of the process share this memory, of which " + HoltStoreConfig.MEMORY_BYTES_CONFIG
                    + " can be more";
        }
        if (cause instanceof CorruptDataException || cause instanceof StoreFormatException) {
            return "; or delete the store's directory to have the store rebuilt from its changelog";
        }
        return "";
    }
}
