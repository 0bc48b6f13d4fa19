package io.holt.benchmarks.engine;

import java.util.Locale;
import java.util.function.Function;

/** The engines there are, named in results by {@link #label()}. */
public enum EngineKind {
    /** Holt in memory. */
    HOLT(HoltEngine::inMemory),
    /** Holt on files, without a log. */
    HOLT_FILE(HoltEngine::onFiles),
    ROCKSDB(RocksDbEngine::open),
    LMDB(LmdbEngine::open),
    HASHMAP(settings -> new HashMapEngine()),
    TREEMAP(settings -> new TreeMapEngine());

    private final Function<EngineSettings, KeyValueEngine> opener;

    EngineKind(Function<EngineSettings, KeyValueEngine> opener) {
        this.opener = opener;
    }

    public KeyValueEngine open(EngineSettings settings) {
        return opener.apply(settings);
    }

    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Whether the engine writes files as it works. */
    public boolean hasFiles() {
        return this == HOLT_FILE || this == ROCKSDB || this == LMDB;
    }
}
