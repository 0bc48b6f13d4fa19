package io.holt.benchmarks.engine;

import java.util.Locale;

/** The engines there are, named in results by {@link #label()}. */
public enum EngineKind {
    /** Holt in memory. */
    HOLT,
    /** Holt on files, without a log. */
    HOLT_FILE,
    ROCKSDB,
    LMDB,
    HASHMAP,
    TREEMAP;

    public KeyValueEngine open(EngineSettings settings) {
        return switch (this) {
            case HOLT -> HoltEngine.inMemory(settings);
            case HOLT_FILE -> HoltEngine.onFiles(settings);
            case ROCKSDB -> RocksDbEngine.open(settings);
            case LMDB -> LmdbEngine.open(settings);
            case HASHMAP -> new HashMapEngine();
            case TREEMAP -> new TreeMapEngine();
        };
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
