package io.holt.benchmarks.engine;

import io.holt.benchmarks.data.Dataset;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The heap with an order. */
final class TreeMapEngine implements KeyValueEngine {

    private final NavigableMap<byte[], byte[]> map = new TreeMap<>(Arrays::compareUnsigned);

    // New keys: looking for them first, as put does to spare the copy, would be work for nothing.
    @Override
    public void load(Dataset dataset, int[] order) {
        for (int i = 0; i < dataset.records(); i++) {
            int index = order == null ? i : order[i];
            map.put(dataset.key(index).clone(), dataset.value(index).clone());
        }
    }

    @Override
    public int get(byte[] key, byte[] target) {
        byte[] value = map.get(key);
        if (value == null) {
            return ABSENT;
        }
        System.arraycopy(value, 0, target, 0, value.length);
        return value.length;
    }

    @Override
    public void put(byte[] key, byte[] value) {
        byte[] copy = value.clone();
        if (map.replace(key, copy) == null) {
            map.put(key.clone(), copy);
        }
    }

    @Override
    public void rename(byte[] from, byte[] to) {
        map.put(to.clone(), map.remove(from));
    }

    @Override
    public void delete(byte[] key) {
        map.remove(key);
    }

    @Override
    public void list(byte[] prefix, int limit, List<byte[]> target) {
        int left = limit;
        for (Map.Entry<byte[], byte[]> entry : under(prefix).entrySet()) {
            if (left-- == 0) {
                return;
            }
            target.add(entry.getKey().clone());
            target.add(entry.getValue().clone());
        }
    }

    @Override
    public void listKeys(byte[] prefix, int limit, Tally tally) {
        int left = limit;
        for (byte[] key : under(prefix).keySet()) {
            if (left-- == 0) {
                return;
            }
            tally.add(key.length, key[key.length - 1]);
        }
    }

    @Override
    public void listDirectories(byte[] root, byte delimiter, int limit, Tally tally) {
        byte[] key = map.ceilingKey(root);
        for (int i = 0; i < limit && key != null && startsWith(key, root); i++) {
            int length = KeyValueEngine.directoryBytes(key, root.length, delimiter);
            tally.add(length, key[length - 1]);
            key = map.ceilingKey(KeyValueEngine.beyond(key, length));
        }
    }

    private static boolean startsWith(byte[] key, byte[] prefix) {
        return key.length >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    @Override
    public void iterate(Tally tally) {
        for (Map.Entry<byte[], byte[]> entry : map.entrySet()) {
            byte[] value = entry.getValue();
            tally.add(entry.getKey().length + value.length, value[0]);
        }
    }

    @Override
    public void deletePrefix(byte[] prefix) {
        under(prefix).clear();
    }

    private NavigableMap<byte[], byte[]> under(byte[] prefix) {
        byte[] end = prefix.clone();
        end[end.length - 1]++;
        return map.subMap(prefix, true, end, false);
    }

    @Override
    public AutoCloseable snapshot() {
        NavigableMap<byte[], byte[]> copy = new TreeMap<>(map);
        return copy::clear;
    }

    @Override
    public OptionalLong storedBytes() {
        return OptionalLong.empty();
    }

    @Override
    public void close() {
        map.clear();
    }
}
