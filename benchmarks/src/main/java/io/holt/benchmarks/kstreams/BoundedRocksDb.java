package io.holt.benchmarks.kstreams;

import java.util.Map;
import org.apache.kafka.streams.state.RocksDBConfigSetter;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.Cache;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.WriteBufferManager;

/** Keeps all RocksDB stores of the process within one budget, as the documentation of Kafka Streams says to do it. */
public final class BoundedRocksDb implements RocksDBConfigSetter {

    static {
        RocksDB.loadLibrary();
    }

    private static final Cache CACHE = new LRUCache(MemoryCells.BUDGET_BYTES, -1, false, 0.1);
    private static final WriteBufferManager WRITE_BUFFERS = new WriteBufferManager(MemoryCells.BUDGET_BYTES / 4, CACHE);

    /** Made by Kafka Streams, by the name of the class. */
    public BoundedRocksDb() {}

    @Override
    public void setConfig(String storeName, Options options, Map<String, Object> configs) {
        BlockBasedTableConfig tables = (BlockBasedTableConfig) options.tableFormatConfig();
        tables.setBlockCache(CACHE);
        tables.setCacheIndexAndFilterBlocks(true);
        tables.setCacheIndexAndFilterBlocksWithHighPriority(true);
        tables.setPinTopLevelIndexAndFilter(true);
        options.setWriteBufferManager(WRITE_BUFFERS);
        options.setTableFormatConfig(tables);
    }

    @Override
    public void close(String storeName, Options options) {
        // the cache and the write buffers are the process's
    }
}
