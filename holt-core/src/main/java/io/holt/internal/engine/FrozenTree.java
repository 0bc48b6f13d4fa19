package io.holt.internal.engine;

import io.holt.api.Cursor;
import io.holt.api.HoltClosedException;
import io.holt.api.RecordVisitor;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.tree.TreeAccess;
import io.holt.internal.tree.TreeCore;
import io.holt.internal.tree.TreeReader;
import io.holt.internal.tree.TreeState;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** The reading verbs: on the present if there is no snapshot, else on that. */
class FrozenTree implements TreeView {

    final TreeCore core;
    final TreeState tree;
    final Engine engine;
    private final SnapshotHandle handle;
    private final TreeReader reader;

    FrozenTree(Engine engine, TreeState tree, SnapshotHandle handle) {
        this.engine = engine;
        this.core = engine.core();
        this.tree = tree;
        this.handle = handle;
        this.reader = TreeAccess.reader(core, tree, handle);
    }

    @Override
    public String name() {
        return tree.name();
    }

    @Override
    public byte[] get(byte[] key, int keyOffset, int keyBytes) {
        Objects.checkFromIndexSize(keyOffset, keyBytes, key.length);
        checkOpen();
        return reader.get(key, keyOffset, keyBytes);
    }

    @Override
    public int get(byte[] key, int keyOffset, int keyBytes, byte[] target, int targetOffset) {
        Objects.checkFromIndexSize(keyOffset, keyBytes, key.length);
        Objects.checkFromIndexSize(targetOffset, 0, target.length);
        checkOpen();
        return reader.get(key, keyOffset, keyBytes, target, targetOffset);
    }

    @Override
    public int get(MemorySegment key, MemorySegment target) {
        checkOpen();
        if (key.byteSize() > MAX_KEY_BYTES) {
            return ABSENT;
        }
        KeyScratch scratch = KeyScratch.of(key);
        return reader.get(scratch.array(), 0, scratch.length(), target);
    }

    @Override
    public boolean containsKey(byte[] key, int keyOffset, int keyBytes) {
        Objects.checkFromIndexSize(keyOffset, keyBytes, key.length);
        checkOpen();
        return reader.contains(key, keyOffset, keyBytes);
    }

    @Override
    public long version(byte[] key) {
        checkOpen();
        return reader.version(key, 0, key.length);
    }

    @Override
    public void getMany(byte[][] keys, int count, byte[][] targets, int[] lengths) {
        Objects.checkFromIndexSize(0, count, keys.length);
        Objects.checkFromIndexSize(0, count, targets.length);
        Objects.checkFromIndexSize(0, count, lengths.length);
        checkOpen();
        reader.getMany(keys, count, targets, lengths);
    }

    @Override
    public int longestPrefix(byte[] bytes) {
        checkOpen();
        return reader.longestPrefix(bytes);
    }

    @Override
    public long visit(Scan scan, RecordVisitor visitor) {
        Objects.requireNonNull(visitor, "visitor");
        checkOpen();
        return reader.visit(scan, visitor);
    }

    @Override
    public long visitMany(byte[][] prefixes, int count, int most, RecordVisitor visitor, int[] counts) {
        Objects.checkFromIndexSize(0, count, prefixes.length);
        Objects.checkFromIndexSize(0, count, counts.length);
        Objects.requireNonNull(visitor, "visitor");
        if (most < 1) {
            throw new IllegalArgumentException("of each prefix 1 record or more is wanted, not " + most);
        }
        checkOpen();
        return reader.visitMany(prefixes, count, most, visitor, counts);
    }

    @Override
    public boolean isPrefixEmpty(byte[] prefix) {
        return prefixCount(prefix, 1) == 0;
    }

    @Override
    public long prefixCount(byte[] prefix, long limit) {
        return visit(
                Scan.prefix(prefix).keysOnly().limit(limit),
                (keys, keyOffset, keyBytes, values, valueOffset, valueBytes) -> true);
    }

    @Override
    public Cursor scan(Scan scan) {
        Objects.requireNonNull(scan, "scan");
        checkOpen();
        return TreeAccess.cursor(core, tree, handle, scan);
    }

    final void checkOpen() {
        if (handle != null && handle.isClosed()) {
            throw new HoltClosedException("snapshot");
        }
        engine.checkOpen();
    }
}
