package io.holt.flink.backend;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.ImageInstaller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.flink.util.FileUtils;
import org.apache.flink.util.IOUtils;
import org.apache.flink.util.ResourceGuard;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A backend's database with all it stands on: a working directory of its own, and a share in the slot's memory. It is
 * prepared first; then the database is opened empty, or made of an image.
 */
public final class OpenDatabase implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(OpenDatabase.class);
    private static final String DATABASE = "db";
    private static final String RESTORED = "restored-";
    private static final String PACKS = "packs";

    private final HoltDbFactory factory;
    private final Path directory;
    private final HoltOptions options;
    private final AutoCloseable memoryLease;
    private final ResourceGuard guard = new ResourceGuard();
    private HoltDb db;
    private int restored;
    private boolean closed;

    private OpenDatabase(HoltDbFactory factory, Path directory, HoltOptions options, AutoCloseable memoryLease) {
        this.factory = factory;
        this.directory = directory;
        this.options = options;
        this.memoryLease = memoryLease;
    }

    /**
     * Makes the directory. Leaves nothing behind if it fails, the lease included.
     *
     * @param directory must not exist
     * @param memoryLease what to close when the database no longer uses its memory
     */
    public static OpenDatabase prepare(
            HoltDbFactory factory, Path directory, HoltOptions options, AutoCloseable memoryLease) throws IOException {
        try {
            Files.createDirectories(directory);
            return new OpenDatabase(factory, directory, options, memoryLease);
        } catch (IOException | RuntimeException | Error e) {
            delete(directory);
            IOUtils.closeQuietly(memoryLease);
            throw e;
        }
    }

    /** Opens the database, empty. */
    void openEmpty() throws IOException {
        db = factory.open(Files.createDirectory(directory.resolve(DATABASE)), options);
    }

    /** Starts to make the database of an image; {@link #install} ends it. */
    ImageInstaller installer(byte[] catalog) {
        return factory.installer(catalog, directory.resolve(DATABASE), options);
    }

    /** Takes what an installer has made. */
    void install(ImageInstaller installer) {
        db = installer.finish();
    }

    /** Starts to make another database of an image, to be closed before this one. */
    ImageInstaller temporaryInstaller(byte[] catalog) {
        return factory.installer(catalog, directory.resolve(RESTORED + restored++), options);
    }

    /** A directory for copies of packs. */
    Path packDirectory() throws IOException {
        return Files.createDirectories(directory.resolve(PACKS));
    }

    HoltDb db() {
        if (db == null) {
            throw new IllegalStateException("the database in " + directory + " is not open yet");
        }
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
        if (db != null) {
            discard(db);
        }
        delete(directory);
        try {
            memoryLease.close();
        } catch (Exception e) {
            LOG.warn("The memory of the Holt database in {} could not be given back.", directory, e);
        }
    }

    /** Closes a database whose contents are of no more use. What fails is logged. */
    static void discard(HoltDb db) {
        try {
            // An empty database writes nothing in the checkpoint that closing takes.
            for (String name : db.treeNames()) {
                db.dropTree(name);
            }
        } catch (RuntimeException e) {
            LOG.warn("The trees of a Holt database could not be dropped.", e);
        }
        try {
            db.close();
        } catch (RuntimeException e) {
            LOG.warn("A Holt database could not be closed.", e);
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
