package io.holt.benchmarks.engine;

import io.holt.Holt;
import io.holt.api.BulkLoader;
import io.holt.api.Cursor;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.RenameResult;
import io.holt.api.Scan;
import io.holt.benchmarks.data.Dataset;
import java.util.List;
import java.util.OptionalLong;

/** One tree of one Holt database. */
final class HoltEngine implements KeyValueEngine {

    private final HoltDb db;
    private final HoltTree tree;

    private HoltEngine(HoltDb db) {
        this.db = db;
        this.tree = db.tree("benchmark");
    }

    static HoltEngine inMemory(EngineSettings settings) {
        return new HoltEngine(Holt.inMemory(options(settings)));
    }

    static HoltEngine onFiles(EngineSettings settings) {
        return new HoltEngine(Holt.open(settings.directory(), options(settings)));
    }

    private static HoltOptions options(EngineSettings settings) {
        return HoltOptions.builder()
                .memoryBytes(settings.memoryBytes())
                .durability(Durability.NONE)
                .build();
    }

    @Override
    public boolean isConcurrent() {
        return true;
    }

    @Override
    public int get(byte[] key, byte[] target) {
        return tree.get(key, 0, key.length, target, 0);
    }

    @Override
    public void bulkLoad(Dataset dataset, int[] ascending) {
        try (BulkLoader loader = tree.bulkLoad()) {
            for (int index : ascending) {
                loader.put(dataset.key(index), dataset.value(index));
            }
        }
    }

    @Override
    public void getMany(byte[][] keys, byte[][] targets, int[] lengths) {
        tree.getMany(keys, keys.length, targets, lengths);
    }

    @Override
    public void rename(byte[] from, byte[] to) {
        RenameResult result = tree.rename(from, to, false);
        if (result != RenameResult.RENAMED) {
            throw new IllegalStateException("holt: rename answers " + result);
        }
    }

    @Override
    public void put(byte[] key, byte[] value) {
        tree.put(key, 0, key.length, value, 0, value.length);
    }

    @Override
    public void delete(byte[] key) {
        tree.delete(key, 0, key.length);
    }

    @Override
    public void list(byte[] prefix, int limit, List<byte[]> target) {
        try (Cursor cursor = tree.scan(Scan.prefix(prefix).limit(limit))) {
            while (cursor.next()) {
                target.add(cursor.key());
                target.add(cursor.value());
            }
        }
    }

    @Override
    public void listKeys(byte[] prefix, int limit, Tally tally) {
        tree.visit(
                Scan.prefix(prefix).keysOnly().limit(limit),
                (keys, keyOffset, keyBytes, values, valueOffset, valueBytes) -> {
                    tally.add(keyBytes, keys[keyOffset + keyBytes - 1]);
                    return true;
                });
    }

    @Override
    public void listDirectories(byte[] root, byte delimiter, int limit, Tally tally) {
        byte[] delimiters = {delimiter};
        try (Cursor cursor =
                tree.scan(Scan.prefix(root).keysOnly().rollUp(delimiters).limit(limit))) {
            while (cursor.next()) {
                int length = cursor.keyLength();
                tally.add(length, cursor.keyArray()[cursor.keyOffset() + length - 1]);
            }
        }
    }

    @Override
    public void iterate(Tally tally) {
        tree.visit(Scan.all(), (keys, keyOffset, keyBytes, values, valueOffset, valueBytes) -> {
            tally.add(keyBytes + valueBytes, values[valueOffset]);
            return true;
        });
    }

    @Override
    public void deletePrefix(byte[] prefix) {
        tree.deletePrefix(prefix);
        if (!tree.isPrefixEmpty(prefix)) {
            throw new IllegalStateException("holt: records are left after deletePrefix");
        }
    }

    @Override
    public AutoCloseable snapshot() {
        return db.snapshot();
    }

    @Override
    public OptionalLong storedBytes() {
        return OptionalLong.of(db.stats().memoryUsedBytes());
    }

    @Override
    public void close() {
        db.close();
    }
}
