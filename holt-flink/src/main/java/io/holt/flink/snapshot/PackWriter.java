package io.holt.flink.snapshot;

import io.holt.api.CheckpointImage.FrameCursor;
import io.holt.api.FrameDigest;
import io.holt.flink.layout.StateKeyDescriptor;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.ref.SoftReference;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.state.CheckpointStateOutputStream;
import org.apache.flink.runtime.state.CheckpointStreamFactory;
import org.apache.flink.runtime.state.CheckpointedStateScope;
import org.apache.flink.runtime.state.StateUtil;
import org.apache.flink.runtime.state.StreamCompressionDecorator;
import org.apache.flink.runtime.state.StreamStateHandle;
import org.apache.flink.util.function.ThrowingConsumer;

/**
 * Writes frames into packs, one after the other, each closed when it is full. What it wrote is deleted when it is
 * closed without having been {@link #finish() finished}. For one thread.
 */
final class PackWriter implements AutoCloseable {

    private final CheckpointStreamFactory streams;
    private final CheckpointedStateScope scope;
    private final long packBytes;
    private final StreamCompressionDecorator compression;
    private final CloseableRegistry cancellation;
    private final LocalPacks localPacks;

    private final List<Pack> packs = new ArrayList<>();
    private final List<FramePlace> places = new ArrayList<>();

    /** The frames of the open pack. */
    private final List<Draft> drafts = new ArrayList<>();

    private CheckpointStateOutputStream out;
    private LocalPacks.Copy localCopy;
    private String packName;
    private boolean finished;

    /**
     * @param packBytes a pack is closed once it has so many bytes
     * @param localPacks where copies are kept, or null
     */
    PackWriter(
            CheckpointStreamFactory streams,
            CheckpointedStateScope scope,
            long packBytes,
            StreamCompressionDecorator compression,
            CloseableRegistry cancellation,
            LocalPacks localPacks) {
        this.streams = streams;
        this.scope = scope;
        this.packBytes = packBytes;
        this.compression = compression;
        this.cancellation = cancellation;
        this.localPacks = localPacks;
    }

    /** A frame whose newest piece is in a pack that has no handle yet. */
    private record Draft(FramePlace frame, long offset, int bytes) {
        FramePlace in(Pack pack) {
            return new FramePlace(
                    frame.blobId(),
                    frame.firstKeyGroup(),
                    frame.lastKeyGroup(),
                    frame.isValuePart(),
                    frame.pieces().and(pack, offset, bytes),
                    frame.digest());
        }
    }

    /**
     * Writes the cursor's frame as a whole.
     *
     * @param digest of the frame, or null if nothing builds on it
     */
    void writeWhole(FrameCursor frame, FrameDigest digest) throws IOException {
        write(frame, FramePieces.none(), digest, frame::writeTo);
    }

    /**
     * Writes what changed of the cursor's frame.
     *
     * @param pieces where the form of it is that these changes build on
     * @param since digest of that form, and {@code digest} of the present one
     */
    void writeChanges(FrameCursor frame, FramePieces pieces, FrameDigest since, FrameDigest digest) throws IOException {
        write(frame, pieces, digest, stream -> frame.writeChangesTo(since, stream));
    }

    private void write(
            FrameCursor frame,
            FramePieces pieces,
            FrameDigest digest,
            ThrowingConsumer<OutputStream, IOException> content)
            throws IOException {
        if (out == null) {
            open();
        }
        long offset = out.getPos();
        OutputStream target = localCopy == null ? out : localCopy.tee(out);
        try (OutputStream compressed = compression.decorateWithCompression(target)) {
            content.accept(compressed);
        }
        long end = out.getPos();
        FramePlace place = new FramePlace(
                frame.blobId(),
                StateKeyDescriptor.firstKeyGroup(frame.lowestPrefix()),
                StateKeyDescriptor.lastKeyGroup(frame.highestPrefix()),
                frame.isValuePart(),
                pieces,
                digest == null ? null : new SoftReference<>(digest));
        drafts.add(new Draft(place, offset, Math.toIntExact(end - offset)));
        if (end >= packBytes) {
            closePack();
        }
    }

    private void open() throws IOException {
        packName = "holt-" + UUID.randomUUID();
        out = streams.createCheckpointStateOutputStream(scope);
        cancellation.registerCloseable(out);
        localCopy = localPacks == null ? null : localPacks.begin(packName);
    }

    private void closePack() throws IOException {
        long bytes = out.getPos();
        if (!cancellation.unregisterCloseable(out)) {
            throw new IOException("the checkpoint was cancelled");
        }
        StreamStateHandle handle = out.closeAndGetHandle();
        out = null;
        if (handle == null) {
            throw new IOException("a pack of frames was written and its stream gave no handle");
        }
        Pack pack = new Pack(packName, handle, bytes);
        packs.add(pack);
        if (localCopy != null) {
            localCopy.keep();
            localCopy = null;
        }
        drafts.forEach(draft -> places.add(draft.in(pack)));
        drafts.clear();
    }

    /** Closes the last pack and answers where all frames are. The packs are the caller's to delete if it fails. */
    List<FramePlace> finish() throws IOException {
        if (out != null) {
            closePack();
        }
        finished = true;
        return places;
    }

    /** The packs written so far. */
    List<Pack> packs() {
        return packs;
    }

    @Override
    public void close() throws IOException {
        if (finished) {
            return;
        }
        if (localCopy != null) {
            localCopy.discard();
            localPacks.settle(List.of(packName));
        }
        if (localPacks != null) {
            localPacks.settle(packs.stream().map(Pack::name).toList());
        }
        discard(packs);
        if (out != null) {
            cancellation.unregisterCloseable(out);
            out.close();
        }
    }

    /** Deletes packs that no checkpoint uses. */
    static void discard(List<Pack> packs) {
        for (Pack pack : packs) {
            StateUtil.discardStateObjectQuietly(pack.handle());
        }
    }
}
