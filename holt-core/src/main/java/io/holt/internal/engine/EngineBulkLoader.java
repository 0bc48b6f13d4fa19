package io.holt.internal.engine;

import io.holt.api.BulkLoadOrderException;
import io.holt.api.BulkLoader;
import io.holt.api.HoltClosedException;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.tree.BatchPath;
import io.holt.internal.tree.SortedLoad;
import io.holt.internal.tree.TreeState;
import io.holt.internal.wal.BatchRecord;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;

/** Gathers ascending records into batches, of which {@link SortedLoad} makes whole frames. */
final class EngineBulkLoader implements BulkLoader {

    /** Several times the frames that a portion begins and ends in, which are copied or put together once more. */
    private static final int MAX_PORTION_BYTES = 4 << 20;

    /** The frames of a portion are leased together: no more than this part of the budget. */
    private static final int BUDGET_PART = 8;

    private final Engine engine;
    private final LiveTree tree;
    private final Map<Integer, TreeState> trees;
    private final BatchRecord portion = new BatchRecord();
    private final SortedLoad load = new SortedLoad();
    private final int portionBytes;

    /** Key of the last record that is in the tree. */
    private byte[] last = {};

    private long records;
    private boolean closed;

    EngineBulkLoader(Engine engine, LiveTree tree) {
        this.engine = engine;
        this.tree = tree;
        this.trees = Map.of(tree.tree.treeId(), tree.tree);
        long budget = engine.core().buffers().pool().capacityBytes();
        this.portionBytes = (int) Math.min(MAX_PORTION_BYTES, budget / BUDGET_PART);
    }

    @Override
    public void put(byte[] key, int keyOffset, int keyBytes, byte[] value, int valueOffset, int valueBytes) {
        Objects.checkFromIndexSize(keyOffset, keyBytes, key.length);
        Objects.checkFromIndexSize(valueOffset, valueBytes, value.length);
        LiveTree.checkSizes(keyBytes, valueBytes);
        if (closed) {
            throw new HoltClosedException("bulk load");
        }
        if (records > 0 && compareToLast(key, keyOffset, keyBytes) <= 0) {
            keepLast();
            throw new BulkLoadOrderException(
                    tree.name(), Arrays.copyOfRange(key, keyOffset, keyOffset + keyBytes), last, records);
        }
        if (valueBytes > Leaf.MAX_INLINE_VALUE_BYTES) {
            // In value frames of its own: there is nothing to gain from gathering it.
            flush();
            tree.put(key, keyOffset, keyBytes, value, valueOffset, valueBytes);
            last = Arrays.copyOfRange(key, keyOffset, keyOffset + keyBytes);
        } else {
            if (portion.length() + keyBytes + valueBytes > portionBytes) {
                makeRoom();
            }
            portion.add(
                    BatchRecord.PUT,
                    false,
                    tree.tree.treeId(),
                    key,
                    keyOffset,
                    keyBytes,
                    value,
                    valueOffset,
                    valueBytes);
        }
        records++;
    }

    /** Order of a key against the one taken before it, which is the last of the portion if that is not empty. */
    private int compareToLast(byte[] key, int offset, int bytes) {
        if (portion.entries() == 0) {
            return ByteSearch.compare(key, offset, bytes, last, 0, last.length);
        }
        int entry = portion.last();
        return ByteSearch.compare(
                key, offset, bytes, portion.array(), portion.keyOffset(entry), portion.keyBytes(entry));
    }

    /** Before the portion is emptied. */
    private void keepLast() {
        if (portion.entries() > 0) {
            last = portion.copyOfKey(portion.last());
        }
    }

    @Override
    public void flush() {
        if (portion.entries() > 0) {
            put(false);
        }
    }

    /** The end of a portion, of which frames can be made together with what follows, stays for the next one. */
    private void makeRoom() {
        if (portion.entries() > 0) {
            put(true);
        }
        if (portion.length() > portionBytes / 2) {
            flush();
        }
    }

    private void put(boolean more) {
        engine.checkOpen();
        new BatchPath(engine.core(), trees).load(portion, load.followed(more));
        if (load.taken() < portion.entries()) {
            portion.removeBefore(load.takenTo(), load.taken());
        } else {
            keepLast();
            portion.clear();
        }
    }

    @Override
    public long records() {
        return records;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            flush();
        }
    }
}
