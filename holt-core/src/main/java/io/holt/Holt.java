package io.holt;

import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.MemoryBudget;
import io.holt.internal.engine.Opening;
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
}
