package io.holt.testkit;

import io.holt.api.Cursor;
import io.holt.api.RecordVisitor;
import io.holt.api.Scan;
import io.holt.api.TreeView;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Iterator;
import java.util.NavigableMap;
import java.util.Objects;

/** The reading side of a sorted map on the heap. The arrays in the map are never changed and never handed out. */
class ModelView implements TreeView {

    /** Guards the map and whatever the state check reads. */
    final Object lock;

    final NavigableMap<byte[], byte[]> records;

    /** Of the records that have one. */
    final NavigableMap<byte[], Long> versions;

    private final String name;
    private final Runnable stateCheck;

    /** @param stateCheck run under the lock before each access; throws if the tree can't be read any more */
    ModelView(
            Object lock,
            String name,
            NavigableMap<byte[], byte[]> records,
            NavigableMap<byte[], Long> versions,
            Runnable stateCheck) {
        this.lock = lock;
        this.name = name;
        this.records = records;
        this.versions = versions;
        this.stateCheck = stateCheck;
    }

    void requireReadable() {
        stateCheck.run();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public byte[] get(byte[] key, int keyOffset, int keyBytes) {
        byte[] wanted = slice(key, keyOffset, keyBytes);
        synchronized (lock) {
            requireReadable();
            byte[] value = records.get(wanted);
            return value == null ? null : value.clone();
        }
    }

    @Override
    public int get(byte[] key, int keyOffset, int keyBytes, byte[] target, int targetOffset) {
        byte[] wanted = slice(key, keyOffset, keyBytes);
        int room = target.length - targetOffset;
        Objects.checkFromIndexSize(targetOffset, room, target.length);
        synchronized (lock) {
            requireReadable();
            byte[] value = records.get(wanted);
            if (value == null) {
                return ABSENT;
            }
            if (value.length <= room) {
                System.arraycopy(value, 0, target, targetOffset, value.length);
            }
            return value.length;
        }
    }

    @Override
    public int get(MemorySegment key, MemorySegment target) {
        Objects.requireNonNull(target, "target");
        byte[] wanted = key.byteSize() > MAX_KEY_BYTES ? null : key.toArray(ValueLayout.JAVA_BYTE);
        synchronized (lock) {
            requireReadable();
            byte[] value = wanted == null ? null : records.get(wanted);
            if (value == null) {
                return ABSENT;
            }
            if (value.length <= target.byteSize()) {
                MemorySegment.copy(value, 0, target, ValueLayout.JAVA_BYTE, 0, value.length);
            }
            return value.length;
        }
    }

    @Override
    public boolean containsKey(byte[] key, int keyOffset, int keyBytes) {
        byte[] wanted = slice(key, keyOffset, keyBytes);
        synchronized (lock) {
            requireReadable();
            return records.containsKey(wanted);
        }
    }

    @Override
    public long version(byte[] key) {
        byte[] wanted = key.clone();
        synchronized (lock) {
            requireReadable();
            return records.containsKey(wanted) ? versions.getOrDefault(wanted, NO_VERSION) : ABSENT;
        }
    }

    @Override
    public void getMany(byte[][] keys, int count, byte[][] targets, int[] lengths) {
        for (int i = 0; i < count; i++) {
            lengths[i] = get(keys[i], 0, keys[i].length, targets[i], 0);
        }
    }

    @Override
    public long visitMany(byte[][] prefixes, int count, int most, RecordVisitor visitor, int[] counts) {
        boolean[] ended = new boolean[1];
        long sum = 0;
        for (int i = 0; i < count; i++) {
            counts[i] = ended[0]
                    ? 0
                    : (int) visit(
                            Scan.prefix(prefixes[i]).limit(most),
                            (keys, keyOffset, keyBytes, values, valueOffset, valueBytes) -> {
                                ended[0] = !visitor.visit(keys, keyOffset, keyBytes, values, valueOffset, valueBytes);
                                return !ended[0];
                            });
            sum += counts[i];
        }
        return sum;
    }

    @Override
    public int longestPrefix(byte[] bytes) {
        synchronized (lock) {
            requireReadable();
            int length = bytes.length;
            while (length >= 0 && !records.containsKey(Arrays.copyOf(bytes, length))) {
                length--;
            }
            return length;
        }
    }

    @Override
    public long visit(Scan scan, RecordVisitor visitor) {
        if (scan.delimiter() != null || scan.distinctBytes() > 0) {
            throw new IllegalArgumentException("for cursors");
        }
        long count = 0;
        try (Cursor cursor = scan(scan)) {
            boolean goOn = true;
            while (goOn && cursor.next()) {
                byte[] value = scan.isKeysOnly() ? new byte[0] : cursor.value();
                goOn = visitor.visit(cursor.key(), 0, cursor.keyLength(), value, 0, value.length);
                count++;
            }
        }
        return count;
    }

    @Override
    public boolean isPrefixEmpty(byte[] prefix) {
        return prefixCount(prefix, 1) == 0;
    }

    @Override
    public long prefixCount(byte[] prefix, long limit) {
        Objects.requireNonNull(prefix, "prefix");
        if (limit < 0) {
            throw new IllegalArgumentException("a count's limit is 0 or more records, not " + limit);
        }
        synchronized (lock) {
            requireReadable();
            long count = 0;
            Iterator<byte[]> keys = records.tailMap(prefix, true).keySet().iterator();
            while (count < limit && keys.hasNext() && startsWith(keys.next(), prefix)) {
                count++;
            }
            return count;
        }
    }

    @Override
    public Cursor scan(Scan scan) {
        Objects.requireNonNull(scan, "scan");
        synchronized (lock) {
            requireReadable();
            return new ModelCursor(this, scan);
        }
    }

    static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    static byte[] slice(byte[] bytes, int offset, int count) {
        Objects.checkFromIndexSize(offset, count, bytes.length);
        return Arrays.copyOfRange(bytes, offset, offset + count);
    }
}
