package io.holt.flink.backend;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.FileUtils;
import org.apache.flink.util.IOUtils;
import org.apache.flink.util.ResourceGuard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A backend's database with all it stands on: a working directory of its own, and a share in the slot's memory. */
public final class OpenDatabase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OpenDatabase.class);

    private final HoltDb db;
    private final Path directory;
    private final AutoCloseable memoryLease;
    private final ResourceGuard guard = new ResourceGuard();
    private boolean closed;

    private OpenDatabase(HoltDb db, Path directory, AutoCloseable memoryLease) {
        this.db = db;
        this.directory = directory;
        this.memoryLease = memoryLease;
    }

    /**
     * Makes the directory and opens a database in it. Leaves nothing behind if it fails, the lease included.
     *
     * @param directory must not exist
     * @param memoryLease what to close when the database no longer uses its memory
     */
    public static OpenDatabase open(
            HoltDbFactory factory, Path directory, HoltOptions options, AutoCloseable memoryLease) throws IOException {
        try {
            Files.createDirectories(directory);
            return new OpenDatabase(factory.open(directory, options), directory, memoryLease);
        } catch (IOException | RuntimeException | Error e) {
            delete(directory);
            IOUtils.closeQuietly(memoryLease);
            throw e;
        }
    }

    HoltDb db() {
        return db;
    }

    Path directory() {
        return directory;
    }

    /** Held by whoever reads the database in another thread; closing waits for it. */
    ResourceGuard guard() {
        return guard;
    }

    /** Waits for readers in other threads, then gives back memory and disk. What fails is logged. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        guard.close();
        try {
            dropTrees();
        } catch (RuntimeException e) {
            LOG.warn("The trees of the Holt database in {} could not be dropped.", directory, e);
        }
        try {
            db.close();
        } catch (RuntimeException e) {
            LOG.warn("The Holt database in {} could not be closed.", directory, e);
        }
        delete(directory);
        try {
            memoryLease.close();
        } catch (Exception e) {
            LOG.warn("The memory of the Holt database in {} could not be given back.", directory, e);
        }
    }

    /** Leaves an empty database, so that the checkpoint which closing takes writes nothing. */
    private void dropTrees() {
        for (String name : db.treeNames()) {
            db.dropTree(name);
        }
    }

    private static void delete(Path directory) {
        try {
            FileUtils.deleteDirectory(directory.toFile());
        } catch (IOException e) {
            LOG.warn("The working directory {} could not be deleted.", directory, e);
        }
    }
}
