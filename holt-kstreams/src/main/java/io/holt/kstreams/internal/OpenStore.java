package io.holt.kstreams.internal;

import io.holt.api.HoltDb;
import io.holt.api.HoltException;
import io.holt.api.HoltTree;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.processor.StateStoreContext;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.processor.internals.ChangelogRecordDeserializationHelper;
import org.apache.kafka.streams.query.Position;
import org.apache.kafka.streams.state.WindowStoreIterator;
import org.apache.kafka.streams.state.internals.StoreQueryUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A store's database while it is open: trees of data, a tree of one {@link CommitRecord}, and the iterators.
 *
 * <p>Invariants: data, offsets and position become durable together, in the database's checkpoint (I4); the committed
 * offsets are never ahead of the data. Under exactly-once, data that no commit settled is never taken for settled.
 *
 * <p>Threads: reads from any thread. Writes, and the making of iterators, hold the monitor of {@link #lock()}, the
 * one that Kafka Streams holds while it runs a query. {@link #commit} and {@link #close} are called by one thread at
 * a time and not during a write.
 */
final class OpenStore {

    private static final Logger LOG = LoggerFactory.getLogger(OpenStore.class);

    private final String name;
    private final StoreLayout layout;
    private final StateStoreContext context;
    private final boolean isTransactional;
    private final StoreDatabases.Lease lease;
    private final HoltDb db;
    private final HoltTree data;
    private final HoltTree side;
    private final Buckets buckets;
    private final Position position;
    private final StoreCounters counters = new StoreCounters();
    private final OpenIterators iterators;

    /** What the newest commit said; immutable. */
    private volatile Map<TopicPartition, Long> offsets;

    /** Whether offsets that come before the first write belong to another engine's files. */
    private boolean foreignOffsets;

    /** The record that was counted last, or null. */
    private RecordMetadata noted;

    /** Whether anything differs from the newest commit. */
    private boolean changed;

    /** Records of the changelog that are not yet written. */
    private final RestoredBatches restored;

    /** Single writes of the processor that are not yet written. There are never both kinds. */
    private final GatheredWrites gathered;

    /** Whether there are writes of the processor, which a transaction may yet abort, after the newest commit. */
    private boolean unsettled;

    /** How a kind of store writes what waited. */
    interface WaitingWriter {
        void write(OpenStore store, WaitingRecords records);
    }

    /**
     * @param last what the newest commit wrote, its layout already that of the store
     * @param changed whether anything differs from that already
     * @param isTransactional whether writes belong to transactions that may be aborted
     * @param foreignOffsets whether offsets that come before the first write belong to another engine's files
     * @param waitingWriter writes records of the changelog that were kept waiting; takes no lock of the store
     */
    OpenStore(
            String name,
            CommitRecord last,
            boolean changed,
            StateStoreContext context,
            boolean isTransactional,
            boolean foreignOffsets,
            StoreDatabases.Lease lease,
            StoreOptions options,
            WaitingWriter waitingWriter) {
        this.name = name;
        this.layout = last.layout();
        this.context = context;
        this.isTransactional = isTransactional;
        this.foreignOffsets = foreignOffsets;
        this.lease = lease;
        this.iterators = new OpenIterators(options.iteratorReadAhead());
        this.db = lease.db();
        this.data = db.tree(StoreTrees.data(layout));
        this.gathered = new GatheredWrites(data);
        String sideName = StoreTrees.side(layout);
        this.side = sideName == null ? null : db.tree(sideName);
        this.buckets = layout.bucketMillis() == 0
                ? null
                : new Buckets(db.tree(StoreTrees.bucketed(layout)), layout.bucketMillis());
        this.position = last.position();
        this.offsets = last.offsets();
        this.changed = changed;
        this.restored = new RestoredBatches(name, this::beginRestored, records -> waitingWriter.write(this, records));
    }

    Position position() {
        return position;
    }

    /** The monitor that writers hold. */
    Object lock() {
        return position;
    }

    HoltDb db() {
        return db;
    }

    HoltTree data() {
        return data;
    }

    /** The tree in order of time, or that of old versions; null if the store has neither. */
    HoltTree side() {
        return side;
    }

    /** Null in a key-value store. */
    Buckets buckets() {
        return buckets;
    }

    StoreCounters counters() {
        return counters;
    }

    int openIterators() {
        return iterators.count();
    }

    /** Must come before the first change of a write. The caller holds the lock. */
    void beginWrite() {
        restored.finish();
        iterators.freezeLive(db);
        changed = true;
        unsettled = isTransactional;
        foreignOffsets = false;
    }

    /**
     * Writes a record of the data tree, or deletes the key if the value is null: now, or a little later together with
     * others. The caller holds the lock, and nothing of the changelog waits.
     */
    void put(byte[] key, byte[] value) {
        beginWrite();
        gathered.add(key, value);
        noteInput();
    }

    /** The value of a key of the data tree, or null. Nothing of the changelog waits. */
    byte[] get(byte[] key) {
        if (gathered.areThere()) {
            synchronized (position) {
                byte[] value = gathered.find(key);
                if (value != GatheredWrites.NOT_HERE) {
                    return value;
                }
            }
        }
        return data.get(key);
    }

    /** Counts the record that is being processed as one that the store reflects. The caller holds the lock. */
    void noteInput() {
        RecordMetadata input = context.recordMetadata().orElse(null);
        if (input == null || isNoted(input)) {
            return;
        }
        StoreQueryUtils.updatePosition(position, context);
        noted = input;
    }

    /** Whether the position has it: a record may change many keys, and positions only grow. */
    private boolean isNoted(RecordMetadata input) {
        RecordMetadata last = noted;
        return last != null
                && last.offset() == input.offset()
                && last.partition() == input.partition()
                && Objects.equals(last.topic(), input.topic());
    }

    /**
     * Takes records of the changelog. They are committed ones, so they leave nothing to settle. Records that are kept
     * waiting are written before the store is read or committed the next time, or when they become many.
     *
     * @param taking writes the records or adds them to those that wait
     * @throws org.apache.kafka.streams.errors.StreamsException if a record lacks its consistency vector; then none of
     *     them is taken
     */
    void restore(
            Collection<ConsumerRecord<byte[], byte[]>> records,
            boolean consistencyEnabled,
            Consumer<WaitingRecords> taking) {
        synchronized (position) {
            gathered.writeAll();
            for (ConsumerRecord<byte[], byte[]> record : records) {
                ChangelogRecordDeserializationHelper.applyChecksAndUpdatePosition(record, consistencyEnabled, position);
            }
            changed = true;
            foreignOffsets = false;
            restored.take(taking);
            counters.restored(records.size());
        }
    }

    /** As {@link #beginWrite}, for records of the changelog. The caller holds the lock. */
    void beginRestoring() {
        restored.finish();
        beginRestored();
    }

    private void beginRestored() {
        iterators.freezeLive(db);
        changed = true;
        foreignOffsets = false;
    }

    /** Whether there are records of the changelog that no read would find. */
    boolean areRestoredWaiting() {
        return restored.areThere();
    }

    /** Whether there are records, of whatever kind, that are not in the trees. */
    boolean isWaiting() {
        return restored.areThere() || gathered.areThere();
    }

    /** Writes the records that wait, if there are any, and returns when all are written. */
    void writeWaiting() {
        synchronized (position) {
            gathered.writeAll();
            restored.writeAll();
        }
    }

    /** Sets a value, or deletes the key if the value is null. The caller holds the lock and has begun a write. */
    static void write(HoltTree tree, byte[] key, byte[] value) {
        if (value == null) {
            tree.delete(key);
        } else {
            tree.put(key, value);
        }
    }

    /** An iterator that shows the store as it is now; once closed, it refuses to go on. */
    <K> HoltIterator<K> iterate(Walk walk, KeyReader<K> reader) {
        HoltIterator<K> iterator = new HoltIterator<>(name, () -> walk, reader, iterators, position, true);
        synchronized (position) {
            writeWaiting();
            iterator.begin();
            iterators.add(iterator);
        }
        return iterator;
    }

    /**
     * An iterator that shows the store as it will be when it is asked for the first record; once closed, it has no
     * more.
     *
     * @param plan what to walk over, or null if there is nothing; asked then
     */
    <K> HoltIterator<K> iterateLater(Supplier<Walk> plan, KeyReader<K> reader) {
        HoltIterator<K> iterator = new HoltIterator<>(name, onceRestored(plan), reader, iterators, position, false);
        iterators.add(iterator);
        return iterator;
    }

    /** As {@link #iterateLater}, over the windows of one key. */
    WindowStoreIterator<byte[]> iterateWindowsLater(Supplier<Walk> plan) {
        HoltWindowIterator iterator = new HoltWindowIterator(name, onceRestored(plan), iterators, position);
        iterators.add(iterator);
        return iterator;
    }

    /** The plan, with what was restored since the iterator was made. */
    private Supplier<Walk> onceRestored(Supplier<Walk> plan) {
        return () -> {
            writeWaiting();
            return plan.get();
        };
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
        writeWaiting();
        Map<TopicPartition, Long> merged = merge(update);
        boolean unsettledBefore;
        synchronized (position) {
            if (!changed && merged.equals(offsets)) {
                return;
            }
            new CommitRecord(layout, false, merged, position).write(db);
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
                try {
                    writeWaiting();
                } finally {
                    if (changed) {
                        new CommitRecord(layout, unsettled, offsets, position).write(db);
                    }
                }
            }
        } finally {
            synchronized (position) {
                gathered.forget();
                restored.forget();
            }
            lease.close();
        }
    }
}
