package io.holt.kstreams.internal;

import io.holt.Holt;
import io.holt.api.Durability;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.MemoryBudget;
import io.holt.kstreams.HoltStoreConfig;
import java.nio.file.Path;
import java.util.function.LongFunction;
import org.apache.kafka.common.config.ConfigException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens databases over one memory budget that all stores of the process share: taken for the first database, given
 * back with the last. Threads: all methods from any thread.
 */
public final class ProcessDatabases implements StoreDatabases {

    private static final Logger LOG = LoggerFactory.getLogger(ProcessDatabases.class);
    private static final ProcessDatabases INSTANCE = new ProcessDatabases(Holt::memory, Holt::open);

    private final LongFunction<MemoryBudget> memorySource;
    private final Opener opener;

    private MemoryBudget memory;
    private long memoryBytes;
    private int leases;

    /** Opens a database in a directory. */
    interface Opener {
        HoltDb open(Path directory, HoltOptions options);
    }

    ProcessDatabases(LongFunction<MemoryBudget> memorySource, Opener opener) {
        this.memorySource = memorySource;
        this.opener = opener;
    }

    public static ProcessDatabases instance() {
        return INSTANCE;
    }

    @Override
    public Lease open(Path directory, StoreOptions settings) {
        MemoryBudget shared = acquire(settings.memory());
        try {
            HoltOptions options = HoltOptions.builder()
                    .memory(shared)
                    .durability(Durability.NONE)
                    .ioEngine(settings.ioEngine())
                    .build();
            return new SharedLease(opener.open(directory, options));
        } catch (RuntimeException | Error e) {
            release();
            throw e;
        }
    }

    /** How many databases are open. */
    synchronized int leases() {
        return leases;
    }

    private synchronized MemoryBudget acquire(MemorySetting setting) {
        if (leases == 0) {
            memory = memorySource.apply(setting.bytes());
            memoryBytes = setting.bytes();
            LOG.info("The Holt stores of this process share {} MiB of memory", memoryBytes >> 20);
        } else if (setting.isExplicit() && setting.bytes() != memoryBytes) {
            throw new ConfigException(
                    HoltStoreConfig.MEMORY_BYTES_CONFIG,
                    setting.bytes(),
                    "open stores of this process already share " + memoryBytes
                            + " bytes; give all its applications the same value; the store was not opened");
        }
        leases++;
        return memory;
    }

    private synchronized void release() {
        leases--;
        if (leases == 0) {
            memory.close();
            memory = null;
        }
    }

    private final class SharedLease implements Lease {
        private final HoltDb db;
        private boolean released;

        SharedLease(HoltDb db) {
            this.db = db;
        }

        @Override
        public HoltDb db() {
            return db;
        }

        @Override
        public synchronized void close() {
            if (released) {
                return;
            }
            released = true;
            try {
                db.close();
            } finally {
                release();
            }
        }
    }
}
