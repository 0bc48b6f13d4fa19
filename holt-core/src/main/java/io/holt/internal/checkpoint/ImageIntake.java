package io.holt.internal.checkpoint;

import io.holt.api.FrameDigest;
import io.holt.api.ImageInstaller.FramePieces;
import io.holt.internal.art.ArtFrame;
import io.holt.internal.layout.FrameHeader;
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

    /** A frame that was taken; the digest is null if it has no records. */
    private record Taken(long epoch, int treeId, FrameDigest digest) {}

    private final ImageCatalog catalog;
    private final Target target;
    private final FrameReceiver receiver = new FrameReceiver();
    private final PieceReceiver pieceReceiver = new PieceReceiver(receiver);
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
        if (!counts(receiver.epoch())) {
            receiver.skipPages(in);
            return false;
        }
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
        accept(address);
        return true;
    }

    private void accept(long address) {
        int blobId = receiver.blobId();
        reachability.put(blobId, address);
        Taken frame = new Taken(FrameHeader.epoch(address), FrameHeader.treeId(address), BlockDigests.ofPages(address));
        target.accept(blobId, address);
        emptied.remove(blobId);
        taken.put(blobId, frame);
    }

    private boolean counts(long epoch) {
        Taken before = taken.get(receiver.blobId());
        return catalog.blobIds().get(receiver.blobId())
                && epoch <= catalog.epoch()
                && (before == null || before.epoch() < epoch);
    }

    /** Reads one frame as an earlier form and changes of it; answers whether it counts. */
    public boolean add(FramePieces pieces) throws IOException {
        long address = target.begin();
        boolean counts = false;
        try {
            pieceReceiver.readFrame(pieces, address);
            counts = counts(FrameHeader.epoch(address));
        } finally {
            if (!counts) {
                target.reject(address);
            }
        }
        if (counts) {
            accept(address);
        }
        return counts;
    }

    /** Reads one frame and takes it as one that has no records, and leads nowhere; answers whether it counts. */
    public boolean addEmptied(InputStream in) throws IOException {
        if (receiver.readHeader(in) != FrameReceiver.Next.FRAME) {
            throw new EOFException("the stream has no more frames");
        }
        if (!counts(receiver.epoch())) {
            receiver.skipPages(in);
            return false;
        }
        long address = target.begin();
        try {
            receiver.readFirstPage(in, address);
            receiver.skipOtherPages(in);
            acceptEmptied(address);
        } finally {
            target.reject(address);
        }
        return true;
    }

    /** As {@link #addEmptied(InputStream)}, of an earlier form and changes; of each the first page is read. */
    public boolean addEmptied(FramePieces pieces) throws IOException {
        long address = target.begin();
        try {
            pieceReceiver.readFirstPage(pieces, address);
            boolean counts = counts(FrameHeader.epoch(address));
            if (counts) {
                acceptEmptied(address);
            }
            return counts;
        } finally {
            target.reject(address);
        }
    }

    private void acceptEmptied(long address) {
        int blobId = receiver.blobId();
        byte[] path = PieceReceiver.pathOf(address);
        reachability.putEmpty(blobId, FrameHeader.treeId(address));
        Taken before = taken.put(blobId, new Taken(FrameHeader.epoch(address), FrameHeader.treeId(address), null));
        if (emptied.put(blobId, path) == null && before != null) {
            target.drop(blobId);
        }
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

    /** What is known of the frame of a blob; null if none was taken, or only without its records. */
    public FrameDigest digest(int blobId) {
        Taken frame = taken.get(blobId);
        return frame == null ? null : frame.digest();
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
