package io.holt.internal.checkpoint;

import io.holt.api.StoreFormatException;
import io.holt.internal.io.IoEngine;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.store.BlobBatch;
import io.holt.internal.store.FileBlobStore;
import io.holt.internal.store.Manifest;
import io.holt.internal.store.ManifestEdit;
import io.holt.internal.store.ManifestState;
import io.holt.internal.store.StoreDirectory;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;

/**
 * A database's files made of frames. For one thread.
 *
 * <p>Invariant I4: the manifest, without which a directory is no database, is written last, when all frames are
 * durable.
 */
public final class ImageDirectory implements ImageIntake.Target, AutoCloseable {

    private final IoEngine io;
    private final StoreDirectory directory;
    private final UUID storeId = UUID.randomUUID();
    private final FileBlobStore store;
    private final BlobBatch batch = new BlobBatch(1);
    private final Map<Integer, Integer> places = new HashMap<>();
    private final long buffer;
    private long bytes;
    private boolean finished;
    private boolean closed;

    private ImageDirectory(IoEngine io, StoreDirectory directory, long buffer) {
        this.io = io;
        this.directory = directory;
        this.buffer = buffer;
        this.store = FileBlobStore.open(io, directory.files(), ManifestState.empty(storeId));
    }

    /**
     * Locks a directory and begins.
     *
     * @param create whether a missing directory is made
     * @param buffer address of 512 KiB that frames are read to, for as long as this is open
     * @throws StoreFormatException if the directory holds a database, or anything else
     */
    public static ImageDirectory create(IoEngine io, Path path, boolean create, long buffer) {
        if (create) {
            io.createDirectories(path);
        }
        StoreDirectory directory = StoreDirectory.open(io, path, true);
        boolean made = false;
        try {
            if (directory.hasStore()) {
                throw new StoreFormatException(
                        path.toString(), "it holds a database already", "give an empty directory");
            }
            ImageDirectory result = new ImageDirectory(io, directory, buffer);
            made = true;
            return result;
        } finally {
            if (!made) {
                directory.close();
            }
        }
    }

    @Override
    public long begin() {
        return buffer;
    }

    @Override
    public void accept(int blobId, long address) {
        int place = store.allocate();
        batch.clear();
        batch.addWrite(place, address, FrameHeader.innerEndPage(address), FrameRecordDescriptor.leafPage(address));
        store.submit(batch);
        bytes += batch.bytes();
        Integer before = places.put(blobId, place);
        if (before != null) {
            store.free(before);
        }
    }

    @Override
    public void reject(long address) {
        // The buffer serves for the next frame.
    }

    @Override
    public void drop(int blobId) {
        Integer place = places.remove(blobId);
        if (place != null) {
            store.free(place);
        }
    }

    /** Bytes written so far. */
    public long bytes() {
        return bytes;
    }

    /** Makes everything durable, then the directory a database. */
    public void finish(ImageCatalog catalog, BitSet blobIds) {
        store.sync();
        ManifestEdit edit = new ManifestEdit()
                .epoch(catalog.epoch())
                .nextBlobId(Math.max(1, blobIds.length()))
                .nextTreeId(catalog.nextTreeId());
        catalog.trees().forEach(edit::putTree);
        blobIds.stream().forEach(blobId -> edit.place(blobId, places.get(blobId)));
        Manifest.create(io, directory.files(), storeId, edit).close();
        finished = true;
    }

    /** Lets the directory go; one that was not finished is left empty. Idempotent. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            store.close();
            if (!finished) {
                if (io.delete(directory.files().manifest())) {
                    // Or else a manifest could come back without the data that it names.
                    io.syncDirectory(directory.files().directory());
                }
                io.delete(directory.files().data());
                io.syncDirectory(directory.files().directory());
            }
        } finally {
            directory.close();
        }
    }
}
