package io.holt.internal.engine;

import io.holt.api.CheckpointImage;
import io.holt.api.HoltClosedException;
import io.holt.api.IoEngineKind;
import io.holt.api.Snapshot;
import io.holt.api.TreeView;
import io.holt.internal.checkpoint.ImageExport;
import io.holt.internal.checkpoint.SnapshotFrames;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoEngines;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.tree.TreeState;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** All trees at one instant: a registered reader of an epoch, and the catalog of that instant. */
final class EngineSnapshot implements Snapshot {

    private final Engine engine;
    private final SnapshotHandle handle;
    private final Map<String, TreeState> trees;
    private final int nextTreeId;

    EngineSnapshot(Engine engine, SnapshotHandle handle, Map<String, TreeState> trees, int nextTreeId) {
        this.engine = engine;
        this.handle = handle;
        this.trees = trees;
        this.nextTreeId = nextTreeId;
    }

    @Override
    public Set<String> treeNames() {
        checkOpen();
        return new TreeSet<>(trees.keySet());
    }

    @Override
    public TreeView tree(String name) {
        checkOpen();
        TreeState tree = trees.get(name);
        if (tree == null) {
            throw new IllegalArgumentException("the snapshot has no tree \"" + name + "\", only " + trees.keySet());
        }
        return new FrozenTree(engine, tree, handle);
    }

    @Override
    public long epoch() {
        return handle.epoch();
    }

    @Override
    public CheckpointImage image(long sinceEpoch) {
        checkOpen();
        if (sinceEpoch < 0 || sinceEpoch > handle.epoch()) {
            throw new IllegalArgumentException(
                    "there is no image of epoch " + handle.epoch() + " since epoch " + sinceEpoch);
        }
        return imageSince(sinceEpoch);
    }

    private EngineImage imageSince(long sinceEpoch) {
        return new EngineImage(engine, handle, trees, nextTreeId, sinceEpoch);
    }

    @Override
    public long exportTo(OutputStream out) throws IOException {
        checkOpen();
        EngineImage image = imageSince(0);
        try (SnapshotFrames frames = image.frames()) {
            return ImageExport.toStream(image.catalog(), frames, out);
        }
    }

    @Override
    public long exportTo(Path directory) {
        try (IoEngine io = IoEngines.open(IoEngineKind.AUTO)) {
            return exportTo(io, directory);
        }
    }

    /** As {@link #exportTo(Path)}, through an engine. */
    long exportTo(IoEngine io, Path directory) {
        checkOpen();
        EngineImage image = imageSince(0);
        try (SnapshotFrames frames = image.frames()) {
            return ImageExport.toDirectory(io, image.catalogOfNow(), frames, directory);
        }
    }

    @Override
    public void close() {
        engine.closeSnapshot(handle);
    }

    private void checkOpen() {
        engine.checkOpen();
        if (handle.isClosed()) {
            throw new HoltClosedException("snapshot");
        }
    }
}
