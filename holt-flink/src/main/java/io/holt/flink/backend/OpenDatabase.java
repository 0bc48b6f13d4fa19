package io.holt.flink.backend;

import io.holt.api.HoltDb;
import io.holt.api.HoltException;
import io.holt.api.HoltOptions;
import io.holt.api.ImageArrival;
import io.holt.api.ImageInstaller;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.apache.flink.core.fs.CloseableRegistry;
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
    private ImageArrival arrival;
    private volatile PackFrames arriving;
    private final long madeNanos = System.nanoTime();
    private volatile long restoredAfterMillis;
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

    /**
     * Makes the database of an image that is still to be read; closing this ends the reading.
     *
     * @param frames this object's if it does not fail
     */
    ImageArrival arrive(byte[] catalog, PackFrames frames) {
        arrival = factory.arriving(catalog, frames, directory.resolve(DATABASE), options);
        arriving = frames;
        db = arrival.db();
        return arrival;
    }

    /**
     * Starts to read the frames that nobody asked for yet, if there are any.
     *
     * @param onFailure told in another thread if they can't be read, unless this was closed
     */
    void startReading(String operator, Consumer<Exception> onFailure) {
        if (arrival == null) {
            return;
        }
        PackFrames frames = arriving;
        arrival.start(new ImageArrival.Listener() {
            @Override
            public void complete() {
                restoredAfterMillis = (System.nanoTime() - madeNanos) / 1_000_000;
                LOG.info("Operator {}: all state is local after {} ms.", operator, restoredAfterMillis);
            }

            @Override
            public void failed(RuntimeException cause) {
                if (!frames.isClosed()) {
                    onFailure.accept(new IOException(
                            "the keyed state of operator " + operator + " can't be restored: " + cause.getMessage(),
                            cause));
                }
            }
        });
    }

    /** Takes what reads frames out of a registry; answers whether that was not closed meanwhile. */
    boolean outlives(CloseableRegistry restoring) {
        return arriving == null || restoring.unregisterCloseable(arriving);
    }

    /** How many frames are still to be read. */
    long framesToRestore() {
        return arrival == null ? 0 : arrival.framesMissing();
    }

    /** Milliseconds until all frames were local that are read when they are asked for; 0 before, or without such. */
    long restoredAfterMillis() {
        return restoredAfterMillis;
    }

    /**
     * Returns when nothing is read any more of the image.
     *
     * @throws IOException if it can't be read, or this was closed
     */
    void awaitRestored() throws IOException {
        if (arrival == null) {
            return;
        }
        try {
            arrival.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while state was still being restored", e);
        } catch (HoltException e) {
            throw new IOException("state could not be restored: " + e.getMessage(), e);
        }
    }

    /** Reads no more of an image: whoever waits for it fails. Threads: any. */
    void stopReading() {
        if (arriving != null) {
            arriving.close();
        }
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
        stopReading();
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
            db.discard();
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
