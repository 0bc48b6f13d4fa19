package io.holt.benchmarks.engine;

import io.holt.benchmarks.data.Dataset;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.EnvOptions;
import org.rocksdb.IngestExternalFileOptions;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;
import org.rocksdb.SstFileWriter;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * RocksDB through JNI: no log, memtables of 64 MiB, a block cache as large as Holt's memory, and Bloom filters, as
 * stream processors set it up.
 */
final class RocksDbEngine implements KeyValueEngine {

    private static final long MEMTABLE_BYTES = 64L << 20;
    private static final int MAX_RECORD_BYTES = 1 << 16;

    // Closed in the reverse order of opening.
    private final Deque<AutoCloseable> resources = new ArrayDeque<>();
    private final WriteOptions writeOptions;
    private final ReadOptions readOptions;
    private final RocksDB db;
    private final Options options;
    private final Path directory;
    private final byte[] keyBuffer = new byte[MAX_RECORD_BYTES];
    private final byte[] valueBuffer = new byte[MAX_RECORD_BYTES];

    private RocksDbEngine(EngineSettings settings) throws RocksDBException {
        BloomFilter filter = resource(new BloomFilter(10));
        Cache cache = resource(new LRUCache(settings.memoryBytes()));
        BlockBasedTableConfig tables =
                new BlockBasedTableConfig().setFilterPolicy(filter).setBlockCache(cache);
        directory = settings.directory();
        options = resource(new Options());
        options.setCreateIfMissing(true).setWriteBufferSize(MEMTABLE_BYTES).setTableFormatConfig(tables);
        writeOptions = resource(new WriteOptions());
        writeOptions.setDisableWAL(true);
        readOptions = resource(new ReadOptions());
        db = resource(RocksDB.open(options, settings.directory().toString()));
    }

    static RocksDbEngine open(EngineSettings settings) {
        RocksDB.loadLibrary();
        try {
            return new RocksDbEngine(settings);
        } catch (RocksDBException e) {
            throw failed("open", e);
        }
    }

    private <T extends AutoCloseable> T resource(T opened) {
        resources.push(opened);
        return opened;
    }

    @Override
    public void settle() {
        try {
            while (db.getLongProperty("rocksdb.num-running-compactions") > 0
                    || db.getLongProperty("rocksdb.num-running-flushes") > 0
                    || db.getLongProperty("rocksdb.compaction-pending") > 0
                    || db.getLongProperty("rocksdb.mem-table-flush-pending") > 0) {
                Thread.sleep(10);
            }
        } catch (RocksDBException e) {
            throw failed("getProperty", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("settle", e);
        }
    }

    @Override
    public int get(byte[] key, byte[] target) {
        try {
            int length = db.get(readOptions, key, target);
            return length == RocksDB.NOT_FOUND ? ABSENT : length;
        } catch (RocksDBException e) {
            throw failed("get", e);
        }
    }

    @Override
    public void bulkLoad(Dataset dataset, int[] ascending) {
        Path file = directory.resolve("sorted.sst");
        try (EnvOptions environment = new EnvOptions();
                SstFileWriter writer = new SstFileWriter(environment, options);
                IngestExternalFileOptions ingestion = new IngestExternalFileOptions()) {
            writer.open(file.toString());
            for (int index : ascending) {
                writer.put(dataset.key(index), dataset.value(index));
            }
            writer.finish();
            ingestion.setMoveFiles(true);
            db.ingestExternalFile(List.of(file.toString()), ingestion);
        } catch (RocksDBException e) {
            throw failed("ingestExternalFile", e);
        }
    }

    @Override
    public void getMany(byte[][] keys, byte[][] targets, int[] lengths) {
        try {
            List<byte[]> values = db.multiGetAsList(readOptions, Arrays.asList(keys));
            for (int i = 0; i < keys.length; i++) {
                byte[] value = values.get(i);
                lengths[i] = value == null ? ABSENT : value.length;
                if (value != null) {
                    System.arraycopy(value, 0, targets[i], 0, value.length);
                }
            }
        } catch (RocksDBException e) {
            throw failed("multiGet", e);
        }
    }

    @Override
    public void rename(byte[] from, byte[] to) {
        int length = get(from, valueBuffer);
        try (WriteBatch batch = new WriteBatch()) {
            batch.put(to, Arrays.copyOf(valueBuffer, length));
            batch.delete(from);
            db.write(writeOptions, batch);
        } catch (RocksDBException e) {
            throw failed("write", e);
        }
    }

    @Override
    public void put(byte[] key, byte[] value) {
        try {
            db.put(writeOptions, key, value);
        } catch (RocksDBException e) {
            throw failed("put", e);
        }
    }

    @Override
    public void delete(byte[] key) {
        try {
            db.delete(writeOptions, key);
        } catch (RocksDBException e) {
            throw failed("delete", e);
        }
    }

    @Override
    public void list(byte[] prefix, int limit, List<byte[]> target) {
        try (RocksIterator iterator = db.newIterator(readOptions)) {
            iterator.seek(prefix);
            for (int i = 0; i < limit && iterator.isValid(); i++) {
                byte[] key = iterator.key();
                if (!startsWith(key, key.length, prefix)) {
                    break;
                }
                target.add(key);
                target.add(iterator.value());
                iterator.next();
            }
        }
    }

    @Override
    public void listKeys(byte[] prefix, int limit, Tally tally) {
        try (RocksIterator iterator = db.newIterator(readOptions)) {
            iterator.seek(prefix);
            for (int i = 0; i < limit && iterator.isValid(); i++) {
                int length = iterator.key(keyBuffer);
                if (!startsWith(keyBuffer, length, prefix)) {
                    break;
                }
                tally.add(length, keyBuffer[length - 1]);
                iterator.next();
            }
        }
    }

    @Override
    public void listDirectories(byte[] root, byte delimiter, int limit, Tally tally) {
        try (RocksIterator iterator = db.newIterator(readOptions)) {
            iterator.seek(root);
            for (int i = 0; i < limit && iterator.isValid(); i++) {
                int keyBytes = iterator.key(keyBuffer);
                if (!startsWith(keyBuffer, keyBytes, root)) {
                    break;
                }
                int length = KeyValueEngine.directoryBytes(keyBuffer, root.length, delimiter);
                tally.add(length, keyBuffer[length - 1]);
                iterator.seek(KeyValueEngine.beyond(keyBuffer, length));
            }
        }
    }

    @Override
    public void iterate(Tally tally) {
        try (RocksIterator iterator = db.newIterator(readOptions)) {
            for (iterator.seekToFirst(); iterator.isValid(); iterator.next()) {
                int keyBytes = iterator.key(keyBuffer);
                tally.add(keyBytes + iterator.value(valueBuffer), valueBuffer[0]);
            }
        }
    }

    @Override
    public void deletePrefix(byte[] prefix) {
        byte[] end = prefix.clone();
        end[end.length - 1]++;
        try {
            db.deleteRange(writeOptions, prefix, end);
        } catch (RocksDBException e) {
            throw failed("deleteRange", e);
        }
        try (RocksIterator iterator = db.newIterator(readOptions)) {
            iterator.seek(prefix);
            if (iterator.isValid() && startsWith(iterator.key(), prefix.length, prefix)) {
                throw new IllegalStateException("rocksdb: records are left after deleteRange");
            }
        }
    }

    @Override
    public AutoCloseable snapshot() {
        Snapshot snapshot = db.getSnapshot();
        return () -> {
            db.releaseSnapshot(snapshot);
            snapshot.close();
        };
    }

    @Override
    public OptionalLong storedBytes() {
        try {
            return OptionalLong.of(db.getLongProperty("rocksdb.cur-size-all-mem-tables")
                    + db.getLongProperty("rocksdb.total-sst-files-size")
                    + db.getLongProperty("rocksdb.estimate-table-readers-mem"));
        } catch (RocksDBException e) {
            throw failed("getProperty", e);
        }
    }

    @Override
    public void close() {
        for (AutoCloseable resource : resources) {
            try {
                resource.close();
            } catch (Exception e) {
                throw failed("close", e);
            }
        }
        resources.clear();
    }

    private static boolean startsWith(byte[] key, int keyBytes, byte[] prefix) {
        return keyBytes >= prefix.length && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
    }

    private static EngineException failed(String operation, Exception cause) {
        return new EngineException("rocksdb: " + operation + " failed: " + cause.getMessage(), cause);
    }
}
