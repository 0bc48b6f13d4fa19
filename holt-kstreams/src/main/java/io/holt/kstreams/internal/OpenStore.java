package io.holt.kstreams.internal;

import io.holt.api.HoltDb;
import io.holt.api.HoltException;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.internals.ChangelogRecordDeserializationHelper;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.internals.StoreQueryUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store's database while it is open: a tree of data, a tree of one {@link CommitRecord}, and the iterators.
 *
 * <p>Invariants: data, offsets and position become durable together, in the database's checkpoint (I4); the committed
 * offsets are never ahead of the data. Under exactly-once, data that no commit settled is never taken for settled.
 *
 * <p>Threads: reads from any thread. Writes, and the making of iterators, hold the monitor of {@link #position}, the
 * one that Kafka Streams holds while it runs a query. {@link #commit} and {@link #close} are called by one thread at
 * a time and not during a write.
 */
final class OpenStore {

    private static final Logger LOG = LoggerFactory.getLogger(OpenStore.class);

    private static final String DATA_TREE = "data";
    private static final String COMMIT_TREE = "commit";
    private static final byte[] COMMIT_KEY = {};

    private final String name;
    private final StoreKind kind;
    private final StateStoreContext context;
    private final boolean isTransactional;
    private final StoreDatabases.Lease lease;
    private final HoltDb db;
    private final HoltTree data;
    private final HoltTree commits;
    private final Position position;
    private final OpenIterators iterators = new OpenIterators();

    /** What the newest commit said; immutable. */
    private volatile Map<TopicPartition, Long> offsets;

    /** Whether offsets that come before the first write belong to another engine's files. */
    private boolean foreignOffsets;

    /** Whether anything differs from the newest commit. */
    private boolean changed;

    /** Whether there are writes of the processor, which a transaction may yet abort, after the newest commit. */
    private boolean unsettled;

    /**
     * @param record what the newest commit wrote, or null if there was none
     * @param isTransactional whether writes belong to transactions that may be aborted
     * @param foreignOffsets whether offsets that come before the first write belong to another engine's files
     */
    OpenStore(
            String name,
            StoreKind kind,
            StateStoreContext context,
            boolean isTransactional,
            boolean foreignOffsets,
            StoreDatabases.Lease lease,
            CommitRecord record) {
        this.name = name;
        this.kind = kind;
        this.context = context;
        this.isTransactional = isTransactional;
        this.foreignOffsets = foreignOffsets;
        this.lease = lease;
        this.db = lease.db();
        this.data = db.tree(DATA_TREE);
        this.commits = db.tree(COMMIT_TREE);
        CommitRecord last = record == null ? CommitRecord.empty(kind) : record;
        this.position = last.position();
        this.offsets = last.offsets();
        this.changed = record == null;
    }

    /**
     * Reads what the newest commit of a database wrote.
     *
     * @return null if there was none
     * @throws IllegalArgumentException if it can't be read
     */
    static CommitRecord readCommit(HoltDb db) {
        byte[] record = db.tree(COMMIT_TREE).get(COMMIT_KEY);
        return record == null ? null : CommitRecord.decode(record);
    }

    Position position() {
        return position;
    }

    byte[] get(Bytes key) {
        return data.get(key.get());
    }

    void put(Bytes key, byte[] value) {
        synchronized (position) {
            beforeWrite();
            write(key.get(), value);
            StoreQueryUtils.updatePosition(position, context);
        }
    }

    byte[] putIfAbsent(Bytes key, byte[] value) {
        synchronized (position) {
            byte[] present = data.get(key.get());
            if (present == null && value != null) {
                put(key, value);
            }
            return present;
        }
    }

    byte[] delete(Bytes key) {
        synchronized (position) {
            byte[] present = data.get(key.get());
            put(key, null);
            return present;
        }
    }

    void putAll(List<KeyValue<Bytes, byte[]>> entries) {
        synchronized (position) {
            beforeWrite();
            for (KeyValue<Bytes, byte[]> entry : entries) {
                write(entry.key.get(), entry.value);
            }
            StoreQueryUtils.updatePosition(position, context);
        }
    }

    /** Applies records of the changelog. They are committed ones, so they leave nothing to settle. */
    void restore(Collection<ConsumerRecord<byte[], byte[]>> records, boolean consistencyEnabled) {
        synchronized (position) {
            boolean unsettledBefore = unsettled;
            beforeWrite();
            unsettled = unsettledBefore;
            for (ConsumerRecord<byte[], byte[]> record : records) {
                ChangelogRecordDeserializationHelper.applyChecksAndUpdatePosition(record, consistencyEnabled, position);
                write(record.key(), record.value());
            }
        }
    }

    private void beforeWrite() {
        iterators.freezeLive(db);
        changed = true;
        unsettled = isTransactional;
        foreignOffsets = false;
    }

    private void write(byte[] key, byte[] value) {
        if (value == null) {
            data.delete(key);
        } else {
            data.put(key, value);
        }
    }

    HoltIterator iterate(Scan scan) {
        synchronized (position) {
            HoltIterator iterator = new HoltIterator(name, data, scan, iterators);
            iterators.add(iterator);
            return iterator;
        }
    }

    long records() {
        return data.stats().records();
    }

    Long committedOffset(TopicPartition partition) {
        return offsets.get(partition);
    }

    /**
     * Makes data, offsets and position durable in one step, if anything changed since the last time.
     *
     * @param update new offsets; null takes a partition's offset away, the empty map all of them
     */
    void commit(Map<TopicPartition, Long> update) {
        Map<TopicPartition, Long> merged = merge(update);
        boolean unsettledBefore;
        synchronized (position) {
            if (!changed && merged.equals(offsets)) {
                return;
            }
            commits.put(COMMIT_KEY, new CommitRecord(kind, false, merged, position).encode());
            unsettledBefore = unsettled;
            changed = false;
            unsettled = false;
        }
        try {
            db.checkpoint();
        } catch (HoltException e) {
            synchronized (position) {
                changed = true;
                unsettled |= unsettledBefore;
            }
            throw e;
        }
        offsets = merged;
    }

    private Map<TopicPartition, Long> merge(Map<TopicPartition, Long> update) {
        if (update.isEmpty()) {
            return Map.of();
        }
        Map<TopicPartition, Long> merged = new HashMap<>(offsets);
        update.forEach((partition, offset) -> {
            if (offset == null || foreignOffsets) {
                merged.remove(partition);
            } else {
                merged.put(partition, offset);
            }
        });
        if (foreignOffsets) {
            LOG.warn(
                    "Store {} is new and empty, so the offsets {} in an old checkpoint file are those of another"
                            + " engine's data: they are not taken, and the store is restored from its changelog",
                    name,
                    update);
        }
        return Map.copyOf(merged);
    }

    /**
     * Closes the database. Writes after the last commit are kept, with the offsets of that commit, behind which they
     * can't fall; under exactly-once they are marked as unsettled.
     */
    void close() {
        int openIterators = iterators.count();
        if (openIterators != 0) {
            LOG.warn("Closing {} open iterators for store {}", openIterators, name);
            iterators.closeAll();
        }
        try {
            synchronized (position) {
                if (changed) {
                    commits.put(COMMIT_KEY, new CommitRecord(kind, unsettled, offsets, position).encode());
                }
            }
        } finally {
            lease.close();
        }
    }
}
