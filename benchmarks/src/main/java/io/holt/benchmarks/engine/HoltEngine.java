package io.holt.benchmarks.engine;

import io.holt.Holt;
import io.holt.api.Cursor;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
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
    public int get(byte[] key, byte[] target) {
        return tree.get(key, 0, key.length, target, 0);
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
        try (Cursor cursor = tree.scan(Scan.prefix(prefix).keysOnly().limit(limit))) {
            while (cursor.next()) {
                int length = cursor.keyLength();
                tally.add(length, cursor.keyArray()[cursor.keyOffset() + length - 1]);
            }
        }
    }

    @Override
    public void iterate(Tally tally) {
        try (Cursor cursor = tree.scan(Scan.all())) {
            while (cursor.next()) {
                tally.add(cursor.keyLength() + cursor.valueLength(), cursor.valueArray()[cursor.valueOffset()]);
            }
        }
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
