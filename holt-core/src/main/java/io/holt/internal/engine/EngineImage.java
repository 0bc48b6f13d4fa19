package io.holt.internal.engine;

import io.holt.api.CheckpointImage;
import io.holt.api.HoltClosedException;
import io.holt.internal.checkpoint.ImageCatalog;
import io.holt.internal.checkpoint.SnapshotFrames;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.store.TreeEntry;
import io.holt.internal.tree.TreeState;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/** The frames of a snapshot that changed since an epoch. Threads: any. */
final class EngineImage implements CheckpointImage {

    private final Engine engine;
    private final SnapshotHandle handle;
    private final Map<String, TreeState> trees;
    private final int nextTreeId;
    private final long sinceEpoch;

    EngineImage(Engine engine, SnapshotHandle handle, Map<String, TreeState> trees, int nextTreeId, long sinceEpoch) {
        this.engine = engine;
        this.handle = handle;
        this.trees = trees;
        this.nextTreeId = nextTreeId;
        this.sinceEpoch = sinceEpoch;
    }

    @Override
    public long epoch() {
        return handle.epoch();
    }

    @Override
    public long sinceEpoch() {
        return sinceEpoch;
    }

    @Override
    public byte[] catalog() {
        return catalogOfNow().encode();
    }

    ImageCatalog catalogOfNow() {
        checkOpen();
        Map<String, TreeEntry> entries = new HashMap<>();
        trees.forEach((name, tree) -> entries.put(name, new TreeEntry(tree.treeId(), tree.rootBlobId(), 0)));
        return new ImageCatalog(handle.epoch(), nextTreeId, entries, handle.visible());
    }

    @Override
    public BitSet blobIds() {
        checkOpen();
        return handle.visible();
    }

    @Override
    public SnapshotFrames frames() {
        return frames(new BitSet());
    }

    @Override
    public SnapshotFrames frames(BitSet also) {
        checkOpen();
        Map<Integer, String> names = new HashMap<>();
        trees.forEach((name, tree) -> names.put(tree.treeId(), name));
        return new SnapshotFrames(engine.core(), handle, sinceEpoch, also, names);
    }

    private void checkOpen() {
        engine.checkOpen();
        if (handle.isClosed()) {
            throw new HoltClosedException("snapshot");
        }
    }
}
