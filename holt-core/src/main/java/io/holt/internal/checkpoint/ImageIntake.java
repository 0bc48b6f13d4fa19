package io.holt.internal.checkpoint;

import io.holt.internal.art.ArtFrame;
import io.holt.internal.layout.FrameHeader;
import io.holt.internal.memory.Memory;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;

/**
 * Collects the frames of an image: of each blob the newest that is no newer than the image, and in the end only what
 * the trees lead to. For one thread.
 *
 * <p>Invariants: I6, no frame is taken that does not match its checksums; what {@link #complete} leaves is whole.
 */
public final class ImageIntake {

    /** Where frames go. */
    public interface Target {

        /** Address of 512 KiB to read a frame to; {@link #accept} or {@link #reject} follows. */
        long begin();

        /** Takes the frame at that address, which is sealed, instead of an older one of this blob. */
        void accept(int blobId, long address);

        /** Nothing was read after all. */
        void reject(long address);

        /** Forgets the frame of a blob that was accepted. */
        void drop(int blobId);
    }

    /** A frame that was taken. */
    private record Taken(long epoch, int treeId) {}

    private final ImageCatalog catalog;
    private final Target target;
    private final FrameReceiver receiver = new FrameReceiver();
    private final Map<Integer, Taken> taken = new HashMap<>();

    /** Of the frames that were taken without their records: the paths to their roots. */
    private final Map<Integer, byte[]> emptied = new HashMap<>();

    private final Reachability reachability = new Reachability();

    public ImageIntake(ImageCatalog catalog, Target target) {
        this.catalog = catalog;
        this.target = target;
    }

    /** Reads one frame; answers whether it counts. */
    public boolean add(InputStream in) throws IOException {
        if (receiver.readHeader(in) != FrameReceiver.Next.FRAME) {
            throw new EOFException("the stream has no more frames");
        }
        return addRead(in);
    }

    /** Reads frames up to the end of the stream; answers how many count. */
    public int addAll(InputStream in) throws IOException {
        int count = 0;
        FrameReceiver.Next next = receiver.readHeader(in);
        for (; next == FrameReceiver.Next.FRAME; next = receiver.readHeader(in)) {
            count += addRead(in) ? 1 : 0;
        }
        return count;
    }

    /**
     * Reads frames up to the end of an image.
     *
     * @throws EOFException if the stream ends before
     */
    public void addImage(InputStream in) throws IOException {
        long frames = 0;
        FrameReceiver.Next next = receiver.readHeader(in);
        for (; next == FrameReceiver.Next.FRAME; next = receiver.readHeader(in)) {
            addRead(in);
            frames++;
        }
        if (next == FrameReceiver.Next.END_OF_STREAM) {
            throw new EOFException("the stream ends before the image does, after " + frames + " frames");
        }
        if (receiver.epoch() != frames) {
            throw FrameReceiver.damaged(
                    0, "it has " + frames + " frames, and its end says " + receiver.epoch() + " of them");
        }
    }

    private boolean addRead(InputStream in) throws IOException {
        if (!counts()) {
            receiver.skipPages(in);
            return false;
        }
        int blobId = receiver.blobId();
        long address = target.begin();
        boolean read = false;
        try {
            receiver.readPages(in, address);
            read = true;
        } finally {
            if (!read) {
                target.reject(address);
            }
        }
        reachability.put(blobId, address);
        Taken frame = new Taken(receiver.epoch(), FrameHeader.treeId(address));
        target.accept(blobId, address);
        emptied.remove(blobId);
        taken.put(blobId, frame);
        return true;
    }

    private boolean counts() {
        Taken before = taken.get(receiver.blobId());
        return catalog.blobIds().get(receiver.blobId())
                && receiver.epoch() <= catalog.epoch()
                && (before == null || before.epoch() < receiver.epoch());
    }

    /** Reads one frame and takes it as one that has no records, and leads nowhere; answers whether it counts. */
    public boolean addEmptied(InputStream in) throws IOException {
        if (receiver.readHeader(in) != FrameReceiver.Next.FRAME) {
            throw new EOFException("the stream has no more frames");
        }
        if (!counts()) {
            receiver.skipPages(in);
            return false;
        }
        int blobId = receiver.blobId();
        long address = target.begin();
        try {
            receiver.readFirstPage(in, address);
            if (FrameHeader.kind(address) == FrameHeader.KIND_VALUE) {
                throw new IllegalArgumentException(
                        "blob " + blobId + " is a part of a value; leave out the frame that names it");
            }
            byte[] path = new byte[FrameHeader.rootDepth(address)];
            Memory.copyToArray(FrameHeader.basePath(address), path, 0, FrameHeader.basePathBytes(address));
            reachability.putEmpty(blobId, FrameHeader.treeId(address));
            Taken before = taken.put(blobId, new Taken(receiver.epoch(), FrameHeader.treeId(address)));
            if (emptied.put(blobId, path) == null && before != null) {
                target.drop(blobId);
            }
        } finally {
            target.reject(address);
        }
        return true;
    }

    /**
     * Sees to it that the target has exactly the frames that the trees lead to.
     *
     * @return their blob ids
     * @throws io.holt.api.CorruptDataException if one is missing, or belongs to another tree than what leads to it
     */
    public BitSet complete() {
        BitSet reached = reachability.from(catalog.trees());
        taken.forEach((blobId, frame) -> {
            boolean hasRecords = !emptied.containsKey(blobId);
            if (hasRecords && !reached.get(blobId)) {
                target.drop(blobId);
            } else if (!hasRecords && reached.get(blobId)) {
                putEmpty(blobId, frame);
            }
        });
        return reached;
    }

    /** Epoch of the frame of a blob that {@link #complete} named. */
    public long epochOf(int blobId) {
        return taken.get(blobId).epoch();
    }

    private void putEmpty(int blobId, Taken frame) {
        long address = target.begin();
        byte[] path = emptied.get(blobId);
        ArtFrame.format(address, blobId, frame.treeId(), frame.epoch(), path, path.length);
        FrameImage.seal(address);
        target.accept(blobId, address);
    }
}
