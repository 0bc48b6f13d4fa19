package io.holt.flink.backend;

import io.holt.Holt;
import io.holt.api.FrameSource;
import io.holt.api.HoltDb;
import io.holt.api.HoltOptions;
import io.holt.api.ImageArrival;
import io.holt.api.ImageInstaller;
import io.holt.api.MemoryBudget;
import java.io.Serializable;
import java.nio.file.Path;

/** Where backends get their databases from. Jobs use {@link #ENGINE}. */
public interface HoltDbFactory extends Serializable {

    HoltDbFactory ENGINE = new EngineDbFactory();

    /** Takes the memory that all backends of a slot share. */
    MemoryBudget memory(long bytes);

    /**
     * Opens an empty database.
     *
     * @param directory exists and is empty; removed by the caller after the database is closed
     */
    HoltDb open(Path directory, HoltOptions options);

    /**
     * Starts to make a database of frames of a checkpoint.
     *
     * @param catalog what the checkpoint says of its frames
     * @param directory does not exist; removed by the caller after the database is closed
     */
    default ImageInstaller installer(byte[] catalog, Path directory, HoltOptions options) {
        throw new UnsupportedOperationException("these databases can't be made of frames");
    }

    /**
     * Makes a database that works with frames of a checkpoint while they arrive.
     *
     * @param catalog what the checkpoint says of its frames
     * @param directory does not exist; removed by the caller after the database is closed
     */
    default ImageArrival arriving(byte[] catalog, FrameSource frames, Path directory, HoltOptions options) {
        throw new UnsupportedOperationException("these databases can't be made of frames");
    }

    /** Opens databases of this engine. */
    final class EngineDbFactory implements HoltDbFactory {
        private static final long serialVersionUID = 1L;

        private EngineDbFactory() {}

        @Override
        public MemoryBudget memory(long bytes) {
            return Holt.memory(bytes);
        }

        @Override
        public HoltDb open(Path directory, HoltOptions options) {
            return Holt.open(directory, options);
        }

        @Override
        public ImageInstaller installer(byte[] catalog, Path directory, HoltOptions options) {
            return Holt.workingInstaller(catalog, directory, options);
        }

        @Override
        public ImageArrival arriving(byte[] catalog, FrameSource frames, Path directory, HoltOptions options) {
            return Holt.arriving(catalog, frames, directory, options);
        }
    }
}
