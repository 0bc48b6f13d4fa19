package io.holt.testkit;

import io.holt.api.HoltTree;
import io.holt.api.KeyTooLongException;
import io.holt.api.TreeStats;
import io.holt.api.TreeView;
import io.holt.api.ValueTooLargeException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Iterator;
import java.util.Objects;
import java.util.TreeMap;

/** A live tree as a sorted map on the heap. */
final class ModelTree extends ModelView implements HoltTree {

    private final ModelDb db;

    ModelTree(ModelDb db, Object lock, String name) {
        super(lock, name, new TreeMap<>(Arrays::compareUnsigned), () -> {});
        this.db = db;
    }

    @Override
    void requireReadable() {
        db.requireLive(this);
    }

    TreeView frozenCopy(Runnable stateCheck) {
        return new ModelView(lock, name(), new TreeMap<>(records), stateCheck);
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
        }
    }

    @Override
    public boolean delete(byte[] key, int keyOffset, int keyBytes) {
        Objects.checkFromIndexSize(keyOffset, keyBytes, key.length);
        checkStorable(keyBytes, 0);
        byte[] wanted = slice(key, keyOffset, keyBytes);
        synchronized (lock) {
            requireReadable();
            return records.remove(wanted) != null;
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
            boolean found = false;
            Iterator<byte[]> keys = records.tailMap(prefix, true).keySet().iterator();
            while (keys.hasNext() && startsWith(keys.next(), prefix)) {
                keys.remove();
                found = true;
            }
            return found;
        }
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
            return new TreeStats(records.size(), 0, 0, liveBytes, 0, 0, 0, 0, 0, 0, 0);
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
