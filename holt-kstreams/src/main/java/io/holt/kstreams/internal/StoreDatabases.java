package io.holt.kstreams.internal;

import io.holt.api.HoltDb;
import java.nio.file.Path;

/** Where stores get their databases from. */
public interface StoreDatabases {

    /**
     * Opens the database in a directory and makes it if there is none. Nothing but {@link HoltDb#checkpoint()} and
     * {@link HoltDb#close()} may make its contents durable: a store relies on finding what it last committed.
     *
     * @param options those of the store
     * @throws org.apache.kafka.common.config.ConfigException if they don't agree with those of open stores
     * @throws io.holt.api.HoltException if the database can't be opened
     */
    Lease open(Path directory, StoreOptions options);

    /** A database and whatever must be given back with it. */
    interface Lease extends AutoCloseable {

        HoltDb db();

        /** Closes the database, which writes a checkpoint, and gives back its share of the memory. */
        @Override
        void close();
    }
}
