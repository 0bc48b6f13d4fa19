package io.holt.internal.engine;

import io.holt.internal.buffer.BufferManager;
import io.holt.internal.checkpoint.FrameFile;
import io.holt.internal.store.ManifestState;
import io.holt.internal.tree.TreeCore;

/** A persistence with files, from whose checkpoint a database starts. */
interface StoredPersistence extends Persistence, AutoCloseable {

    FrameFile frameFile();

    /** Of the newest checkpoint. */
    ManifestState state();

    /**
     * Applies what the log says.
     *
     * @throws io.holt.api.CorruptLogException if the log is damaged before its end
     */
    void recover(TreeCore core, BufferManager buffers, TreeCatalog trees);
}
