package io.holt.internal.store;

import io.holt.api.HoltIoException;
import io.holt.api.MemoryBudget;
import io.holt.api.StoreFormatException;
import io.holt.internal.io.Caching;
import io.holt.internal.io.HeapTransfer;
import io.holt.internal.io.IoEngine;
import io.holt.internal.io.IoFile;
import io.holt.internal.io.OpenMode;
import java.util.Map;
import java.util.UUID;

/**
 * The file that says where everything lies. A checkpoint becomes visible by one record of it, or by the new name of a
 * file written afresh when the records have outgrown the state.
 *
 * <p>Invariants:
 * <ul>
 *   <li>I4: {@link #publish} is visible entirely or not at all, and when it returns it is durable;
 *   <li>a record is appended only where the file ends cleanly: after a crash the file is written afresh;
 *   <li>after a failed write or sync nothing is written to it any more.
 * </ul>
 *
 * <p>Threads: {@link #publish} by one at a time; see {@link ManifestState} for reading.
 */
public final class Manifest implements AutoCloseable {

    /** Records may take this much more than twice the state before the file is written afresh. */
    private static final long SLACK_BYTES = 64 * 1024;

    private final IoEngine engine;
    private final StoreFiles files;
    private ManifestState state;
    private IoFile file;

    /** Where the next record goes. */
    private long end;

    /** The first failure, after which nothing is written. */
    private HoltIoException failure;

    private Manifest(IoEngine engine, StoreFiles files, ManifestState state) {
        this.engine = engine;
        this.files = files;
        this.state = state;
    }

    /**
     * Makes the manifest of a new, empty store, durable when this returns.
     *
     * @throws HoltIoException if that failed; the directory still holds no store, or holds an empty one
     */
    public static Manifest create(IoEngine engine, StoreFiles files, UUID storeId) {
        Manifest manifest = new Manifest(engine, files, new ManifestState(storeId));
        manifest.rewrite(manifest.state);
        return manifest;
    }

    /**
     * Makes the manifest of a new store that has a first checkpoint; durable when this returns. The data that it names
     * must be durable before.
     *
     * @throws HoltIoException if that failed; the directory still holds no store, or holds this one
     * @throws IllegalArgumentException if the edit contradicts itself; nothing was written
     */
    public static Manifest create(IoEngine engine, StoreFiles files, UUID storeId, ManifestEdit first) {
        Manifest manifest = new Manifest(engine, files, new ManifestState(storeId));
        manifest.check(first);
        manifest.state.apply(first);
        manifest.rewrite(manifest.state);
        return manifest;
    }

    /**
     * Loads the manifest of a store to go on with it.
     *
     * @throws StoreFormatException if the file is missing, is no manifest, or is of a newer format
     * @throws io.holt.api.CorruptDataException if it is damaged
     */
    public static Manifest open(IoEngine engine, StoreFiles files) {
        ManifestDecoder.Loaded loaded = load(engine, files);
        Manifest manifest = new Manifest(engine, files, loaded.state());
        if (loaded.clean()) {
            manifest.file = engine.open(files.manifest(), OpenMode.WRITE, Caching.CACHED);
            manifest.end = loaded.end();
            // What was read may have been in the page cache only, and so may the file's name.
            manifest.guarded(() -> {
                manifest.file.sync();
                engine.syncDirectory(files.directory());
            });
        } else {
            manifest.rewrite(manifest.state);
        }
        return manifest;
    }

    /** Loads the manifest of a store and changes nothing; errors as {@link #open}. */
    public static ManifestState read(IoEngine engine, StoreFiles files) {
        return load(engine, files).state();
    }

    private static ManifestDecoder.Loaded load(IoEngine engine, StoreFiles files) {
        String path = files.manifest().toString();
        if (!engine.exists(files.manifest())) {
            throw new StoreFormatException(path, "there is no such file", "give the directory of a database");
        }
        try (IoFile file = engine.open(files.manifest(), OpenMode.READ, Caching.CACHED)) {
            long size = file.size();
            if (size > Integer.MAX_VALUE - Long.BYTES) {
                throw new StoreFormatException(
                        path, "it has " + size + " bytes, no manifest is that large", "restore the file from a backup");
            }
            byte[] bytes = new byte[(int) size];
            HeapTransfer.read(file, 0, bytes, 0, bytes.length);
            return ManifestDecoder.decode(bytes, path, MemoryBudget.FRAME_BYTES);
        }
    }

    /** What the newest published checkpoint says. */
    public ManifestState state() {
        return state;
    }

    /**
     * Makes the next checkpoint: all of the edit, or nothing of it. The data that it names must be durable before.
     *
     * @return the number of the checkpoint
     * @throws HoltIoException if a write or sync failed, now or before: whether a checkpoint whose publishing failed
     *     is visible is seen when the store is opened again; {@link #state} is that of the one before
     * @throws IllegalArgumentException if the edit contradicts the state; nothing was changed
     */
    public long publish(ManifestEdit edit) {
        checkNotFailed();
        check(edit);
        ManifestState after = scalarsAfter(edit);
        byte[] delta = ManifestEncoder.delta(edit, after, end);
        if (end + delta.length > SLACK_BYTES + 2 * fullBytes()) {
            ManifestState next = state.copy();
            next.apply(edit);
            rewrite(next);
            state = next;
        } else {
            append(delta, after.checkpoint());
            state.apply(edit);
        }
        return state.checkpoint();
    }

    private ManifestState scalarsAfter(ManifestEdit edit) {
        ManifestState after = new ManifestState(state.storeId());
        after.restore(
                state.checkpoint() + 1,
                edit.epoch == null ? state.epoch() : edit.epoch,
                edit.replayLsn == null ? state.replayLsn() : edit.replayLsn,
                edit.logged == null ? state.logged() : edit.logged,
                edit.nextBlobId == null ? state.nextBlobId() : edit.nextBlobId,
                edit.nextTreeId == null ? state.nextTreeId() : edit.nextTreeId);
        return after;
    }

    private void check(ManifestEdit edit) {
        int blobIds = edit.nextBlobId == null ? state.nextBlobId() : edit.nextBlobId;
        if (blobIds < state.nextBlobId()) {
            throw new IllegalArgumentException("next blob id falls from " + state.nextBlobId() + " to " + blobIds);
        }
        for (int i = 0; i < edit.placeCount(); i++) {
            if (edit.blobId(i) < 1 || edit.blobId(i) >= blobIds) {
                throw new IllegalArgumentException(
                        "blob id " + edit.blobId(i) + " was never given out: the next one is " + blobIds);
            }
        }
        for (Map.Entry<String, TreeEntry> tree : edit.trees.entrySet()) {
            TreeEntry entry = tree.getValue();
            if (entry != null && (entry.rootBlobId() < 1 || entry.rootBlobId() >= blobIds)) {
                throw new IllegalArgumentException("tree " + tree.getKey() + " has root blob " + entry.rootBlobId());
            }
        }
    }

    private long fullBytes() {
        return ManifestDescriptor.BODY_OFFSET
                + (long) state.trees().size() * 2 * ManifestDescriptor.TREE_NAME_OFFSET
                + (long) state.placesLength() * ManifestDescriptor.FULL_PLACE_BYTES;
    }

    private void append(byte[] delta, long checkpoint) {
        guarded(() -> {
            HeapTransfer.write(file, end, delta, 0, delta.length);
            file.sync();
            byte[] seal = ManifestEncoder.seal(checkpoint, end + delta.length);
            HeapTransfer.write(file, end + delta.length, seal, 0, seal.length);
            // Before places are freed and the log is cut the seal must be there, or damage could pass for a crash.
            file.sync();
            end += delta.length + seal.length;
        });
    }

    private void rewrite(ManifestState content) {
        byte[] header = ManifestEncoder.fileHeader(content.storeId(), MemoryBudget.FRAME_BYTES);
        byte[] full = ManifestEncoder.full(content, header.length);
        byte[] seal = ManifestEncoder.seal(content.checkpoint(), header.length + (long) full.length);
        guarded(() -> {
            engine.delete(files.newManifest());
            IoFile fresh = engine.open(files.newManifest(), OpenMode.CREATE_NEW, Caching.CACHED);
            try {
                HeapTransfer.write(fresh, 0, header, 0, header.length);
                HeapTransfer.write(fresh, header.length, full, 0, full.length);
                HeapTransfer.write(fresh, header.length + (long) full.length, seal, 0, seal.length);
                fresh.sync();
                engine.rename(files.newManifest(), files.manifest());
                engine.syncDirectory(files.directory());
            } finally {
                fresh.close();
            }
            if (file != null) {
                file.close();
            }
            file = engine.open(files.manifest(), OpenMode.WRITE, Caching.CACHED);
            end = header.length + (long) full.length + seal.length;
        });
    }

    private void guarded(Runnable writing) {
        try {
            writing.run();
        } catch (HoltIoException e) {
            failure = e;
            throw e;
        }
    }

    private void checkNotFailed() {
        if (failure != null) {
            throw new HoltIoException(
                    files.manifest()
                            + " is not written any more since a write or sync of it failed; open the database again",
                    failure);
        }
    }

    /** Idempotent. */
    @Override
    public void close() {
        if (file != null) {
            file.close();
        }
    }
}
