package io.holt.benchmarks.engine;

import io.holt.benchmarks.data.Dataset;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/** The heap without an order. */
final class HashMapEngine implements KeyValueEngine {

    private final Map<Key, byte[]> map = new HashMap<>();
    // Lookups allocate nothing.
    private final Key probe = new Key();

    @Override
    public boolean isOrdered() {
        return false;
    }

    // New keys: looking for them first, as put does to spare the copy, would be work for nothing.
    @Override
    public void load(Dataset dataset, int[] order) {
        for (int i = 0; i < dataset.records(); i++) {
            int index = order == null ? i : order[i];
            map.put(
                    new Key().set(dataset.key(index).clone()),
                    dataset.value(index).clone());
        }
    }

    @Override
    public int get(byte[] key, byte[] target) {
        byte[] value = map.get(probe.set(key));
        if (value == null) {
            return ABSENT;
        }
        System.arraycopy(value, 0, target, 0, value.length);
        return value.length;
    }

    @Override
    public void put(byte[] key, byte[] value) {
        byte[] copy = value.clone();
        if (map.replace(probe.set(key), copy) == null) {
            map.put(new Key().set(key.clone()), copy);
        }
    }

    @Override
    public void rename(byte[] from, byte[] to) {
        map.put(new Key().set(to.clone()), map.remove(probe.set(from)));
    }

    @Override
    public void delete(byte[] key) {
        map.remove(probe.set(key));
    }

    @Override
    public void list(byte[] prefix, int limit, List<byte[]> target) {
        throw new UnsupportedOperationException("list: a HashMap has no order");
    }

    @Override
    public void listKeys(byte[] prefix, int limit, Tally tally) {
        throw new UnsupportedOperationException("listKeys: a HashMap has no order");
    }

    @Override
    public void listDirectories(byte[] root, byte delimiter, int limit, Tally tally) {
        throw new UnsupportedOperationException("listDirectories: a HashMap has no order");
    }

    @Override
    public void iterate(Tally tally) {
        for (Map.Entry<Key, byte[]> entry : map.entrySet()) {
            byte[] value = entry.getValue();
            tally.add(entry.getKey().bytes.length + value.length, value[0]);
        }
    }

    @Override
    public void deletePrefix(byte[] prefix) {
        map.keySet()
                .removeIf(key -> key.bytes.length >= prefix.length
                        && Arrays.equals(key.bytes, 0, prefix.length, prefix, 0, prefix.length));
    }

    @Override
    public AutoCloseable snapshot() {
        Map<Key, byte[]> copy = new HashMap<>(map);
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

    private static final class Key {
        private byte[] bytes;
        private int hash;

        Key set(byte[] key) {
            bytes = key;
            hash = Arrays.hashCode(key);
            return this;
        }

        @Override
        public int hashCode() {
            return hash;
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Key key && Arrays.equals(bytes, key.bytes);
        }
    }
}
