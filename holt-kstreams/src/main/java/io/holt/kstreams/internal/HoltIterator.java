package io.holt.kstreams.internal;

import io.holt.api.Cursor;
import io.holt.api.HoltClosedException;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import java.util.NoSuchElementException;
import org.apache.kafka.common.utils.Bytes;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.errors.InvalidStateStoreException;
import org.apache.kafka.streams.state.KeyValueIterator;

/**
 * Walks over a scan's records as they were when it was made, see {@link OpenIterators}. Threads: one at a time walks;
 * the store's writer may freeze it meanwhile and whoever closes the store may close it, so every method holds the
 * iterator's monitor, which is taken after the store's write lock and never before.
 */
final class HoltIterator implements KeyValueIterator<Bytes, byte[]> {

    private final String storeName;
    private final String treeName;
    private final Scan scan;
    private final OpenIterators registry;

    private Cursor cursor;
    private OpenIterators.SharedSnapshot snapshot;
    private boolean isLive = true;
    private boolean isOpen = true;

    /** The key the cursor is at, or null before the first record. */
    private byte[] reached;

    /** Read and not yet given out. */
    private KeyValue<Bytes, byte[]> next;

    /** The caller holds the store's write lock and adds the iterator to the registry. */
    HoltIterator(String storeName, TreeView tree, Scan scan, OpenIterators registry) {
        this.storeName = storeName;
        this.treeName = tree.name();
        this.scan = scan;
        this.registry = registry;
        this.cursor = tree.scan(scan);
    }

    /** Goes on over the snapshot, if the iterator still walks over the live tree. */
    synchronized void freeze(OpenIterators.SharedSnapshot shared) {
        if (!isLive) {
            return;
        }
        Scan rest = reached == null ? scan : scan.startAfter(reached);
        Cursor frozen = shared.retain().tree(treeName).scan(rest);
        cursor.close();
        cursor = frozen;
        snapshot = shared;
        leaveLiveTree();
    }

    @Override
    public synchronized boolean hasNext() {
        if (!isOpen) {
            throw new InvalidStateStoreException("Holt iterator for store " + storeName + " has closed");
        }
        if (next == null && cursor != null) {
            advance();
        }
        return next != null;
    }

    private void advance() {
        try {
            if (cursor.next()) {
                reached = cursor.key();
                next = new KeyValue<>(Bytes.wrap(reached), cursor.value());
            } else {
                letGo();
            }
        } catch (HoltClosedException e) {
            throw new InvalidStateStoreException("Store " + storeName + " is currently closed", e);
        }
    }

    @Override
    public synchronized KeyValue<Bytes, byte[]> next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no record is left in this iterator of store " + storeName);
        }
        KeyValue<Bytes, byte[]> given = next;
        next = null;
        return given;
    }

    @Override
    public synchronized Bytes peekNextKey() {
        if (!hasNext()) {
            throw new NoSuchElementException("no record is left in this iterator of store " + storeName);
        }
        return next.key;
    }

    @Override
    public synchronized void close() {
        if (!isOpen) {
            return;
        }
        isOpen = false;
        next = null;
        if (cursor != null) {
            letGo();
        }
        registry.remove(this);
    }

    /** Ends the walk: what it held is given back at once, and not only when the caller closes the iterator. */
    private void letGo() {
        cursor.close();
        cursor = null;
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
}
