package io.holt.internal.checkpoint;

import io.holt.api.CheckpointImage;
import io.holt.api.FrameDigest;
import io.holt.internal.art.ArtFrame;
import io.holt.internal.art.FrameBounds;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.layout.PageEpochs;
import io.holt.internal.memory.Memory;
import io.holt.internal.snapshot.SnapshotHandle;
import io.holt.internal.tree.FrameCopy;
import io.holt.internal.tree.TreeCore;
import java.io.IOException;
import java.io.OutputStream;
import java.util.BitSet;
import java.util.Map;

/**
 * Goes over the frames that a snapshot sees and that changed after an epoch. They are copied, so writers go on: first
 * the header, then the pages that are asked for.
 *
 * <p>A frame whose last change, as noted, lies before that epoch is not even looked at; what a frame says itself, as
 * the snapshot sees it, counts.
 */
public final class SnapshotFrames implements CheckpointImage.FrameCursor {

    private static final int CHUNK_BYTES = 64 * 1024;
    private static final long ALL = -1;
    private static final long FIRST_PAGE = Long.MAX_VALUE;

    private final TreeCore core;
    private final FrameCopy copy;
    private final long sinceEpoch;
    private final BitSet also;
    private final Map<Integer, String> treeNames;
    private final BitSet blobIds;
    private final long image;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private int blobId;
    private BlockDigests digest;

    /** What {@link #changes} answered last, and to what. */
    private BitSet changes;

    private FrameDigest changesSince;

    /** Beside the first page, those that changed after this epoch are in the image; {@link #ALL} if all are. */
    private long copiedSince = ALL;

    /** Also while there is no frame. */
    private boolean sealed = true;

    private boolean closed;

    /**
     * Leases a slot for the copies, until it is closed.
     *
     * @param also blob ids of frames to be gone over too
     * @param treeNames of the snapshot, by tree id
     * @throws io.holt.api.MemoryBudgetException if there is none
     */
    public SnapshotFrames(
            TreeCore core, SnapshotHandle handle, long sinceEpoch, BitSet also, Map<Integer, String> treeNames) {
        this.core = core;
        this.copy = new FrameCopy(core, handle);
        this.sinceEpoch = sinceEpoch;
        this.also = (BitSet) also.clone();
        this.treeNames = treeNames;
        this.blobIds = handle.visible();
        this.image = core.buffers().lease("copying the frames of a snapshot");
    }

    @Override
    public boolean next() {
        checkOpen();
        digest = null;
        changesSince = null;
        sealed = true;
        copiedSince = ALL;
        for (int id = blobIds.nextSetBit(blobId + 1); id >= 0; id = blobIds.nextSetBit(id + 1)) {
            blobId = id;
            boolean asked = also.get(id);
            if ((asked || core.buffers().dirty().changeEpoch(id) > sinceEpoch)
                    && copy.copy(id, image, FIRST_PAGE)
                    && (asked || FrameHeader.epoch(image) > sinceEpoch)) {
                sealed = false;
                copiedSince = copy.isWhole() ? ALL : FIRST_PAGE;
                return true;
            }
        }
        blobId = Integer.MAX_VALUE - 1;
        return false;
    }

    /** Address of the sealed frame that {@link #next} found. */
    long image() {
        seal();
        return image;
    }

    /** Sees to it that the used pages are in the image which changed after an epoch. */
    private void copySince(long epoch) {
        if (copiedSince > epoch) {
            if (copy.copy(blobId, image, epoch)) {
                copiedSince = copy.isWhole() ? ALL : epoch;
            } else {
                becomeEmpty();
            }
        }
    }

    /** Sees to it that all of the frame is in the image, and sealed. */
    private void seal() {
        if (copiedSince != ALL) {
            sealed = false;
            copySince(ALL);
        }
        if (sealed) {
            return;
        }
        if (digest == null) {
            FrameImage.seal(image);
        } else {
            FrameImage.trim(image);
            digest.sealAgain(image);
        }
        sealed = true;
    }

    /** The frame was freed, for nothing leads to it; so whatever it holds, nobody reads it. */
    private void becomeEmpty() {
        long epoch = FrameHeader.epoch(image);
        int treeId = FrameHeader.treeId(image);
        if (isValuePart()) {
            FrameHeader.format(image, FrameHeader.KIND_VALUE, blobId, treeId, epoch);
        } else {
            ArtFrame.format(image, blobId, treeId, epoch, new byte[0], 0);
        }
        copiedSince = ALL;
        changesSince = null;
        if (digest != null) {
            FrameImage.seal(image);
            sealed = true;
            digest.forget();
        }
    }

    @Override
    public int blobId() {
        return blobId;
    }

    @Override
    public long epoch() {
        checkOpen();
        return FrameHeader.epoch(image);
    }

    @Override
    public String treeName() {
        checkOpen();
        return treeNames.getOrDefault(FrameHeader.treeId(image), "");
    }

    @Override
    public byte[] lowestPrefix() {
        checkOpen();
        if (digest != null) {
            return digest.lowestPrefix().clone();
        }
        seal();
        return FrameBounds.lowest(image);
    }

    @Override
    public byte[] highestPrefix() {
        checkOpen();
        if (digest != null) {
            return digest.highestPrefix().clone();
        }
        seal();
        return FrameBounds.highest(image);
    }

    @Override
    public boolean isValuePart() {
        checkOpen();
        return FrameHeader.kind(image) == FrameHeader.KIND_VALUE;
    }

    @Override
    public int bytes() {
        checkOpen();
        int unused = FrameRecordDescriptor.leafPage(image) - FrameHeader.innerEndPage(image);
        return FrameRecordDescriptor.HEADER_BYTES + (FrameHeader.PAGES - unused) * FrameHeader.PAGE_BYTES;
    }

    @Override
    public void writeTo(OutputStream out) throws IOException {
        checkOpen();
        seal();
        out.write(FrameRecordDescriptor.ofFrame(image));
        writePages(out, 0, FrameHeader.innerEndPage(image));
        writePages(out, FrameRecordDescriptor.leafPage(image), FrameHeader.PAGES);
    }

    @Override
    public FrameDigest digest(FrameDigest earlier) {
        checkOpen();
        if (digest == null) {
            BlockDigests before = earlier == null ? null : digests(earlier);
            if (sealed) {
                digest = BlockDigests.of(image);
            } else {
                copySince(before == null || Memory.CHECKED ? ALL : before.epoch());
                FrameImage.trim(image);
                digest = BlockDigests.seal(image, before);
                sealed = true;
            }
        }
        return digest;
    }

    @Override
    public int bytesOfChanges(FrameDigest since) {
        return ChangesRecordDescriptor.bytes(changes(since));
    }

    @Override
    public void writeChangesTo(FrameDigest since, OutputStream out) throws IOException {
        BitSet blocks = changes(since);
        if (!blocks.stream().allMatch(block -> isCopied(block / BlockDigests.BLOCKS_PER_PAGE))) {
            seal();
            blocks = changes(since);
        }
        out.write(ChangesRecordDescriptor.header(image, since.epoch(), blocks));
        for (int first = blocks.nextSetBit(0); first >= 0; ) {
            int end = blocks.nextClearBit(first);
            write(out, first * BlockDigests.BLOCK_BYTES, end * BlockDigests.BLOCK_BYTES);
            first = blocks.nextSetBit(end);
        }
    }

    private boolean isCopied(int page) {
        return page == 0 || PageEpochs.of(image, page) > copiedSince;
    }

    private BitSet changes(FrameDigest since) {
        if (changesSince != since) {
            BlockDigests before = digests(since);
            digest(since);
            changes = digest.changedSince(before);
            changesSince = since;
        }
        return changes;
    }

    private BlockDigests digests(FrameDigest earlier) {
        if (!(earlier instanceof BlockDigests before) || earlier.blobId() != blobId || earlier.epoch() > epoch()) {
            throw new IllegalArgumentException("the frame of blob " + blobId + " of epoch " + epoch()
                    + " has nothing to do with a digest of blob " + earlier.blobId() + " of epoch "
                    + earlier.epoch());
        }
        return before;
    }

    private void writePages(OutputStream out, int fromPage, int toPage) throws IOException {
        write(out, fromPage * FrameHeader.PAGE_BYTES, toPage * FrameHeader.PAGE_BYTES);
    }

    private void write(OutputStream out, int from, int end) throws IOException {
        int bytes;
        for (int at = from; at < end; at += bytes) {
            bytes = Math.min(CHUNK_BYTES, end - at);
            Memory.copyToArray(image + at, chunk, 0, bytes);
            out.write(chunk, 0, bytes);
        }
    }

    private void checkOpen() {
        if (closed) {
            throw new io.holt.api.HoltClosedException("cursor");
        }
        core.buffers().checkOpen();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            core.buffers().release(image);
        }
    }
}
