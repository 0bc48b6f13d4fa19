package io.holt.kstreams.internal;

import io.holt.api.Cursor;
import io.holt.api.HoltException;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * Walks over a store's records as they were when it began, see {@link OpenIterators}. Those of key-value stores begin
 * when they are made; those of window and session stores when they are asked for the first record, as the iterators of
 * the built-in stores do.
 *
 * <p>Records are read ahead, one at first and then more: what the tree was when the walk began it is until a writer
 * freezes the iterator, so they are those of that moment.
 *
 * <p>Threads: one at a time walks; the store's writer may freeze it meanwhile and whoever closes the store may close
 * it, so what they share with the walker is under the iterator's monitor, which is taken after the store's write lock
 * and never before.
 *
 * @param <K> what the keys are
 */
class HoltIterator<K> implements KeyValueIterator<K, byte[]> {

    private static final int FIRST_AHEAD = 16;
    private static final int AHEAD_BYTES_MAX = 64 * 1024;
    private static final AtomicInteger MADE = new AtomicInteger();

    /** In place of the identity's, which costs more to find out than all else of a short walk. */
    private final int hash = MADE.getAndIncrement() * 0x9E3779B9;

    private final String storeName;
    private final KeyReader<K> reader;
    private final OpenIterators registry;
    private final Object storeLock;
    private final boolean refusesWhenClosed;

    /** What to walk over, until the walk begins. */
    private volatile Supplier<Walk> plan;

    private Walk walk;

    /** The tree that is walked over, live or of a snapshot, and the scan that the cursor is of. */
    private TreeView source;

    private int scanIndex;
    private Scan scan;

    /** Null before a scan is opened, and when there is nothing more. */
    private Cursor cursor;

    /** Whether the next scans are to be read together, which is tried while each turns out to have few records. */
    private boolean isTogether;

    private boolean isEnded;
    private TreeView values;
    private OpenIterators.SharedSnapshot snapshot;
    private boolean isLive;
    private volatile boolean isOpen = true;
    private boolean isAtRecord;

    /** Read and not yet given out: from {@link #given} to {@link #read}. For the walker only. */
    private Object[] ahead;

    private int given;
    private int read;
    private int wanted = 1;
    private int bytesAhead;

    /**
     * Makes an iterator that has not yet begun.
     *
     * @param plan what to walk over, asked once, under the store's write lock; null if there is nothing
     * @param refusesWhenClosed whether, once closed, it throws when it is asked for more, or has no more
     */
    HoltIterator(
            String storeName,
            Supplier<Walk> plan,
            KeyReader<K> reader,
            OpenIterators registry,
            Object storeLock,
            boolean refusesWhenClosed) {
        this.storeName = storeName;
        this.plan = plan;
        this.reader = reader;
        this.registry = registry;
        this.storeLock = storeLock;
        this.refusesWhenClosed = refusesWhenClosed;
        this.ahead = new Object[Math.min(FIRST_AHEAD, registry.readAhead())];
    }

    /** Fixes the moment that the iterator shows. Does nothing if it has begun. The caller holds the write lock. */
    final synchronized void begin() {
        Supplier<Walk> pending = plan;
        if (pending == null || !isOpen) {
            return;
        }
        walk = pending.get();
        isEnded = walk == null;
        if (!isEnded) {
            values = walk.values();
            source = walk.tree();
            isTogether = values == null && registry.readAhead() >= FIRST_AHEAD;
            goTo(0);
        }
        if (!isEnded) {
            isLive = true;
            registry.enteredLiveTree();
        }
        plan = null;
    }

    /** Goes on over the snapshot, if the iterator still walks over the live tree. */
    final synchronized void freeze(OpenIterators.SharedSnapshot shared) {
        if (!isLive) {
            return;
        }
        TreeView there = shared.retain().tree(walk.tree().name());
        if (cursor != null) {
            Cursor frozen = frozen(there, shared);
            cursor.close();
            cursor = frozen;
            isAtRecord = false;
        }
        source = there;
        if (values != null) {
            values = shared.snapshot().tree(values.name());
        }
        snapshot = shared;
        leaveLiveTree();
    }

    private Cursor frozen(TreeView there, OpenIterators.SharedSnapshot shared) {
        try {
            return there.scan(isAtRecord ? scan.startAfter(cursor.key()) : scan);
        } catch (RuntimeException e) {
            shared.release();
            throw e;
        }
    }

    /** Goes on with the scan of this number: reads it and those behind it together, or opens it. */
    private void goTo(int index) {
        scanIndex = index;
        cursor = null;
        isAtRecord = false;
        if (isTogether) {
            readTogether();
        }
        if (scanIndex == walk.scans().count()) {
            letGo();
        } else if (!isTogether) {
            scan = walk.scan(scanIndex);
            cursor = source.scan(scan);
        }
    }

    /** Reads scans as long as they have few records; one that has many is walked over. */
    private void readTogether() {
        byte[][] prefixes = walk.scans().prefixes(scanIndex);
        isTogether = prefixes != null;
        if (isTogether) {
            FewRecords few = new FewRecords(walk.scans(), walk.filter(), reader);
            int whole = few.read(source, prefixes);
            ahead = few.addTo(ahead, read);
            read += few.count();
            scanIndex += whole;
            isTogether = whole == prefixes.length;
        }
    }

    @Override
    public final boolean hasNext() {
        if (given < read && isOpen) {
            return true;
        }
        if (plan != null) {
            beginNow();
            if (given < read && isOpen) {
                return true;
            }
        }
        return readAhead();
    }

    private void beginNow() {
        try {
            synchronized (storeLock) {
                begin();
            }
        } catch (HoltException e) {
            throw failure(e);
        }
    }

    private RuntimeException failure(HoltException cause) {
        return AbstractHoltStore.failure(storeName, "iterating over", cause);
    }

    private synchronized boolean readAhead() {
        if (!isOpen) {
            if (refusesWhenClosed) {
                throw new InvalidStateStoreException("Holt iterator for store " + storeName + " has closed");
            }
            return false;
        }
        given = 0;
        read = 0;
        bytesAhead = 0;
        if (ahead.length < wanted) {
            ahead = new Object[registry.readAhead()];
        }
        try {
            while (!isEnded && read < wanted && bytesAhead < AHEAD_BYTES_MAX) {
                advance();
            }
        } catch (HoltException e) {
            throw failure(e);
        }
        wanted = Math.min(2 * wanted, registry.readAhead());
        return read > 0;
    }

    /** Reads one record more, or scans together, or ends the walk. */
    private void advance() {
        if (cursor == null) {
            goTo(scanIndex);
            return;
        }
        RecordFilter filter = walk.filter();
        do {
            while (cursor.next()) {
                isAtRecord = true;
                byte[] array = cursor.keyArray();
                int offset = cursor.keyOffset();
                int length = cursor.keyLength();
                if (filter == null || filter.accepts(array, offset, length)) {
                    byte[] value = value(array, offset, length);
                    if (value == null) {
                        // In an index only: of a put that failed half-way.
                        continue;
                    }
                    ahead[read++] = new KeyValue<>(reader.read(array, offset, length), value);
                    bytesAhead += value.length;
                    return;
                }
            }
            cursor.close();
            goTo(scanIndex + 1);
        } while (!isEnded);
    }

    private byte[] value(byte[] array, int offset, int length) {
        return values == null ? cursor.value() : values.get(walk.valueKey().read(array, offset, length));
    }

    @Override
    public final KeyValue<K, byte[]> next() {
        KeyValue<K, byte[]> record = peek();
        ahead[given++] = null;
        return record;
    }

    @Override
    public final K peekNextKey() {
        return peek().key;
    }

    @SuppressWarnings("unchecked")
    private KeyValue<K, byte[]> peek() {
        if (!hasNext()) {
            throw new NoSuchElementException("no record is left in this iterator of store " + storeName);
        }
        return (KeyValue<K, byte[]>) ahead[given];
    }

    @Override
    public final synchronized void close() {
        if (!isOpen) {
            return;
        }
        isOpen = false;
        if (walk != null && !isEnded) {
            letGo();
        }
        registry.remove(this);
    }

    /** Ends the walk: what it held is given back at once, and not only when the caller closes the iterator. */
    private void letGo() {
        isEnded = true;
        if (cursor != null) {
            cursor.close();
            cursor = null;
        }
        source = null;
        if (snapshot != null) {
            snapshot.release();
            snapshot = null;
        }
        leaveLiveTree();
    }

    private void leaveLiveTree() {
        if (isLive) {
            isLive = false;
            registry.leftLiveTree();
        }
    }

    @Override
    public final int hashCode() {
        return hash;
    }

    /** Each iterator is its own. */
    @Override
    public final boolean equals(Object other) {
        return this == other;
    }
}
