package io.holt.internal.engine;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.internal.buffer.BufferManager;
import io.holt.internal.buffer.FrameLoader;
import io.holt.internal.checkpoint.ImageCatalog;
import io.holt.internal.checkpoint.ImageDirectory;
import io.holt.internal.checkpoint.ImageIntake;
import io.holt.internal.io.IoEngine;
import io.holt.internal.memory.BlobBufPool;
import java.nio.file.Path;
import java.util.BitSet;

/** A database in a directory, made of the frames of an image through one buffer. */
final class DirectoryInstaller extends IntakeInstaller {

    private final ImageCatalog catalog;
    private final Path path;
    private final HoltOptions options;
    private final Closing resources = new Closing();
    private final ImageDirectory directory;
    private final ImageIntake intake;

    /** Takes over the engine if it does not fail. */
    DirectoryInstaller(ImageCatalog catalog, Path path, HoltOptions options, IoEngine io) {
        this.catalog = catalog;
        this.path = path;
        this.options = options;
        try (Closing failed = new Closing()) {
            // Of the budget that the database will have, which is only made when it is opened.
            BlobBufPool pool = options.memory().isPresent()
                    ? Opening.pool(options.memory().get())
                    : failed.add(new BlobBufPool(1));
            // Where the budget is full, another database of it gives a slot up.
            BufferManager slots = new BufferManager(pool, FrameLoader.NONE);
            AutoCloseable closingSlots = failed.add(slots::close);
            long buffer = slots.lease("installing a frame of an image");
            AutoCloseable release = failed.add(() -> slots.release(buffer));
            this.directory = failed.add(ImageDirectory.create(io, path, options.createIfMissing(), buffer));
            resources.add(io);
            if (options.memory().isEmpty()) {
                resources.add(pool);
            }
            resources.add(closingSlots);
            resources.add(release);
            resources.add(directory);
            failed.release();
        }
        this.intake = new ImageIntake(catalog, directory);
    }

    @Override
    ImageIntake intake() {
        return intake;
    }

    @Override
    public HoltDb finish() {
        makeDurable();
        return Opening.open(path, options);
    }

    /** Makes the directory a database, and lets it go. */
    void makeDurable() {
        checkNotDone();
        BitSet blobIds = intake.complete();
        directory.finish(catalog, blobIds);
        close();
    }

    @Override
    void discard() {
        resources.close();
    }
}
