package io.holt.testkit;

import io.holt.api.BulkLoadOrderException;
import io.holt.api.BulkLoader;
import io.holt.api.HoltTree;
import io.holt.api.KeyTooLongException;
import io.holt.api.RenameResult;
import io.holt.api.TreeStats;
import io.holt.api.TreeView;
import io.holt.api.ValueTooLargeException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.LongSupplier;

/** A live tree as a sorted map on the heap. */
final class ModelTree extends ModelView implements HoltTree {

    private final ModelDb db;

    ModelTree(ModelDb db, Object lock, String name) {
        super(lock, name, new TreeMap<>(Arrays::compareUnsigned), new TreeMap<>(Arrays::compareUnsigned), () -> {});
        this.db = db;
    }

    boolean isOf(ModelDb database) {
        return db == database;
    }

    @Override
    void requireReadable() {
        db.requireLive(this);
    }

    TreeView frozenCopy(Runnable stateCheck) {
        return new ModelView(lock, name(), new TreeMap<>(records), new TreeMap<>(versions), stateCheck);
    }

    /** Takes over the content of a copy. */
    void become(ModelView copy) {
        records.clear();
        records.putAll(copy.records);
        versions.clear();
        versions.putAll(copy.versions);
    }

    @Override
    public void put(byte[] key, int keyOffset, int keyBytes, byte[] value, int valueOffset, int valueBytes) {
        Objects.checkFromIndexSize(keyOffset, keyBytes, key.length);
        Objects.checkFromIndexSize(valueOffset, valueBytes, value.length);
        checkStorable(keyBytes, valueBytes);
        byte[] ownKey = slice(key, keyOffset, keyBytes);
        byte[] ownValue = slice(value, valueOffset, valueBytes);
        synchronized (lock) {
            requireReadable();
            records.put(ownKey, ownValue);
            versions.remove(ownKey);
        }
    }

    @Override
    public void put(MemorySegment key, MemorySegment value) {
        checkStorable(key.byteSize(), value.byteSize());
        byte[] ownKey = key.toArray(ValueLayout.JAVA_BYTE);
        byte[] ownValue = value.toArray(ValueLayout.JAVA_BYTE);
        synchronized (lock) {
            requireReadable();
            records.put(ownKey, ownValue);
            versions.remove(ownKey);
        }
    }

    @Override
    public int putAllIfAbsent(byte[][] keys, byte[][] values, boolean[] written) {
        if (keys.length != values.length || keys.length != written.length) {
            throw new IllegalArgumentException("the lengths of the arrays differ");
        }
        int count = 0;
        for (int i = 0; i < keys.length; i++) {
            written[i] = putIfAbsent(keys[i], values[i]);
            count += written[i] ? 1 : 0;
        }
        return count;
    }

    @Override
    public void putMany(byte[][] keys, byte[][] values, int count) {
        for (int i = 0; i < count; i++) {
            if (values[i] == null) {
                delete(keys[i]);
            } else {
                put(keys[i], values[i]);
            }
        }
    }

    @Override
    public long putVersioned(byte[] key, byte[] value) {
        checkStorable(key.length, value.length);
        byte[] ownKey = key.clone();
        byte[] ownValue = value.clone();
        synchronized (lock) {
            requireReadable();
            records.put(ownKey, ownValue);
            versions.put(ownKey, db.nextVersion());
            return versions.get(ownKey);
        }
    }

    @Override
    public long compareAndPut(byte[] key, long expectedVersion, byte[] value) {
        synchronized (lock) {
            return version(key) == expectedVersion ? putVersioned(key, value) : NO_VERSION;
        }
    }

    @Override
    public boolean deleteIfVersion(byte[] key, long expectedVersion) {
        synchronized (lock) {
            return version(key) == expectedVersion && delete(key);
        }
    }

    @Override
    public BulkLoader bulkLoad() {
        requireReadable();
        return new BulkLoader() {
            private byte[] last;
            private long records;

            @Override
            public void put(byte[] key, int keyOffset, int keyBytes, byte[] value, int valueOffset, int valueBytes) {
                byte[] own = slice(key, keyOffset, keyBytes);
                if (last != null && Arrays.compareUnsigned(last, own) >= 0) {
                    throw new BulkLoadOrderException(name(), own, last, records);
                }
                ModelTree.this.put(key, keyOffset, keyBytes, value, valueOffset, valueBytes);
                last = own;
                records++;
            }

            @Override
            public void flush() {
                // Every record is there at once.
            }

            @Override
            public long records() {
                return records;
            }

            @Override
            public void close() {
                // Nothing is left to be put.
            }
        };
    }

    @Override
    public RenameResult rename(byte[] from, byte[] to, boolean force) {
        checkStorable(from.length, 0);
        checkStorable(to.length, 0);
        synchronized (lock) {
            requireReadable();
            RenameResult result = whatRenamingMeets(records, from, to, force);
            if (result == RenameResult.RENAMED) {
                rename(this, from.clone(), to.clone(), db::nextVersion);
            }
            return result;
        }
    }

    static RenameResult whatRenamingMeets(Map<byte[], byte[]> records, byte[] from, byte[] to, boolean force) {
        if (!records.containsKey(from)) {
            return RenameResult.SOURCE_MISSING;
        }
        boolean taken = !Arrays.equals(from, to) && records.containsKey(to);
        return taken && !force ? RenameResult.TARGET_EXISTS : RenameResult.RENAMED;
    }

    static void rename(ModelView view, byte[] from, byte[] to, LongSupplier nextVersion) {
        if (Arrays.equals(from, to)) {
            return;
        }
        view.records.put(to, view.records.remove(from));
        boolean versioned = view.versions.remove(from) != null;
        view.versions.remove(to);
        if (versioned) {
            view.versions.put(to, nextVersion.getAsLong());
        }
    }

    @Override
    public boolean delete(byte[] key, int keyOffset, int keyBytes) {
        Objects.checkFromIndexSize(keyOffset, keyBytes, key.length);
        checkStorable(keyBytes, 0);
        byte[] wanted = slice(key, keyOffset, keyBytes);
        synchronized (lock) {
            requireReadable();
            versions.remove(wanted);
            return records.remove(wanted) != null;
        }
    }

    @Override
    public byte[] getAndDelete(byte[] key) {
        synchronized (lock) {
            byte[] value = get(key);
            delete(key, 0, key.length);
            return value;
        }
    }

    @Override
    public boolean putIfAbsent(byte[] key, byte[] value) {
        checkStorable(key.length, value.length);
        byte[] ownKey = key.clone();
        byte[] ownValue = value.clone();
        synchronized (lock) {
            requireReadable();
            return records.putIfAbsent(ownKey, ownValue) == null;
        }
    }

    @Override
    public boolean deletePrefix(byte[] prefix) {
        Objects.requireNonNull(prefix, "prefix");
        synchronized (lock) {
            requireReadable();
            return removePrefix(this, prefix);
        }
    }

    static boolean removePrefix(ModelView view, byte[] prefix) {
        boolean found = false;
        Iterator<byte[]> keys = view.records.tailMap(prefix, true).keySet().iterator();
        while (keys.hasNext()) {
            byte[] key = keys.next();
            if (!startsWith(key, prefix)) {
                break;
            }
            keys.remove();
            view.versions.remove(key);
            found = true;
        }
        return found;
    }

    /** Tells the number of records and their bytes; there are no frames. */
    @Override
    public TreeStats stats() {
        synchronized (lock) {
            requireReadable();
            long liveBytes = 0;
            for (var record : records.entrySet()) {
                liveBytes += record.getKey().length + (long) record.getValue().length;
            }
            return new TreeStats(records.size(), 0, 0, liveBytes, 0, 0, 0, 0, 0, 0, 0, 0, 0);
        }
    }

    private static void checkStorable(long keyBytes, long valueBytes) {
        if (keyBytes > MAX_KEY_BYTES) {
            throw new KeyTooLongException(keyBytes);
        }
        if (valueBytes > MAX_VALUE_BYTES) {
            throw new ValueTooLargeException(valueBytes);
        }
    }
}
