package io.holt.benchmarks.durable;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Statistics;
import org.rocksdb.TickerType;
import org.rocksdb.WriteOptions;

/** A store with a log. Threads: any. */
interface LoggedStore extends AutoCloseable {

    void put(byte[] key, byte[] value);

    /** How many times the log was made durable, since opening. */
    long syncs();

    @Override
    void close();

    /**
     * Opens an empty store; {@code unlogged} is Holt without a log, which tells what the log adds, and {@code nothing}
     * only lets time go by, which tells how long the machine holds up any thread.
     *
     * @param sync whether a put is safe from a loss of power when it returns, or from the process's death only
     */
    static LoggedStore open(String engine, Path directory, boolean sync, long memoryBytes) {
        return switch (engine) {
            case "holt" -> holt(directory, sync ? Durability.SYNC : Durability.ASYNC, memoryBytes);
            case "unlogged" -> holt(directory, Durability.NONE, memoryBytes);
            case "nothing" -> new Nothing();
            case "rocksdb" -> new Rocks(directory, sync, memoryBytes);
            default ->
                throw new IllegalArgumentException(
                        "engine " + engine + " is none of holt, unlogged, nothing and rocksdb");
        };
    }

    private static LoggedStore holt(Path directory, Durability durability, long memoryBytes) {
        HoltDb db = Holt.open(
                directory,
                HoltOptions.builder()
                        .memoryBytes(memoryBytes)
                        .durability(durability)
                        .build());
        HoltTree tree = db.tree("benchmark");
        return new LoggedStore() {
            @Override
            public void put(byte[] key, byte[] value) {
                tree.put(key, 0, key.length, value, 0, value.length);
            }

            @Override
            public long syncs() {
                return db.stats().logSyncs();
            }

            @Override
            public void close() {
                db.close();
            }
        };
    }

    /** No store at all: a put only looks at the clock, for about as long as a real one takes. */
    final class Nothing implements LoggedStore {

        private static final long PUT_NANOS = 1000;

        @Override
        public void put(byte[] key, byte[] value) {
            long end = System.nanoTime() + PUT_NANOS;
            while (System.nanoTime() < end) {
                Thread.onSpinWait();
            }
        }

        @Override
        public long syncs() {
            return 0;
        }

        @Override
        public void close() {}
    }

    /** RocksDB as in the other benchmarks, but with its log. */
    final class Rocks implements LoggedStore {

        private static final long MEMTABLE_BYTES = 64L << 20;

        private final Deque<AutoCloseable> resources = new ArrayDeque<>();
        private final WriteOptions writing;
        private final Statistics statistics;
        private final RocksDB db;

        private Rocks(Path directory, boolean sync, long memoryBytes) {
            RocksDB.loadLibrary();
            LRUCache cache = resource(new LRUCache(memoryBytes));
            Options options = resource(new Options());
            options.setCreateIfMissing(true)
                    .setWriteBufferSize(MEMTABLE_BYTES)
                    .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache));
            writing = resource(new WriteOptions());
            writing.setSync(sync);
            statistics = sync ? resource(new Statistics()) : null;
            if (sync) {
                options.setStatistics(statistics);
            }
            try {
                db = resource(RocksDB.open(options, directory.toString()));
            } catch (RocksDBException e) {
                throw new IllegalStateException("rocksdb: open failed", e);
            }
        }

        private <T extends AutoCloseable> T resource(T opened) {
            resources.push(opened);
            return opened;
        }

        @Override
        public void put(byte[] key, byte[] value) {
            try {
                db.put(writing, key, value);
            } catch (RocksDBException e) {
                throw new IllegalStateException("rocksdb: put failed", e);
            }
        }

        @Override
        public long syncs() {
            return statistics == null ? 0 : statistics.getTickerCount(TickerType.WAL_FILE_SYNCED);
        }

        @Override
        public void close() {
            for (AutoCloseable resource : resources) {
                try {
                    resource.close();
                } catch (Exception e) {
                    throw new IllegalStateException("rocksdb: close failed", e);
                }
            }
        }
    }
}
