package io.holt.internal.engine;

import io.holt.api.Durability;
import io.holt.api.FrameSource;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.ImageArrival;
import io.holt.api.ImageInstaller;
import io.holt.api.InvalidOptionException;
import io.holt.internal.checkpoint.ArrivingFrames;
import io.holt.internal.checkpoint.ImageCatalog;
import io.holt.internal.checkpoint.ImageExport;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoEngines;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.function.Function;

/** Makes databases of images. */
public final class Installing {

    private Installing() {}

    /** See {@code Holt.installer}. */
    public static ImageInstaller inMemory(byte[] catalog, HoltOptions options) {
        return MemoryInstaller.of(ImageCatalog.decode(catalog), options);
    }

    /** See {@code Holt.installer}. */
    public static ImageInstaller inDirectory(byte[] catalog, Path directory, HoltOptions options) {
        ImageCatalog decoded = ImageCatalog.decode(catalog);
        IoEngine io = IoEngines.open(options.ioEngine());
        return inDirectory(decoded, directory, options, io);
    }

    /** See {@code Holt.workingInstaller}. */
    public static ImageInstaller working(byte[] catalog, Path directory, HoltOptions options) {
        checkNotLogged(options);
        ImageCatalog decoded = ImageCatalog.decode(catalog);
        return new WorkingInstaller(decoded, Opening.openToFill(directory, options, decoded, Function.identity()));
    }

    /** See {@code Holt.arriving}. */
    public static ImageArrival arriving(byte[] catalog, FrameSource source, Path directory, HoltOptions options) {
        checkNotLogged(options);
        ImageCatalog decoded = ImageCatalog.decode(catalog);
        ArrivingFrames frames = new ArrivingFrames(decoded, source);
        Engine engine = Opening.openToFill(directory, options, decoded, frames::before);
        ImageFill fill = new ImageFill(engine, decoded, frames, source);
        engine.filledBy(fill);
        return fill;
    }

    private static void checkNotLogged(HoltOptions options) {
        if (options.durability() != Durability.NONE) {
            throw new InvalidOptionException(
                    "durability",
                    options.durability().toString(),
                    "give NONE: the log would hold changes of frames that no checkpoint has");
        }
    }

    /** As {@link #inDirectory(byte[], Path, HoltOptions)}, through an engine that the installer closes. */
    static DirectoryInstaller inDirectory(ImageCatalog catalog, Path directory, HoltOptions options, IoEngine io) {
        boolean made = false;
        try {
            DirectoryInstaller installer = new DirectoryInstaller(catalog, directory, options, io);
            made = true;
            return installer;
        } finally {
            if (!made) {
                io.close();
            }
        }
    }

    /** See {@code Holt.restoreInMemory}. */
    public static HoltDb restoreInMemory(InputStream in, HoltOptions options) throws IOException {
        ImageCatalog catalog = ImageCatalog.decode(ImageExport.readCatalog(in));
        try (MemoryInstaller installer = MemoryInstaller.of(catalog, options)) {
            installer.intake().addImage(in);
            return installer.finish();
        }
    }

    /** See {@code Holt.restore}. */
    public static HoltDb restore(InputStream in, Path directory, HoltOptions options) throws IOException {
        ImageCatalog catalog = ImageCatalog.decode(ImageExport.readCatalog(in));
        try (DirectoryInstaller installer =
                inDirectory(catalog, directory, options, IoEngines.open(options.ioEngine()))) {
            installer.intake().addImage(in);
            return installer.finish();
        }
    }
}
