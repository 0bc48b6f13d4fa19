package io.holt.internal.engine;

import io.holt.api.BulkLoader;
import io.holt.api.HoltTree;
import io.holt.api.KeyTooLongException;
import io.holt.api.RenameResult;
import io.holt.api.TreeStats;
import io.holt.api.ValueTooLargeException;
import io.holt.internal.tree.TreeAccess;
import io.holt.internal.tree.TreeState;
import io.holt.internal.tree.TreeWriter;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** A handle to a live tree: checks what is given, then reads or writes. */
final class LiveTree extends FrozenTree implements HoltTree {

    private final TreeWriter writer;

    /** Whether this is a tree of a database. */
    boolean isOf(Engine database) {
        return engine == database;
    }

    LiveTree(Engine engine, TreeState tree) {
        super(engine, tree, null);
        this.writer = TreeAccess.writer(core, tree);
    }

    @Override
    public void put(byte[] key, int keyOffset, int keyBytes, byte[] value, int valueOffset, int valueBytes) {
        Objects.checkFromIndexSize(keyOffset, keyBytes, key.length);
        Objects.checkFromIndexSize(valueOffset, valueBytes, value.length);
        checkSizes(keyBytes, valueBytes);
        checkOpen();
        writer.put(key, keyOffset, keyBytes, value, valueOffset, valueBytes, false);
    }

    @Override
    public void put(MemorySegment key, MemorySegment value) {
        checkSizes(key.byteSize(), value.byteSize());
        checkOpen();
        KeyScratch scratch = KeyScratch.of(key);
        checkReadable(value);
        writer.put(scratch.array(), 0, scratch.length(), value);
    }

    @Override
    public boolean delete(byte[] key, int keyOffset, int keyBytes) {
        Objects.checkFromIndexSize(keyOffset, keyBytes, key.length);
        checkSizes(keyBytes, 0);
        checkOpen();
        return writer.delete(key, keyOffset, keyBytes);
    }

    @Override
    public byte[] getAndDelete(byte[] key) {
        checkSizes(key.length, 0);
        checkOpen();
        return writer.getAndDelete(key);
    }

    @Override
    public boolean putIfAbsent(byte[] key, byte[] value) {
        checkSizes(key.length, value.length);
        checkOpen();
        return writer.put(key, 0, key.length, value, 0, value.length, true);
    }

    @Override
    public int putAllIfAbsent(byte[][] keys, byte[][] values, boolean[] written) {
        if (keys.length != values.length || keys.length != written.length) {
            throw new IllegalArgumentException("there are " + keys.length + " keys, " + values.length + " values and "
                    + written.length + " places for answers; nothing was changed");
        }
        for (int i = 0; i < keys.length; i++) {
            checkSizes(keys[i].length, values[i].length);
        }
        checkOpen();
        return writer.putAllIfAbsent(keys, values, written);
    }

    @Override
    public void putMany(byte[][] keys, byte[][] values, int count) {
        Objects.checkFromIndexSize(0, count, keys.length);
        Objects.checkFromIndexSize(0, count, values.length);
        for (int i = 0; i < count; i++) {
            checkSizes(keys[i].length, values[i] == null ? 0 : values[i].length);
        }
        checkOpen();
        writer.putMany(keys, values, count);
    }

    @Override
    public long putVersioned(byte[] key, byte[] value) {
        checkSizes(key.length, value.length);
        checkOpen();
        return writer.putVersioned(key, value);
    }

    @Override
    public long compareAndPut(byte[] key, long expectedVersion, byte[] value) {
        checkSizes(key.length, value.length);
        checkOpen();
        return expectedVersion < ABSENT ? NO_VERSION : writer.compareAndPut(key, expectedVersion, value);
    }

    @Override
    public boolean deleteIfVersion(byte[] key, long expectedVersion) {
        checkSizes(key.length, 0);
        checkOpen();
        return expectedVersion > ABSENT && writer.deleteIfVersion(key, expectedVersion);
    }

    @Override
    public RenameResult rename(byte[] from, byte[] to, boolean force) {
        checkSizes(from.length, 0);
        checkSizes(to.length, 0);
        checkOpen();
        return writer.rename(from, to, force, NO_VERSION);
    }

    @Override
    public BulkLoader bulkLoad() {
        checkOpen();
        return new EngineBulkLoader(engine, this);
    }

    @Override
    public boolean deletePrefix(byte[] prefix) {
        checkOpen();
        return prefix.length <= MAX_KEY_BYTES && writer.deletePrefix(prefix);
    }

    @Override
    public TreeStats stats() {
        checkOpen();
        return TreeAccess.stats(core, tree);
    }

    /** A segment that is closed, or another thread's, must be refused before the tree is changed. */
    private static void checkReadable(MemorySegment value) {
        if (!value.scope().isAlive()) {
            throw new IllegalStateException("the segment of the value is closed; nothing was changed");
        }
        if (!value.isAccessibleBy(Thread.currentThread())) {
            throw new WrongThreadException("the segment of the value belongs to another thread; nothing was changed");
        }
    }

    static void checkSizes(long keyBytes, long valueBytes) {
        if (keyBytes > MAX_KEY_BYTES) {
            throw new KeyTooLongException(keyBytes);
        }
        if (valueBytes > MAX_VALUE_BYTES) {
            throw new ValueTooLargeException(valueBytes);
        }
    }
}
