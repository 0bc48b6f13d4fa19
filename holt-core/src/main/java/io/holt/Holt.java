package io.holt;

import io.holt.api.FrameSource;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.ImageArrival;
import io.holt.api.ImageInstaller;
import io.holt.api.MemoryBudget;
import io.holt.api.VerifyReport;
import io.holt.internal.engine.Installing;
import io.holt.internal.engine.Opening;
import io.holt.internal.engine.Verifying;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** The front door: opens databases and makes the memory budgets they can share. */
public final class Holt {

    private Holt() {}

    /**
     * Opens the database in a directory, and makes it if the options say so.
     *
     * @throws io.holt.api.StoreInUseException if it is open already, here or in another process
     * @throws io.holt.api.StoreFormatException if the directory is missing, holds something else, or is of a
     *     newer format
     * @throws io.holt.api.CorruptDataException if its files are damaged
     * @throws io.holt.api.IoEngineUnavailableException if the options force an I/O engine that can't be had
     */
    public static HoltDb open(Path directory, HoltOptions options) {
        return Opening.open(directory, options);
    }

    /** Makes an empty database without files. */
    public static HoltDb inMemory(HoltOptions options) {
        return Opening.inMemory(options);
    }

    /**
     * Takes memory to be shared by several databases.
     *
     * @param bytes rounded down to whole frames of 512 KiB
     * @throws io.holt.api.InvalidOptionException unless it is 8 to 65,536 frames
     */
    public static MemoryBudget memory(long bytes) {
        return Opening.memory(bytes);
    }

    /**
     * Starts to make a database in memory from the frames of an image.
     *
     * @param catalog of the {@link io.holt.api.CheckpointImage}
     * @throws io.holt.api.CorruptDataException if the catalog is damaged
     * @throws io.holt.api.StoreFormatException if it is none, or of a newer format
     */
    public static ImageInstaller installer(byte[] catalog, HoltOptions options) {
        return Installing.inMemory(catalog, options);
    }

    /**
     * Starts to make a database in a directory from the frames of an image.
     *
     * @param directory empty, or not there yet if the options let it be made
     * @throws io.holt.api.StoreFormatException if the directory holds something; or as the other
     */
    public static ImageInstaller installer(byte[] catalog, Path directory, HoltOptions options) {
        return Installing.inDirectory(catalog, directory, options);
    }

    /**
     * Starts to make a database that works with the frames of an image at once: they stay in memory, and the directory
     * has what does not fit. Nothing is durable before the database's first checkpoint; if it is not finished, a
     * directory is left that is of no use. For those who have the image itself to fall back on.
     *
     * @param directory empty, or not there yet if the options let it be made
     * @throws io.holt.api.InvalidOptionException unless the durability is NONE
     * @throws io.holt.api.StoreFormatException if the directory holds something; or as the other
     */
    public static ImageInstaller workingInstaller(byte[] catalog, Path directory, HoltOptions options) {
        return Installing.working(catalog, directory, options);
    }

    /**
     * Makes a database that works with the frames of an image before they are read: each is read when it is first asked
     * for, or in its turn once the arrival is started. From then on it is in memory or, as far as it does not fit, in
     * the directory, as if by {@link #workingInstaller}. The source is not needed any more, and the image may go, when
     * {@link io.holt.api.ImageArrival#await} returns.
     *
     * @param source of the newest frame of each blob, closed with the database; if this fails it is the caller's
     * @param directory empty, or not there yet if the options let it be made
     * @throws io.holt.api.CorruptDataException if the catalog is damaged, or the source lacks the root of a tree
     * @throws io.holt.api.InvalidOptionException unless the durability is NONE
     * @throws io.holt.api.StoreFormatException if the directory holds something; or as the other
     */
    public static ImageArrival arriving(byte[] catalog, FrameSource source, Path directory, HoltOptions options) {
        return Installing.arriving(catalog, source, directory, options);
    }

    /**
     * Makes a database in memory of what {@link io.holt.api.Snapshot#exportTo(java.io.OutputStream)} wrote.
     *
     * @throws IOException if the stream throws it or ends too early
     */
    public static HoltDb restoreInMemory(InputStream in, HoltOptions options) throws IOException {
        return Installing.restoreInMemory(in, options);
    }

    /**
     * Makes a database in an empty directory of what {@link io.holt.api.Snapshot#exportTo(java.io.OutputStream)} wrote,
     * and opens it.
     *
     * @throws IOException if the stream throws it or ends too early; nothing is left behind
     */
    public static HoltDb restore(InputStream in, Path directory, HoltOptions options) throws IOException {
        return Installing.restore(in, directory, options);
    }

    /**
     * Reads every page of a database that no writer has open, and checks it against its checksum, every frame against
     * the rules of the format, and how frames refer to each other; reads the log too. Changes nothing.
     *
     * @throws io.holt.api.StoreInUseException if a writer has it open
     * @throws io.holt.api.StoreFormatException if the directory holds no database, or one of a newer format
     * @throws io.holt.api.CorruptDataException if the manifest is damaged, so that nothing else can be looked at
     */
    public static VerifyReport verify(Path directory, VerifyReport.Progress progress) {
        return Verifying.verify(directory, progress);
    }
}
