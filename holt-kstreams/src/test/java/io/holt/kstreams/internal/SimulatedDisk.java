package io.holt.kstreams.internal;

import io.holt.Holt;
import io.holt.api.Cursor;
import io.holt.api.DbStats;
import io.holt.api.Envelope;
import io.holt.api.HoltDb;
import io.holt.api.HoltIoException;
import io.holt.api.HoltOptions;
import io.holt.api.HoltTree;
import io.holt.api.Scan;
import io.holt.api.Snapshot;
import io.holt.api.WriteBatch;
import io.holt.testkit.ModelDb;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/**
 * Databases without files on a simulated disk: a checkpoint keeps a copy of all trees, opening starts from the copy,
 * and a checkpoint can be made to fail.
 */
final class SimulatedDisk implements TestEngine, StoreDatabases {

    private static final long MEMORY_BYTES = 64L << 20;

    private final Map<Path, Map<String, TreeMap<byte[], byte[]>>> disk = new ConcurrentHashMap<>();
    private final Supplier<HoltDb> source;
    private int leases;
    private int checkpoints;
    private boolean failing;

    private SimulatedDisk(Supplier<HoltDb> source) {
        this.source = source;
    }

    /** Sorted maps on the heap. */
    static SimulatedDisk ofModels() {
        return new SimulatedDisk(ModelDb::new);
    }

    /** The engine in memory. */
    static SimulatedDisk ofMemory() {
        return new SimulatedDisk(() ->
                Holt.inMemory(HoltOptions.builder().memoryBytes(MEMORY_BYTES).build()));
    }

    @Override
    public StoreDatabases databases() {
        return this;
    }

    @Override
    public Path afterCrash(Path taskDirectory, Path target) {
        for (Map.Entry<Path, Map<String, TreeMap<byte[], byte[]>>> image :
                Map.copyOf(disk).entrySet()) {
            if (image.getKey().startsWith(taskDirectory)) {
                disk.put(target.resolve(taskDirectory.relativize(image.getKey())), image.getValue());
            }
        }
        return target;
    }

    int leases() {
        return leases;
    }

    int checkpoints() {
        return checkpoints;
    }

    /** Whether checkpoints fail from now on. */
    void failCheckpoints(boolean value) {
        failing = value;
    }

    @Override
    public Lease open(Path directory, StoreOptions options) {
        DurableDb db = new DurableDb(directory);
        leases++;
        return new Lease() {
            private boolean released;

            @Override
            public HoltDb db() {
                return db;
            }

            @Override
            public void close() {
                if (!released) {
                    released = true;
                    leases--;
                    db.close();
                }
            }
        };
    }

    private final class DurableDb implements HoltDb {
        private final HoltDb db = source.get();
        private final Path directory;

        DurableDb(Path directory) {
            this.directory = directory;
            disk.getOrDefault(directory, Map.of()).forEach((name, records) -> {
                HoltTree tree = db.tree(name);
                records.forEach(tree::put);
            });
        }

        @Override
        public void vacuum() {
            db.vacuum();
        }

        @Override
        public void checkpoint() {
            if (failing) {
                throw new HoltIoException("the simulated disk is full to 100" + '%');
            }
            checkpoints++;
            Map<String, TreeMap<byte[], byte[]>> image = new HashMap<>();
            for (String name : db.treeNames()) {
                TreeMap<byte[], byte[]> records = new TreeMap<>(Arrays::compareUnsigned);
                try (Cursor cursor = db.tree(name).scan(Scan.all())) {
                    while (cursor.next()) {
                        records.put(cursor.key(), cursor.value());
                    }
                }
                image.put(name, records);
            }
            disk.put(directory, image);
        }

        @Override
        public void close() {
            if (!db.isClosed()) {
                try {
                    checkpoint();
                } finally {
                    db.close();
                }
            }
        }

        @Override
        public HoltTree tree(String name) {
            return db.tree(name);
        }

        @Override
        public Set<String> treeNames() {
            return db.treeNames();
        }

        @Override
        public boolean dropTree(String name) {
            return db.dropTree(name);
        }

        @Override
        public WriteBatch newBatch() {
            return db.newBatch();
        }

        @Override
        public List<Envelope> envelopes(long afterLsn) {
            return db.envelopes(afterLsn);
        }

        @Override
        public Snapshot snapshot() {
            return db.snapshot();
        }

        @Override
        public DbStats stats() {
            return db.stats();
        }

        @Override
        public boolean isClosed() {
            return db.isClosed();
        }
    }
}
