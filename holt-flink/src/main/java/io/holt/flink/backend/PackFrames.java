package io.holt.flink.backend;

import io.holt.api.FrameSource;
import io.holt.flink.snapshot.FramePiece;
import io.holt.flink.snapshot.FramePlace;
import io.holt.flink.snapshot.LocalPacks;
import io.holt.flink.snapshot.Pack;
import io.holt.flink.snapshot.UploadedImage;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.flink.core.fs.CloseableRegistry;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.apache.flink.runtime.state.StreamCompressionDecorator;
import org.apache.flink.util.IOUtils;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The frames of a checkpoint out of its packs, whenever one is asked for. Those that are read in turn have streams of
 * their own, so that they are read from the beginning of each pack to its end whatever else is asked for. Threads: any.
 */
final class PackFrames implements FrameSource, Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(PackFrames.class);

    /** Streams open at a time, in turn and out of turn. */
    private static final int MAX_OPEN_IN_TURN = 24;

    private static final int MAX_OPEN_OUT_OF_TURN = 8;

    private final UploadedImage image;
    private final KeyGroupRange wanted;
    private final StreamCompressionDecorator compression;
    private final String checkpoint;
    private final Path copies;
    private final CloseableRegistry streams = new CloseableRegistry();
    private final PackStreams inTurn;
    private final PackStreams outOfTurn;

    /** Held while a frame is read out of turn. */
    private final ReentrantLock reading = new ReentrantLock();

    private volatile boolean closed;

    private PackFrames(
            UploadedImage image,
            KeyGroupRange wanted,
            StreamCompressionDecorator compression,
            String checkpoint,
            Path copies,
            Path directory,
            LocalPacks localPacks) {
        this.image = image;
        this.wanted = wanted;
        this.compression = compression;
        this.checkpoint = checkpoint;
        this.copies = copies;
        this.inTurn = new PackStreams(directory, localPacks, streams, MAX_OPEN_IN_TURN);
        this.outOfTurn = new PackStreams(directory, null, streams, MAX_OPEN_OUT_OF_TURN);
    }

    /**
     * Finds all packs that are needed.
     *
     * @param wanted key groups without which nothing is read
     * @param checkpoint its name for messages
     * @param directory where copies of the packs are, or null if they are read from where they are kept
     * @param localPacks where copies of them are to be kept from now on, or null
     * @throws IOException if one can't be opened
     */
    static PackFrames open(
            UploadedImage image,
            KeyGroupRange wanted,
            StreamCompressionDecorator compression,
            String checkpoint,
            Path directory,
            LocalPacks localPacks)
            throws IOException {
        if (directory != null && localPacks != null) {
            // The directory is that of an earlier backend, and may go with it.
            for (Pack pack : image.packs()) {
                localPacks.adopt(directory.resolve(pack.name()));
            }
            return opened(
                    new PackFrames(image, wanted, compression, checkpoint, directory, localPacks.directory(), null));
        }
        return opened(new PackFrames(image, wanted, compression, checkpoint, directory, directory, localPacks));
    }

    private static PackFrames opened(PackFrames frames) throws IOException {
        boolean opened = false;
        try {
            frames.openAll();
            opened = true;
            return frames;
        } finally {
            if (!opened) {
                frames.close();
            }
        }
    }

    private void openAll() throws IOException {
        Map<Pack, FramePiece> packs = new LinkedHashMap<>();
        for (FramePlace frame : image.frames()) {
            if (frame.mayBelongTo(wanted)) {
                frame.pieces().forEach(piece -> packs.putIfAbsent(piece.pack(), piece));
            }
        }
        for (FramePiece piece : packs.values()) {
            try {
                outOfTurn.open(piece);
            } catch (IOException e) {
                throw new IOException(
                        "the pack of frames " + piece.pack().name() + " of " + checkpoint + " can't be opened: "
                                + e.getMessage() + "; restore an older checkpoint",
                        e);
            }
        }
    }

    @Override
    public int[] blobIds() {
        // A pack has its pieces in order of blob ids.
        return image.frames().stream().mapToInt(FramePlace::blobId).sorted().toArray();
    }

    @Override
    public Want want(int blobId) {
        FramePlace frame = image.frame(blobId);
        if (frame.isValuePart()) {
            return Want.VALUE_PART;
        }
        return frame.mayBelongTo(wanted) ? Want.RECORDS : Want.NOTHING;
    }

    @Override
    public Reading open(int blobId, boolean isInTurn) {
        if (isInTurn) {
            return new FrameReading(inTurn, compression).of(image.frame(blobId));
        }
        reading.lock();
        return new OutOfTurn(new FrameReading(outOfTurn, compression).of(image.frame(blobId)));
    }

    /** Lets the next one read when it is closed. */
    private final class OutOfTurn implements Reading {
        private final FrameReading frame;

        OutOfTurn(FrameReading frame) {
            this.frame = frame;
        }

        @Override
        public InputStream next() throws IOException {
            return frame.next();
        }

        @Override
        public void close() throws IOException {
            try {
                frame.close();
            } finally {
                reading.unlock();
            }
        }
    }

    @Override
    public String describe(int blobId) {
        return HeldImage.packsOf(image.frame(blobId)) + " of " + checkpoint;
    }

    /** The task fails. Without the copies its next attempt reads what they are of; with them it would fail again. */
    @Override
    public void unreadable(int blobId) {
        if (copies == null || closed) {
            return;
        }
        LOG.warn("The local copies {} of packs can't be read, and are deleted.", copies);
        for (Pack pack : image.packs()) {
            try {
                Files.deleteIfExists(copies.resolve(pack.name()));
            } catch (IOException e) {
                LOG.warn("The local copy {} in {} can't be deleted.", pack.name(), copies, e);
            }
        }
    }

    /** Packs of which all frames were read out of turn have no copies yet; without all no later checkpoint has any. */
    @Override
    public void allRead() {
        try {
            inTurn.keepAll(image.packs());
        } catch (IOException e) {
            if (!closed) {
                LOG.warn("Not all packs of {} can be copied, so the next restart may read them again.", checkpoint, e);
            }
        }
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
        IOUtils.closeQuietly(streams);
    }
}
