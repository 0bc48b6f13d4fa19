package io.holt.internal.engine;

import io.holt.api.BulkLoadOrderException;
import io.holt.api.BulkLoader;
import io.holt.api.HoltClosedException;
import io.holt.internal.layout.Leaf;
import io.holt.internal.memory.ByteSearch;
import io.holt.internal.tree.BatchPath;
import io.holt.internal.tree.TreeState;
import io.holt.internal.wal.BatchRecord;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Gathers ascending records into batches, which follow the right edge of the tree. */
final class EngineBulkLoader implements BulkLoader {

    /** Several times the frames that a portion begins and ends in, which are copied. */
    private static final int PORTION_BYTES = 2 << 20;

    private final Engine engine;
    private final LiveTree tree;
    private final Map<Integer, TreeState> trees;
    private final BatchRecord portion = new BatchRecord();
    private byte[] last = new byte[64];
    private int lastBytes = -1;
    private long records;
    private boolean closed;

    EngineBulkLoader(Engine engine, LiveTree tree) {
        this.engine = engine;
        this.tree = tree;
        this.trees = Map.of(tree.tree.treeId(), tree.tree);
    }

    @Override
    public void put(byte[] key, int keyOffset, int keyBytes, byte[] value, int valueOffset, int valueBytes) {
        Objects.checkFromIndexSize(keyOffset, keyBytes, key.length);
        Objects.checkFromIndexSize(valueOffset, valueBytes, value.length);
        LiveTree.checkSizes(keyBytes, valueBytes);
        if (closed) {
            throw new HoltClosedException("bulk load");
        }
        if (lastBytes >= 0 && ByteSearch.compare(last, 0, lastBytes, key, keyOffset, keyBytes) >= 0) {
            throw new BulkLoadOrderException(
                    tree.name(),
                    Arrays.copyOfRange(key, keyOffset, keyOffset + keyBytes),
                    Arrays.copyOf(last, lastBytes),
                    records);
        }
        if (valueBytes > Leaf.MAX_INLINE_VALUE_BYTES) {
            // In value frames of its own: there is nothing to gain from gathering it.
            flush();
            tree.put(key, keyOffset, keyBytes, value, valueOffset, valueBytes);
        } else {
            if (portion.length() + keyBytes + valueBytes > PORTION_BYTES) {
                flush();
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
        remember(key, keyOffset, keyBytes);
        records++;
    }

    private void remember(byte[] key, int offset, int bytes) {
        if (bytes > last.length) {
            last = new byte[Math.max(bytes, 2 * last.length)];
        }
        System.arraycopy(key, offset, last, 0, bytes);
        lastBytes = bytes;
    }

    @Override
    public void flush() {
        if (portion.entries() == 0) {
            return;
        }
        engine.checkOpen();
        new BatchPath(engine.core(), trees).apply(portion, List.of());
        portion.clear();
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
